using System.Web;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>axe finds nothing on any page, light and dark; the keyboard alone gets through.</summary>
public sealed class AccessibilityScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task Axe_finds_nothing_on_any_page_of_the_portal()
    {
        var found = new List<string>();
        var page = await Product.NewPageAsync();
        await VirtualAuthenticator.AddAsync(page);
        await page.OfferNothingInTheFieldAsync();

        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.LookAtAsync("name", found);
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Product.Regular.Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Type your password" })).ToBeVisibleAsync();
        await page.LookAtAsync("password", found);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync("not the password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByText("don't match")).ToBeVisibleAsync();
        await page.LookAtAsync("wrong password", found);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(Product.Regular.Password!);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByLabel("Code", new() { Exact = true })).ToBeVisibleAsync();
        await page.LookAtAsync("second factor", found);
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(await Product.Regular.NextCodeAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        await page.LookAtAsync("list", found);

        foreach (var address in (string[])["security-info/add", "security-info/add/authenticator", "security-info/add/passkey", "security-info/add/code", "security-info/add/recovery-codes", "security-info/password", "step-up?reason=add", "sign-in/pass", "connect/verify", "no-such-page"])
        {
            await page.GotoAsync(new Uri(Product.Portal, address).ToString());
            await page.LookAtAsync(address, found);
        }

        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Passkey created" })).ToBeVisibleAsync();
        await page.LookAtAsync("created", found);
        await page.GetByRole(AriaRole.Link, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToBeVisibleAsync();
        await page.LookAtAsync("name it", found);
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("A");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Delete A", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Delete A?" })).ToBeVisibleAsync();
        await page.LookAtAsync("delete", found);

        Assert.Empty(found);
    }

    [Fact]
    public async Task Axe_finds_nothing_on_any_page_of_the_Authenticator()
    {
        var found = new List<string>();
        var first = 0;
        var authenticator = await AuthenticatorWindow.OpenAsync(Product, page => page.LookAtAppAsync($"first run {++first}", found));
        var page = authenticator.Page;
        await page.LookAtAppAsync("no accounts", found);
        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeVisibleAsync();
        await page.LookAtAppAsync("settings", found);
        foreach (var (link, title) in ((string, string)[])[("Change PIN", "Change PIN"), ("Backup and restore", "Backup"), ("Recently deleted", "Recently deleted"), ("Your privacy", "Your privacy")])
        {
            await page.GetByRole(AriaRole.Link, new() { Name = link }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = title, Exact = true })).ToBeFocusedAsync();
            await page.LookAtAppAsync(title, found);
            await page.GetByRole(AriaRole.Link, new() { Name = "Back", Exact = true }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeFocusedAsync();
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "Back", Exact = true }).ClickAsync();

        var browser = await authenticator.BeginAddAsync();
        await page.LookAtAppAsync("waiting for the sign-in", found);
        await AuthenticatorWindow.SignInAndAllowAsync(browser, Product.Admin);
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.LookAtAppAsync("PIN", found);
        await authenticator.GiveGestureAsync("Save");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your passkey is ready" })).ToBeVisibleAsync();
        await page.LookAtAppAsync("ready", found);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Test this passkey" })).ToBeVisibleAsync();
        await page.LookAtAppAsync("account", found);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete this passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alertdialog)).ToBeVisibleAsync();
        await page.LookAtAppAsync("delete the passkey", found);
        await page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Recent activity" }).ClickAsync();
        await Expect(page.GetByText("Added a passkey").First).ToBeVisibleAsync();
        await page.GetByText("This wasn't me").ClickAsync();
        await page.LookAtAppAsync("recent activity", found);

        // where the keyboard is after a page came: at its heading, or in the field it begins with
        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Settings" })).ToBeFocusedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Lock" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Enter your PIN" })).ToBeVisibleAsync();
        await Expect(page.GetByLabel("PIN")).ToBeFocusedAsync();

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task Axe_finds_nothing_where_the_Authenticator_says_that_something_went_otherwise()
    {
        var found = new List<string>();
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        var page = authenticator.Page;

        var refused = await authenticator.BeginAddAsync();
        var link = await page.GetByRole(AriaRole.Link, new() { Name = "Sign in", Exact = true }).GetAttributeAsync("href");
        var request = HttpUtility.ParseQueryString(new Uri(link!).Query);
        await refused.GotoAsync($"{request["redirect_uri"]}?error=access_denied&state={Uri.EscapeDataString(request["state"]!)}");
        await refused.LookAtAsync("not signed in", found);
        await refused.CloseAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "That did not work" })).ToBeVisibleAsync();
        await page.LookAtAppAsync("failed", found);
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await AuthenticatorScenarios.AddPasskeyAsync(authenticator, Product.Newcomer);
        await page.GetByRole(AriaRole.Link, new() { Name = "Back", Exact = true }).ClickAsync();
        var known = await authenticator.BeginAddAsync();
        await Expect(known.GetByRole(AriaRole.Heading, new() { Name = "Let Latchkey Authenticator sign in as you?" })).ToBeVisibleAsync();
        await known.LookAtAsync("sign in as you?", found);
        await known.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You already have a passkey here" })).ToBeVisibleAsync();
        await page.LookAtAppAsync("already registered", found);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use it" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Test this passkey" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Back", Exact = true }).ClickAsync();

        var another = await authenticator.BeginAddAsync();
        await another.GetByText("Use another account").ClickAsync();
        await AuthenticatorWindow.SignInAndAllowAsync(another, Product.Admin);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No passkey was made" })).ToBeVisibleAsync();
        await page.LookAtAppAsync("cancelled", found);
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Product.KillServerAsync();
        await authenticator.GiveGestureAsync("Save");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Almost done" })).ToBeVisibleAsync();
        await page.LookAtAppAsync("almost done", found);

        await authenticator.KillAsync();
        await Product.RestartServerAsync();
        await authenticator.RestartAsync(unlock => unlock.LookAtAppAsync("unlock", found), leftOff: true);
        await authenticator.Page.LookAtAppAsync("go on?", found);

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task The_keyboard_alone_gets_from_the_sign_in_to_a_named_passkey()
    {
        var page = await Product.NewPageAsync();
        await VirtualAuthenticator.AddAsync(page);
        await page.OfferNothingInTheFieldAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());

        await TypeAsync(page, page.GetByLabel("Name", new() { Exact = true }), Product.Newcomer.Name);
        await PressAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Use a Temporary Access Pass" }));
        await TypeAsync(page, page.GetByLabel("Temporary Access Pass", new() { Exact = true }), Product.Newcomer.TemporaryAccessPass!);
        await PressAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Add sign-in method" }));
        await TabToAsync(page, page.GetByRole(AriaRole.Radio, new() { Name = "Passkey in Authenticator" }));
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await PressAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }));
        await PressAsync(page, page.GetByRole(AriaRole.Link, new() { Name = "Done" }));
        await TypeAsync(page, page.GetByLabel("Name", new() { Exact = true }), "By keyboard");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "By keyboard" })).ToBeVisibleAsync();
    }

    private static async Task TypeAsync(IPage page, ILocator field, string text)
    {
        await TabToAsync(page, field);
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.TypeAsync(text);
        await page.Keyboard.PressAsync("Enter");
    }

    private static async Task PressAsync(IPage page, ILocator target)
    {
        await TabToAsync(page, target);
        await page.Keyboard.PressAsync("Enter");
    }

    /// <summary>Tab until the focus is there, as a person would; what is focused must be seen to be.</summary>
    private static async Task TabToAsync(IPage page, ILocator target)
    {
        await Expect(target).ToBeVisibleAsync();
        for (var presses = 0; presses < 30; presses++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement")) return;
            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"Tab does not lead to {target}.");
    }
}
