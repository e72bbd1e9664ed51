using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>The Authenticator, running, and its window: what a person does there, by the words they see.</summary>
internal sealed class AuthenticatorWindow
{
    public const string Pin = "passe-partout";

    private readonly Product _product;
    private readonly string _data;
    private Running _program;

    private AuthenticatorWindow(Product product, string data, Running program, IPage page) => (_product, _data, _program, Page) = (product, data, program, page);

    public IPage Page { get; private set; }

    /// <summary>Its data directory.</summary>
    public string Data => _data;

    /// <summary>Starts the Authenticator on an empty vault and sets its PIN.</summary>
    /// <param name="product">The product.</param>
    /// <param name="look">Looks at each page before anything is typed.</param>
    /// <param name="environment">What stands in its environment besides ours.</param>
    public static async Task<AuthenticatorWindow> OpenAsync(Product product, Func<IPage, Task>? look = null, Dictionary<string, string>? environment = null)
    {
        var data = product.NewDirectory("authenticator");
        var (program, page) = await StartAsync(product, data, environment);
        var window = new AuthenticatorWindow(product, data, program, page);
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Sign in without passwords" })).ToBeVisibleAsync();
        if (look is not null) await look(page);
        await SetPinAsync(page, look);
        return window;
    }

    /// <summary>Ends the program as a power cut would, starts it again and unlocks it.</summary>
    /// <param name="environment">What stands in its environment besides ours.</param>
    public async Task KillAndRestartAsync(Dictionary<string, string>? environment = null)
    {
        await KillAsync();
        await RestartAsync(environment: environment);
    }

    /// <summary>Ends the program as a power cut would.</summary>
    public async Task KillAsync()
    {
        await _program.KillAsync();
        await Page.Context.CloseAsync();
    }

    /// <summary>The same, with its window left open.</summary>
    public Task KillProgramAsync() => _program.KillAsync();

    /// <summary>The program stands still while something happens.</summary>
    public Task StandStillAsync(Func<Task> meanwhile) => _program.StandStillAsync(meanwhile);

    /// <summary>Starts the program again and unlocks it.</summary>
    /// <param name="look">Looks at the first page before the PIN is typed.</param>
    /// <param name="environment">What stands in its environment besides ours.</param>
    /// <param name="leftOff">Whether it ended while an account was set up: it asks to go on.</param>
    public async Task RestartAsync(Func<IPage, Task>? look = null, Dictionary<string, string>? environment = null, bool leftOff = false)
    {
        (_program, Page) = await StartAsync(_product, _data, environment);
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Name = "Enter your PIN" })).ToBeVisibleAsync();
        if (look is not null) await look(Page);
        await Assertions.Expect(Page.GetByLabel("PIN")).ToBeFocusedAsync();
        await Page.GetByLabel("PIN").FillAsync(Pin);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).ClickAsync();
        await Assertions.Expect(leftOff
            ? Page.GetByRole(AriaRole.Heading, new() { Name = "Go on setting up" })
            : Page.GetByRole(AriaRole.Link, new() { Name = "Add an account" })).ToBeVisibleAsync();
    }

    /// <summary>Another window of the same Authenticator, as a second start of the program shows it.</summary>
    public async Task<IPage> OpenAnotherAsync()
    {
        await using var start = Running.Start("Latchkey.AuthenticatorApp", input: null, new Dictionary<string, string>(StringComparer.Ordinal), "--data", _data, "--no-browser");
        var window = await Page.Context.NewPageAsync();
        await window.GotoAsync(await start.LineAsync("Open "));
        return window;
    }

    /// <summary>From + to the sign-in page of the server, in the browser's new tab.</summary>
    /// <param name="server">What is typed as the server; null leaves what is filled in.</param>
    public async Task<IPage> BeginAddAsync(string? server = null)
    {
        await Page.GetByRole(AriaRole.Link, new() { Name = "Add an account" }).ClickAsync();
        await Page.GetByRole(AriaRole.Button, new() { Name = "Work or school account" }).ClickAsync();
        if (server is not null) await Page.GetByLabel("Server address, or the portal's code").FillAsync(server);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        return await Page.Context.RunAndWaitForPageAsync(() => Page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).ClickAsync());
    }

    /// <summary>Signs in on the server's page and lets the Authenticator in.</summary>
    public static async Task SignInAndAllowAsync(IPage browser, DemoPerson person)
    {
        await browser.SignInAsync(person);
        await Assertions.Expect(browser.GetByRole(AriaRole.Heading, new() { Name = "You're signed in" })).ToBeVisibleAsync();
        await browser.CloseAsync();
    }

    /// <summary>Types the PIN where the Authenticator asks for it.</summary>
    public Task GiveGestureAsync(string button) => GiveGestureAsync(Page, button);

    /// <summary>The same, on any page of an Authenticator.</summary>
    public static async Task GiveGestureAsync(IPage page, string button)
    {
        var sheet = page.GetByRole(AriaRole.Dialog);
        await sheet.GetByLabel("PIN").FillAsync(Pin);
        await sheet.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();
    }

    /// <summary>Through the welcome and the page on privacy, then types the PIN twice, the first time where the page has put the person.</summary>
    /// <param name="page">An Authenticator's first page.</param>
    /// <param name="look">Looks at each page that follows.</param>
    public static async Task SetPinAsync(IPage page, Func<IPage, Task>? look = null)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Get started" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your privacy" })).ToBeFocusedAsync();
        if (look is not null) await look(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("PIN")).ToBeFocusedAsync();
        if (look is not null) await look(page);
        await page.GetByLabel("PIN").FillAsync(Pin);
        await page.GetByLabel("Enter it again").FillAsync(Pin);
        await page.GetByRole(AriaRole.Button, new() { Name = "Set PIN" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Add your first account" })).ToBeVisibleAsync();
    }

    private static async Task<(Running Program, IPage Page)> StartAsync(Product product, string data, Dictionary<string, string>? environment = null)
    {
        var program = product.StartWith(environment ?? [], "Latchkey.AuthenticatorApp", "--data", data, "--port", "0", "--server", product.Portal.ToString(), "--no-browser");
        var page = await product.NewPageAsync();
        await page.GotoAsync(await program.LineAsync("Listening on "));
        return (program, page);
    }
}
