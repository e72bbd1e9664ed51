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
        await EventuallyAsync(async () => (await provider.CredentialsAsync()).Count == 0, "the browser was told that the passkey is unknown");
    }

    [Fact]
    public async Task A_second_passkey_in_the_same_browser_is_refused_with_words()
    {
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Admin);
        await AddPasskeyAsync(page, "Admin laptop");

        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();

        await Expect(page.GetByText("This device or app already has a passkey for you")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Admin laptop" })).ToBeVisibleAsync();
        Assert.Single(await provider.CredentialsAsync());
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
        await EventuallyAsync(async () => (await provider.CredentialsAsync()).Count == 0, "the browser was told that the passkey is unknown");
    }

    private static async Task AddPasskeyAsync(IPage page, string name)
    {
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await page.NameNewPasskeyAsync(name);
    }

    private static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        for (var attempt = 0; attempt < 50; attempt++)
        {
            if (await condition()) return;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"It never came true that {what}.");
    }
}
