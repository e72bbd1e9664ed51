using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>
/// Who takes too long, or opens the same page twice, reads why in plain words and goes on from there. Whoever proves themselves with a code while
/// the clock is ahead has none that is newer once it is back: that is the admin, in one scenario.
/// </summary>
public sealed class ExpiryScenarios(ProductInTime product) : ScenarioOn<ProductInTime>(product)
{
    [Fact]
    public async Task A_passkey_made_after_its_challenge_expired_is_refused_in_words_forgotten_by_the_browser_and_made_at_the_second_try()
    {
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Regular);
        await page.ChooseMethodAsync(Method);
        await page.RouteAsync("**/security-info/passkeys", async route =>
        {
            // the person looked for the security key for eleven minutes
            Product.PassTime(TimeSpan.FromMinutes(11));
            await route.ContinueAsync();
        }, new() { Times = 1 });

        await CreateAsync(page);

        await Expect(page.GetByText("You took longer than ten minutes")).ToBeVisibleAsync();
        await Expect(page.GetByText("Start again; nothing was saved.")).ToBeVisibleAsync();
        await provider.HoldsNoneAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await page.NameNewPasskeyAsync("Found at last");
        Assert.Single(await provider.CredentialsAsync());
    }

    [Fact]
    public async Task A_wizard_that_expired_before_its_passkey_was_begun_asks_who_it_is_and_comes_back_to_the_same_page()
    {
        var later = TimeSpan.FromMinutes(16);
        var page = await Product.NewPageAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await page.OpenSecurityInfoAsync(Product, Product.Admin);
        await page.ChooseMethodAsync(Method);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" })).ToBeVisibleAsync();
        Product.PassTime(later);

        await CreateAsync(page);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Prove it's you" })).ToBeVisibleAsync();
        Assert.Empty(await provider.CredentialsAsync());
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(await Product.Admin.NextCodeAsync(later));
        await page.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        await CreateAsync(page);
        await page.NameNewPasskeyAsync("After lunch");
    }

    [Fact]
    public async Task The_same_wizard_in_a_second_tab_says_that_the_first_has_made_the_passkey_and_leads_to_it()
    {
        var first = await Product.NewPageAsync();
        var device = await VirtualAuthenticator.AddAsync(first);
        await first.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await first.ChooseMethodAsync(Method);
        var second = await first.Context.NewPageAsync();
        var sameDevice = await VirtualAuthenticator.AddAsync(second);
        await second.GotoAsync(first.Url);
        await Expect(second.GetByRole(AriaRole.Button, new() { Name = "Create passkey" })).ToBeVisibleAsync();
        await first.BringToFrontAsync(); // a browser makes no passkeys in the background
        await CreateAsync(first);
        await first.NameNewPasskeyAsync("First tab");
        await device.CopyToAsync(sameDevice);

        await second.BringToFrontAsync();
        await CreateAsync(second);

        await Expect(second.GetByText("This device or app already has a passkey for you")).ToBeVisibleAsync();
        await second.GetByRole(AriaRole.Link, new() { Name = "First tab" }).ClickAsync();
        await Expect(second.GetByRole(AriaRole.Heading, new() { Name = "First tab" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Of_two_tabs_that_both_begin_before_either_finishes_the_last_makes_the_passkey_and_the_other_says_so()
    {
        var first = await Product.NewPageAsync();
        var device = await VirtualAuthenticator.AddAsync(first, personIsThere: false);
        await first.AddInitScriptAsync("""
            const create = navigator.credentials.create.bind(navigator.credentials);
            navigator.credentials.create = (options) => { window.asked = true; return create(options); };
            """);
        await first.OpenSecurityInfoAsync(Product, Product.Regular);
        await first.ChooseMethodAsync(Method);
        var second = await first.Context.NewPageAsync();
        await VirtualAuthenticator.AddAsync(second);
        await second.GotoAsync(first.Url);
        await first.BringToFrontAsync();
        await CreateAsync(first);
        await Eventually.TrueAsync("the page asks", () => first.EvaluateAsync<bool>("() => !!window.asked"));

        await second.BringToFrontAsync();
        await CreateAsync(second);

        await second.NameNewPasskeyAsync("Second tab");
        await Expect(first.GetByText("You went on in another tab")).ToBeVisibleAsync();
        Assert.Empty(await device.CredentialsAsync());
        await second.DeleteMethodAsync("Second tab");
    }

    [Fact]
    public async Task Of_two_browsers_that_begin_side_by_side_on_one_device_the_second_names_the_passkey_whose_place_it_took()
    {
        var (first, second) = (await Product.NewPageAsync(), await Product.NewPageAsync());
        var (device, sameDevice) = (await VirtualAuthenticator.AddAsync(first), await VirtualAuthenticator.AddAsync(second));
        await second.AddInitScriptAsync("""
            // the person looks for the device, until the scenario has found it
            const create = navigator.credentials.create.bind(navigator.credentials);
            navigator.credentials.create = async (options) => { await new Promise((found) => { window.found = found; }); return create(options); };
            """);
        foreach (var page in (IPage[])[first, second])
        {
            await page.OfferNothingInTheFieldAsync();
            await page.OpenSecurityInfoAsync(Product, Product.Newcomer);
            await page.ChooseMethodAsync(Method);
        }

        await CreateAsync(second);
        await Eventually.TrueAsync("the page asks with its list", () => second.EvaluateAsync<bool>("() => !!window.found")); // begun, with the list of now
        await CreateAsync(first);
        await first.NameNewPasskeyAsync("Overtaken");
        await device.CopyToAsync(sameDevice);
        await second.EvaluateAsync("() => window.found()");

        await Expect(second.GetByText("“Overtaken” was made at the same time")).ToBeVisibleAsync();
        // what Chromium's authenticator does, and CTAP has it so
        Assert.Single(await sameDevice.CredentialsAsync());
        await second.NameNewPasskeyAsync("Overtaking");
        await second.SignOutAsync();
        await second.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await second.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await second.DeleteMethodAsync("Overtaken");
        await second.DeleteMethodAsync("Overtaking");
    }

    private const string Method = "Passkey in this browser or on a security key";

    private static Task CreateAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
}
