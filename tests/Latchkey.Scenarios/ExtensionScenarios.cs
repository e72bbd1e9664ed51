using System.Security.Cryptography;
using System.Text.Json;
using Latchkey.Protocol;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>A page in a browser with the extension, the native host, and the Authenticator on the same computer.</summary>
[Covers(Way.ThisDeviceByExtension, Browser.Chromium, Platform.Linux)]
public sealed partial class ExtensionScenarios(ExtensionProduct product) : ScenarioOn<ExtensionProduct>(product)
{
    private ExtensionStage Stage => Product.Stage;

    [Fact]
    public async Task A_passkey_is_saved_and_signs_in_and_the_page_cannot_tell_it_from_the_browsers_own()
    {
        var page = await Stage.OpenAsync(Product.Page.At("look.localhost"));
        var creating = page.EvaluateAsync<JsonElement>("""
            () => create().then(credential => {
              window.made = credential;
              const response = credential.response;
              const own = Object.getOwnPropertyDescriptor(credential, 'rawId');
              return {
                looks: [
                  credential instanceof PublicKeyCredential, response instanceof AuthenticatorAttestationResponse, String(credential), typeof own.get,
                  credential.rawId === credential.rawId, credential.rawId instanceof ArrayBuffer, credential.type, credential.authenticatorAttachment,
                  JSON.stringify(credential.getClientExtensionResults()), response.getPublicKeyAlgorithm(), JSON.stringify(credential) === JSON.stringify(credential.toJSON()),
                  navigator.credentials.create.name, navigator.credentials.create.length,
                ].join(),
                json: credential.toJSON(),
                spki: btoa(String.fromCharCode(...new Uint8Array(response.getPublicKey()))),
                data: btoa(String.fromCharCode(...new Uint8Array(response.getAuthenticatorData()))),
              };
            })
            """);
        await ExtensionStage.SeeAsync(page, "dialog", "Save a passkey in Latchkey Authenticator?");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        await ExtensionStage.PictureAsync(page, "extension-prompt");
        var window = await Stage.GoOnAsync(page);
        await ExtensionStage.SeeAsync(page, "heading", "Enter your PIN in the Authenticator", focused: true);
        await Expect(window.GetByText("look.localhost").First).ToBeVisibleAsync();
        await ExtensionStage.PictureAsync(window, "extension-pin");
        await AuthenticatorWindow.GiveGestureAsync(window, "Save");

        var created = await creating;
        Assert.Equal("true,true,[object PublicKeyCredential],function,true,true,public-key,platform,{},-7,true,create,0", created.GetProperty("looks").GetString());
        var registration = created.GetProperty("json");
        Assert.Equal(["clientDataJSON", "authenticatorData", "transports", "publicKey", "publicKeyAlgorithm", "attestationObject"], registration.GetProperty("response").EnumerateObject().Select(member => member.Name).Where(name => name[0] != '$'));
        using var clientData = JsonDocument.Parse(Bytes(registration.GetProperty("response"), "clientDataJSON"));
        Assert.Equal((Product.Page.At("look.localhost").TrimEnd('/'), "webauthn.create", false), (
            clientData.RootElement.GetProperty("origin").GetString(), clientData.RootElement.GetProperty("type").GetString(), clientData.RootElement.GetProperty("crossOrigin").GetBoolean()));

        // the answer to a sign-in is signed by the key the page was given
        var id = registration.GetProperty("id").GetString()!;
        var answer = await SignInAsync(page, $"get({{ allowCredentials: known('{id}') }})");
        var response = answer.GetProperty("json").GetProperty("response");
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(created.GetProperty("spki").GetBytesFromBase64(), out _);
        byte[] signed = [.. Bytes(response, "authenticatorData"), .. SHA256.HashData(Bytes(response, "clientDataJSON"))];
        Assert.True(key.VerifyData(signed, Bytes(response, "signature"), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.True(await page.EvaluateAsync<bool>("() => navigator.credentials.get.toString().length > 0 && made.response.attestationObject.byteLength > 100"));
    }

    [Fact]
    public async Task The_accounts_are_offered_at_the_name_field_and_the_one_that_is_chosen_signs_in()
    {
        var page = await Stage.OpenAsync(Product.Page.At("field.localhost"));
        var ada = Id(await SaveAsync(page, "create({ user: { id: random(16), name: 'ada@example.org', displayName: 'Ada Lovelace' } })"));
        await SaveAsync(page, "create({ user: { id: random(16), name: 'grace@example.org', displayName: 'Grace Hopper' } })");

        var aborted = page.EvaluateAsync<JsonElement>("() => { window.controller = new AbortController(); return tell(get({}, { mediation: 'conditional', signal: controller.signal })); }");
        await page.GetByLabel("Name").ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "ada@example.org Ada Lovelace");
        await page.EvaluateAsync("() => controller.abort()");
        Assert.Equal("AbortError", (await aborted).GetProperty("error").GetString());

        await page.GetByLabel("Name").BlurAsync();
        var signingIn = page.EvaluateAsync<JsonElement>("() => tell(get({}, { mediation: 'conditional' }))");
        await page.GetByLabel("Name").ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "ada@example.org Ada Lovelace");
        await ExtensionStage.SeeAsync(page, "button", "grace@example.org Grace Hopper");
        await ExtensionStage.PictureAsync(page, "extension-field");
        // typing is still the page's; Escape puts the list away and a press on the key brings it back
        await page.Keyboard.TypeAsync("gr");
        await Expect(page.GetByLabel("Name")).ToHaveValueAsync("gr");
        await ExtensionStage.PressAsync(page, "ArrowDown");
        await ExtensionStage.SeeAsync(page, "button", "grace@example.org", focused: true);
        await ExtensionStage.PressAsync(page, "Escape");
        await Expect(page.GetByLabel("Name")).ToBeFocusedAsync();
        await page.GetByLabel("Name").ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "grace@example.org Grace Hopper");
        await ExtensionStage.PressAsync(page, "ArrowDown");
        await ExtensionStage.PressAsync(page, "ArrowDown");
        await ExtensionStage.SeeAsync(page, "button", "ada@example.org", focused: true);

