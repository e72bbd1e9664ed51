using System.Text.Json.Nodes;
using Latchkey.Scenarios.Capabilities;

namespace Latchkey.Scenarios;

/// <summary>A page in Firefox with the extension, the native host, and the Authenticator on the same computer.</summary>
[Covers(Way.ThisDeviceByExtension, Browser.Firefox, Platform.Linux)]
public sealed class FirefoxExtensionScenarios(FirefoxProduct product) : ScenarioOn<FirefoxProduct>(product)
{
    [Fact]
    public async Task A_passkey_is_saved_and_signs_in()
    {
        var page = await Product.Firefox.OpenAsync(Product.Page.At("fox.localhost"));

        var created = await AskAsync(page, "create()", "Save");
        Assert.True((bool)created["own"]!, created.ToJsonString());
        Assert.Equal("platform", (string?)created["json"]!["authenticatorAttachment"]);

        var signedIn = await AskAsync(page, $"get({{ allowCredentials: known('{(string)created["id"]!}') }})", "Continue");
        Assert.Equal((string?)created["id"], (string?)signedIn["id"]);
        Assert.NotNull((string?)signedIn["json"]!["response"]!["signature"]);
    }

    [Fact]
    public async Task A_no_in_the_Authenticators_window_is_a_no_to_the_page()
    {
        var page = await Product.Firefox.OpenAsync(Product.Page.At("no.localhost"));

        await BeginAsync(page, "create()");
        var window = await GoOnAsync(page);
        await window.SeeAsync("no.localhost");
        await window.PressAsync("Cancel");

        Assert.Equal("NotAllowedError", (string?)(await AnswerAsync(page))["error"]);
        await Eventually.TrueAsync("the window closed", async () => !await Product.Firefox.ShowsAsync(window));
    }

    [Fact]
    public async Task A_no_to_the_extensions_question_is_a_no_to_the_page()
    {
        var page = await Product.Firefox.OpenAsync(Product.Page.At("never.localhost"));

        await BeginAsync(page, "create()");
        await SeeQuestionAsync(page);
        var sheet = await page.SheetAsync();
        await sheet.UntilAsync("document.activeElement?.className === 'first'", "the question has the focus");
        await sheet.TypeAsync(FirefoxPage.Escape);

        Assert.Equal("NotAllowedError", (string?)(await AnswerAsync(page))["error"]);
    }

    [Fact]
    public async Task A_page_opens_no_list_by_itself_and_finds_no_name_in_the_one_a_person_opened()
    {
        var page = await Product.Firefox.OpenAsync(Product.Page.At("list.localhost"));
        Assert.True((bool)(await AskAsync(page, "create()", "Save"))["own"]!);
        await BeginAsync(page, "get({}, { mediation: 'conditional' })");

        // what a script can do
        await page.EvaluateAsync("""
            (async () => {
              const field = document.getElementById('name');
              field.focus(); field.click();
              for (const type of ['keydown', 'keyup']) for (const key of ['Tab', 'ArrowDown']) field.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true, composed: true }));
              await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable();
              await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
            })()
            """);
        Assert.True((bool)(await page.EvaluateAsync("document.documentElement.lastElementChild === document.body"))!);

        // what a person does, and what the page finds then
        await page.TypeAsync(FirefoxPage.ArrowDown);
        var list = await page.SheetAsync();
        await list.SeeAsync("ada@example.org");
        Assert.Equal("false,false,,null", (string?)await page.EvaluateAsync("['ada@', 'Latchkey'].map(text => window.find(text, false, false, true)).concat(String(getSelection()), String(document.documentElement.lastElementChild.shadowRoot)).join()"));
        // its search does not go into another origin's frame
        Assert.Equal("SecurityError", (string?)await page.EvaluateAsync("(() => { try { return window.find('ada@', false, false, true, false, true); } catch (error) { return error.name; } })()"));
    }

    [Fact]
    public async Task The_portal_hears_that_this_browser_has_a_place_for_passkeys()
    {
        var portal = await Product.Firefox.OpenAsync(new Uri(Product.Portal, "security-info").AbsoluteUri);

        Assert.True((bool)(await portal.EvaluateAsync("PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()"))!);
    }

    private async Task<JsonObject> AskAsync(FirefoxPage page, string call, string button)
    {
        await BeginAsync(page, call);
        var window = await GoOnAsync(page);
        await window.FillAsync("PIN", AuthenticatorWindow.Pin);
        await window.PressAsync(button);
        return await AnswerAsync(page);
    }

    private static async Task BeginAsync(FirefoxPage page, string call) =>
        await page.EvaluateAsync($"(window.answer = null, tell({call}).then(answer => {{ window.answer = answer; }}), true)");

    private static async Task<JsonObject> AnswerAsync(FirefoxPage page)
    {
        await page.UntilAsync("window.answer", "the page has its answer");
        return (await page.EvaluateAsync("window.answer"))!.AsObject();
    }

    /// <summary>What stands over the page is in a closed shadow root: the page sees that something there has the focus, and no more.</summary>
    private static Task SeeQuestionAsync(FirefoxPage page) =>
        page.UntilAsync("document.activeElement === document.documentElement.lastElementChild && document.activeElement !== document.body", "the extension asks");

    private async Task<FirefoxPage> GoOnAsync(FirefoxPage page)
    {
        await SeeQuestionAsync(page);
        var sheet = await page.SheetAsync();
        await sheet.UntilAsync("document.activeElement?.ariaDisabled === 'false'", "a press counts");
        return await Product.Firefox.PageOpenedByAsync(() => sheet.TypeAsync(FirefoxPage.Enter));
    }
}

/// <summary>The product with a Firefox that has the extension, an Authenticator with its PIN set and unlocked, and a page that asks.</summary>
public sealed class FirefoxProduct : Product
{
    private readonly List<IAsyncDisposable> _parts = [];

    internal FirefoxBrowser Firefox { get; private set; } = null!;

    internal ExtensionPage Page { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        var data = NewDirectory("authenticator");
        var authenticator = Running.Start("Latchkey.AuthenticatorApp", null, new Dictionary<string, string>(), "--data", data, "--port", "0", "--server", Portal.ToString(), "--no-browser");
        _parts.Add(authenticator);
        var window = await NewPageAsync();
        await window.GotoAsync(await authenticator.LineAsync("Listening on "));
        await AuthenticatorWindow.SetPinAsync(window);
        await window.CloseAsync();
        _parts.Add(Page = await ExtensionPage.StartAsync());

        var home = Directory.CreateDirectory(NewDirectory("home"));
        ExtensionStage.InstallNativeHost(this, home, data, home.CreateSubdirectory(Path.Combine(".mozilla", "native-messaging-hosts")), "allowed_extensions", "authenticator@latchkey.org");
        _parts.Add(Firefox = await FirefoxBrowser.StartAsync(home));
        await Firefox.InstallAsync(ExtensionStage.FolderFor("firefox"));
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts)) await part.DisposeAsync();
        await base.DisposeAsync();
    }
}
