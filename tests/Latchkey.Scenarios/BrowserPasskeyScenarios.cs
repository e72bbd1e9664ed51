using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>A passkey in the browser itself: made, named, listed, used in two ways, renamed, deleted, and the browser told.</summary>
public sealed class BrowserPasskeyScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task A_passkey_in_this_browser_is_made_named_used_renamed_and_deleted_and_the_browser_forgets_it()
    {
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Regular);

        await AddPasskeyAsync(page, "My laptop");
        Assert.Single(await provider.CredentialsAsync());

        // by the field: the page asks when it loads, and the browser answers without a click
        await page.SignOutAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();

        // by the button
        await page.OfferNothingInTheFieldAsync();
        await page.SignOutAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Rename My laptop" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Old laptop");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Old laptop" })).ToBeVisibleAsync();

        await page.DeleteMethodAsync("Old laptop");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Old laptop" })).ToHaveCountAsync(0);
        await provider.HoldsNoneAsync();
    }

    [Fact]
    public async Task The_button_pressed_before_the_browser_has_said_what_it_can_do_is_not_ended_by_the_offer_in_the_field()
    {
        var page = await Product.NewPageAsync();
        await page.AddInitScriptAsync("""
            globalThis.asked = [];
            const said = new Promise((say) => { globalThis.sayCapabilities = () => say({ conditionalGet: true }); });
            PublicKeyCredential.getClientCapabilities = () => said;
            navigator.credentials.get = (options) => { asked.push(options); return new Promise(() => {}); };
            """);
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await Eventually.TrueAsync("the page asks for a passkey", () => page.EvaluateAsync<bool>("() => asked.length === 1"));

        var (isAborted, mediation) = (
            await page.EvaluateAsync<bool>("async () => { sayCapabilities(); await new Promise((done) => setTimeout(done)); return asked[0].signal.aborted; }"),
            await page.EvaluateAsync<string?>("() => asked[0].mediation ?? null"));

        Assert.False(isAborted);
        Assert.Null(mediation);
    }

    [Fact]
    public async Task A_passkey_this_browser_has_already_is_named_tested_used_and_replaced_and_the_old_one_is_gone_on_both_sides()
    {
        var found = new List<string>();
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Admin);
        await AddPasskeyAsync(page, "Admin laptop");
        var old = Assert.Single(await provider.CredentialsAsync());
        var existing = await FindExistingAsync(page, "Admin laptop");
        await page.LookAtAsync("already registered", found);

        await existing.GetByRole(AriaRole.Button, new() { Name = "Test it" }).ClickAsync();
        await Expect(existing.GetByText("“Admin laptop” works: you can sign in with it.")).ToBeVisibleAsync();
        await page.LookAtAsync("already registered and tested", found);
        await existing.GetByRole(AriaRole.Link, new() { Name = "Use it" }).ClickAsync();
        await Expect(page.GetByText("Nothing was changed: you sign in with the passkey you have.")).ToBeVisibleAsync();
        Assert.Equal(old, Assert.Single(await provider.CredentialsAsync()));

        await (await FindExistingAsync(page, "Admin laptop")).GetByRole(AriaRole.Button, new() { Name = "Replace it" }).ClickAsync();
        await page.NameNewPasskeyAsync("Newer laptop");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Admin laptop" })).ToHaveCountAsync(0);
        await Eventually.TrueAsync("the browser keeps the new passkey alone", async () => await provider.CredentialsAsync() is [var one] && one != old);

        // and the new one signs in
        await page.SignOutAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task Of_several_a_test_finds_the_one_this_browser_has_and_replacing_one_kept_elsewhere_leaves_that_one_alone()
    {
        var found = new List<string>();
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Admin);
        await AddPasskeyAsync(page, "Here");
        var other = await Product.NewPageAsync();
        await VirtualAuthenticator.AddAsync(other);
        await other.OpenSecurityInfoAsync(Product, Product.Admin);
        await AddPasskeyAsync(other, "Elsewhere");
        await page.BringToFrontAsync();
        await page.ReloadAsync();

        var elsewhere = await FindExistingAsync(page, "Elsewhere");
        await Expect(page.GetByText("A test tells you.")).ToBeVisibleAsync();
        await elsewhere.GetByRole(AriaRole.Button, new() { Name = "Test it" }).ClickAsync();
        await Expect(elsewhere.GetByText("“Elsewhere” was not shown here")).ToBeVisibleAsync();
        var here = LineOf(page, "Here");
        await here.GetByRole(AriaRole.Button, new() { Name = "Test it" }).ClickAsync();
        await Expect(here.GetByText("“Here” works")).ToBeVisibleAsync();
        await page.LookAtAsync("already registered, one of several", found);

        // the wrong one to replace: this browser keeps another, which it is still told to leave alone
        await elsewhere.GetByRole(AriaRole.Button, new() { Name = "Replace it" }).ClickAsync();
        await Expect(page.GetByText("This device or app already has a passkey for you")).ToBeVisibleAsync();
        await Expect(here).ToBeVisibleAsync();
        Assert.Single(await provider.CredentialsAsync());
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Here", Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Elsewhere" })).ToBeVisibleAsync();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task A_passkey_deleted_in_the_portal_is_refused_at_the_sign_in_and_the_browser_forgets_it()
    {
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await AddPasskeyAsync(page, "Lost laptop");

        // deleted from another window, so that this browser is not told there
        var elsewhere = await Product.NewPageAsync();
        await elsewhere.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await elsewhere.DeleteMethodAsync("Lost laptop");

        await page.Context.ClearCookiesAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());

        await Expect(page.GetByText("This passkey is no longer known here")).ToBeVisibleAsync();
        await provider.HoldsNoneAsync();
    }

    /// <summary>Tries to make one where there is one, and finds that one on the page.</summary>
    private static async Task<ILocator> FindExistingAsync(IPage page, string name)
    {
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await Expect(page.GetByText("This device or app already has a passkey for you")).ToBeVisibleAsync();
        await Expect(LineOf(page, name)).ToBeVisibleAsync();
        return LineOf(page, name);
    }

    private static ILocator LineOf(IPage page, string name) =>
        page.GetByRole(AriaRole.Listitem).Filter(new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true }) });

    private static async Task AddPasskeyAsync(IPage page, string name)
    {
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await page.NameNewPasskeyAsync(name);
    }
}