        // a no in the Authenticator leaves the field as it was
        var window = await Stage.GoOnAsync(page);
        await window.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByLabel("Name").ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "grace@example.org Grace Hopper");
        await ExtensionStage.PressAsync(page, "ArrowDown");
        await ExtensionStage.PressAsync(page, "ArrowDown");
        window = await Stage.GoOnAsync(page);
        await Expect(window.GetByText("ada@example.org").First).ToBeVisibleAsync();
        await AuthenticatorWindow.GiveGestureAsync(window, "Continue");
        Assert.Equal(ada, Id(await signingIn));
    }

    [Fact]
    public async Task A_wrong_PIN_is_asked_for_again_and_a_second_passkey_for_the_same_person_is_excluded()
    {
        var page = await Stage.OpenAsync(Product.Page.At("again.localhost"));
        var saving = page.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        var window = await Stage.GoOnAsync(page);
        var sheet = window.GetByRole(AriaRole.Dialog);
        await sheet.GetByLabel("PIN").FillAsync("not the PIN");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(sheet.GetByText("That PIN is wrong")).ToBeVisibleAsync();
        await AuthenticatorWindow.GiveGestureAsync(window, "Save");
        var first = Id(await saving);

        var again = page.EvaluateAsync<JsonElement>($"() => tell(create({{ excludeCredentials: known('{first}') }}))");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        window = await Stage.GoOnAsync(page);
        await Expect(window.GetByText("You already have a passkey here")).ToBeVisibleAsync();
        await AuthenticatorWindow.GiveGestureAsync(window, "Continue");
        Assert.Equal("InvalidStateError", (await again).GetProperty("error").GetString());
    }

    [Fact]
    public async Task Too_many_wrong_PINs_end_with_what_to_do_next_over_the_page_and_doing_it_helps()
    {
        var page = await Stage.OpenAsync(Product.Page.At("blocked.localhost"));
        var saving = page.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        var window = await Stage.GoOnAsync(page);
        var sheet = window.GetByRole(AriaRole.Dialog);
        for (var left = 7; left >= 5; left--)
        {
            await sheet.GetByLabel("PIN").FillAsync("not the PIN");
            await sheet.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
            if (left > 5) await Expect(sheet.GetByText($"{left} more")).ToBeVisibleAsync();
        }

        await ExtensionStage.SeeAsync(page, "heading", "That did not work");
        await ExtensionStage.SeeAsync(page, "StaticText", "Too many wrong PINs");
        await ExtensionStage.SeeAsync(page, "button", "Close", focused: true);
        await ExtensionStage.PictureAsync(page, "extension-advice");
        await ExtensionStage.PressAsync(page, "Enter");
        var refused = await saving;
        Assert.Equal("NotAllowedError", refused.GetProperty("error").GetString());
        Assert.DoesNotContain("PIN", refused.ToString(), StringComparison.Ordinal);

        // closed and started again, as it says
        await Product.KillAuthenticatorAsync();
        saving = page.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        window = await Stage.GoOnAsync(page);
        await window.GetByLabel("PIN").FillAsync(AuthenticatorWindow.Pin);
        await window.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).ClickAsync();
        await window.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.True((await saving).GetProperty("own").GetBoolean());
    }

    [Fact]
    public async Task Whoever_cancels_on_the_page_or_in_the_Authenticator_or_aborts_gets_the_browsers_words_and_no_passkey()
    {
        var page = await Stage.OpenAsync(Product.Page.At("cancel.localhost"));
        async Task<Task<JsonElement>> BeginAsync(string call = "tell(create())")
        {
            var begun = page.EvaluateAsync<JsonElement>($"() => {call}");
            await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
            return begun;
        }

        // whatever is in the way, the page hears one error, and cannot tell a no from a closed window
        var refusals = new List<string>();
        static async Task<string> RefusalAsync(Task<JsonElement> asked) => $"{(await asked).GetProperty("error").GetString()}: {(await asked).GetProperty("message").GetString()}";

        // Escape at the question
        var asked = await BeginAsync();
        await ExtensionStage.PressAsync(page, "Escape");
        refusals.Add(await RefusalAsync(asked));

        // Cancel while the PIN is asked for: the Authenticator's window goes as well
        asked = await BeginAsync();
        var window = await Stage.GoOnAsync(page);
        await Expect(window.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await ExtensionStage.CloseAsync(window, () => ExtensionStage.PressAsync(page, "Escape"));
        refusals.Add(await RefusalAsync(asked));

        // the Authenticator's own no, and its window closed
        asked = await BeginAsync();
        window = await Stage.GoOnAsync(page);
        await window.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        refusals.Add(await RefusalAsync(asked));
        asked = await BeginAsync();
        window = await Stage.GoOnAsync(page);
        await Expect(window.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await window.CloseAsync();
        refusals.Add(await RefusalAsync(asked));

        // the page's own abort, with its own reason, while the PIN is asked for
        asked = await BeginAsync("{ window.controller = new AbortController(); return create({}, { signal: controller.signal }).catch(reason => ({ error: reason })); }");
        window = await Stage.GoOnAsync(page);
        await Expect(window.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await ExtensionStage.CloseAsync(window, () => page.EvaluateAsync("() => controller.abort('changed my mind')"));
        Assert.Equal("changed my mind", (await asked).GetProperty("error").GetString());
        await ExtensionStage.GoneAsync(page);

        // nothing was kept, which the person is told, and the browser is asked
        await VirtualAuthenticator.AddAsync(page);
        var signingIn = page.EvaluateAsync<JsonElement>("() => tell(get({ timeout: 1000 }))");
        await ExtensionStage.SeeAsync(page, "heading", "No passkey in Latchkey Authenticator");
        await ExtensionStage.SeeAsync(page, "button", "Use another way", focused: true);
        await ExtensionStage.PictureAsync(page, "extension-none");
        await ExtensionStage.PressAsync(page, "Enter");
        Assert.Equal("NotAllowedError", (await signingIn).GetProperty("error").GetString());
        Assert.StartsWith("NotAllowedError: The operation either timed out or was not allowed.", Assert.Single(refusals.Distinct(StringComparer.Ordinal)), StringComparison.Ordinal);

        await ExtensionStage.GoneAsync(page);

        // what only the browser has is the browser's: no question is asked, and its own authenticator answers
        foreach (var extensions in (string[])["{ largeBlob: { support: 'required' } }", "{ prf: { eval: { first: random(32) } } }"])
        {
            var theirs = await page.EvaluateAsync<JsonElement>($"() => tell(create({{ timeout: 1000, extensions: {extensions} }}))");
            Assert.False(theirs.TryGetProperty("own", out var own) && own.GetBoolean());
            Assert.False(ExtensionStage.Asks(page));
        }
    }

    [Fact]
    public async Task Two_tabs_that_ask_at_once_are_answered_one_after_the_other_and_the_second_says_that_another_is_first()
    {
        var (first, second) = (await Stage.OpenAsync(Product.Page.At("first.localhost")), await Stage.OpenAsync(Product.Page.At("second.localhost")));
        var answers = new List<Task<JsonElement>>();
        var windows = new List<IPage>();
        Stage.Context.Page += Opened;
        foreach (var page in (IPage[])[first, second])
        {
            await page.BringToFrontAsync();
            answers.Add(page.EvaluateAsync<JsonElement>("() => tell(create())"));
            await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
            if (page == first) windows.Add(await Stage.GoOnAsync(page));
            else await ExtensionStage.PressAsync(page, "Enter");
        }

        await ExtensionStage.SeeAsync(second, "heading", "Another request is first", focused: true);
        await ExtensionStage.PictureAsync(second, "extension-waiting");
        await Expect(windows[0].GetByText("first.localhost").First).ToBeVisibleAsync();
        await Stage.Context.RunAndWaitForPageAsync(() => AuthenticatorWindow.GiveGestureAsync(windows[0], "Save"));
        Assert.True((await answers[0]).GetProperty("own").GetBoolean());
        await ExtensionStage.SeeAsync(second, "heading", "Enter your PIN in the Authenticator");
        await Expect(windows[^1].GetByText("second.localhost").First).ToBeVisibleAsync();
        await AuthenticatorWindow.GiveGestureAsync(windows[^1], "Save");
        Assert.True((await answers[1]).GetProperty("own").GetBoolean());
        Stage.Context.Page -= Opened;

        void Opened(object? sender, IPage page) => windows.Add(page);
    }

    [Fact]
    public async Task An_Authenticator_that_is_not_running_is_started_when_a_page_asks_and_unlocked_in_its_window()
    {
        var page = await Stage.OpenAsync(Product.Page.At("start.localhost"));
        await Product.KillAuthenticatorAsync();

        var saving = page.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        var window = await Stage.GoOnAsync(page);
        await Expect(window.GetByRole(AriaRole.Heading, new() { Name = "Enter your PIN" })).ToBeVisibleAsync();
        await window.GetByLabel("PIN").FillAsync(AuthenticatorWindow.Pin);
        await window.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).ClickAsync();

        // the PIN that unlocked it counts for what waited: site and account, and a yes
        var sheet = window.GetByRole(AriaRole.Dialog);
        await Expect(sheet).ToContainTextAsync("start.localhost");
        await Expect(sheet).ToBeFocusedAsync();
        await Expect(sheet.GetByLabel("PIN")).ToHaveCountAsync(0);
        await ExtensionStage.PictureAsync(window, "extension-unlocked");
        await sheet.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        Assert.True((await saving).GetProperty("own").GetBoolean());
    }

    [Fact]
    public async Task A_page_that_shuts_itself_off_from_other_origins_gets_its_question_and_its_list_all_the_same()
    {
        var page = await Stage.OpenAsync(Product.Page.At("strict.localhost", "strict"));
        Assert.True(await page.EvaluateAsync<bool>("() => crossOriginIsolated"));
        await Stage.SaveAsync(page);
        await page.EvaluateAsync("() => { get({}, { mediation: 'conditional' }); }");
        await page.GetByLabel("Name").ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "ada@example.org");
        // a click in the list is one in the list, and chooses
        var window = await Stage.Context.RunAndWaitForPageAsync(() => ExtensionStage.FramesOf(page).Single().GetByRole(AriaRole.Button).ClickAsync());
        await Expect(window.GetByText("ada@example.org").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Where_no_native_host_is_installed_the_browser_answers_as_if_there_were_no_extension()
    {
        await using var bare = await ExtensionStage.StartAsync(Product, authenticator: null);
        var page = await bare.OpenAsync(Product.Page.At("bare.localhost"));
        await VirtualAuthenticator.AddAsync(page);

        var made = await page.EvaluateAsync<JsonElement>("() => tell(create())");
        Assert.False(made.GetProperty("own").GetBoolean());
        var answer = await page.EvaluateAsync<JsonElement>("() => tell(get())");
        Assert.Equal(Id(made), Id(answer));
    }

    [Fact]
    public async Task What_is_for_another_authenticator_or_another_way_goes_to_the_browser()
    {
        var page = await Stage.OpenAsync(Product.Page.At("way.localhost"));
        await VirtualAuthenticator.AddAsync(page, "usb");
        foreach (var call in (string[])["create({ authenticatorSelection: { authenticatorAttachment: 'cross-platform' } })", "create({ hints: ['security-key'] })"])
        {
            Assert.False((await page.EvaluateAsync<JsonElement>($"() => tell({call})")).GetProperty("own").GetBoolean());
        }

        var asked = page.EvaluateAsync<JsonElement>("() => tell(create())");
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        await ExtensionStage.PressAsync(page, "Tab");
        await ExtensionStage.SeeAsync(page, "button", "Use another way", focused: true);
        await ExtensionStage.PressAsync(page, "Enter");
        Assert.False((await asked).GetProperty("own").GetBoolean());

        // the browser's own errors for what is no request at all
        Assert.Equal("TypeError", await page.EvaluateAsync<string>("() => navigator.credentials.create({ publicKey: {} }).catch(error => error.name)"));
        Assert.Equal("undefined,null", await page.EvaluateAsync<string>("async () => [typeof await navigator.credentials.preventSilentAccess(), await navigator.credentials.get({ password: true, mediation: 'silent' })].map(String).join()"));
    }

    private static byte[] Bytes(JsonElement json, string member) => Base64Url.Decode(json.GetProperty(member).GetString()!);

    private static string Id(JsonElement told) => told.TryGetProperty("id", out var id) ? id.GetString()! : throw new InvalidOperationException(told.ToString());

    private Task<JsonElement> SaveAsync(IPage page, string call) => AskAsync(page, call, "Save");

    private Task<JsonElement> SignInAsync(IPage page, string call) => AskAsync(page, call, "Continue");

    private async Task<JsonElement> AskAsync(IPage page, string call, string button)
    {
        var asked = page.EvaluateAsync<JsonElement>($"() => tell({call})");
        await ExtensionStage.SeeAsync(page, "button", button, focused: true);
        await AuthenticatorWindow.GiveGestureAsync(await Stage.GoOnAsync(page), button);
        return await asked;
    }
}
