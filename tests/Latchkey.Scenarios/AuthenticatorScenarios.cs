using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>The recommended way: sign in inside the Authenticator, and the passkey is there.</summary>
[Covers(Way.InTheAuthenticator, Browser.Chromium, Platform.Linux)]
public sealed class AuthenticatorScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task From_an_empty_vault_a_passkey_is_added_tested_and_deleted_in_the_Authenticator()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await AddPasskeyAsync(authenticator, Product.Regular);

        await TestPasskeyAsync(authenticator);

        await DeletePasskeyAsync(authenticator.Page);
        await Assertions.Expect(authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_portal_waits_for_the_passkey_that_the_Authenticator_makes_and_a_deletion_there_reaches_the_Authenticator()
    {
        var portal = await Product.NewPageAsync();
        await portal.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await portal.ChooseMethodAsync("Passkey in Authenticator");
        var link = await portal.GetByRole(AriaRole.Link, new() { Name = "Open the Authenticator" }).GetAttributeAsync("href");
        Assert.StartsWith("latchkey:add?server=", link, StringComparison.Ordinal);

        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await AddPasskeyAsync(authenticator, Product.Newcomer, link);

        await portal.NameNewPasskeyAsync("Work computer");
        await portal.DeleteMethodAsync("Work computer");

        await authenticator.KillAndRestartAsync();
        await authenticator.Page.GetByRole(AriaRole.Link, new() { Name = "Latchkey demo" }).ClickAsync();
        await Assertions.Expect(authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_server_killed_between_creation_and_acknowledgement_gets_the_same_response_when_it_is_back()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await BeginAndKillServerAsync(authenticator);
        var page = authenticator.Page;

        await Product.RestartServerAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your account is ready" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        await TestPasskeyAsync(authenticator);
        await DeletePasskeyAsync(page);
    }

    [Fact]
    public async Task Server_and_Authenticator_killed_between_creation_and_acknowledgement_heal_at_the_next_start()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await BeginAndKillServerAsync(authenticator);
        await authenticator.KillAsync();

        await Product.RestartServerAsync();
        await authenticator.RestartAsync(leftOff: true);
        await authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Assertions.Expect(authenticator.Page.GetByRole(AriaRole.Heading, new() { Name = "Your account is ready" })).ToBeVisibleAsync();
        await authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        await TestPasskeyAsync(authenticator);
        await DeletePasskeyAsync(authenticator.Page);
    }

    /// <summary>The passkey is made and its response owed: the server dies while the person types the PIN.</summary>
    private async Task BeginAndKillServerAsync(AuthenticatorWindow authenticator)
    {
        var browser = await authenticator.BeginAddAsync();
        await AuthenticatorWindow.SignInAndAllowAsync(browser, Product.Admin);
        await Assertions.Expect(authenticator.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await Product.KillServerAsync();
        await authenticator.GiveGestureAsync("Save");
        await Assertions.Expect(authenticator.Page.GetByRole(AriaRole.Heading, new() { Name = "Almost done" })).ToBeVisibleAsync();
    }

    private static async Task TestPasskeyAsync(AuthenticatorWindow authenticator)
    {
        await authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Test this passkey" }).ClickAsync();
        await authenticator.GiveGestureAsync("Continue");
        await Assertions.Expect(authenticator.Page.GetByText("This passkey works")).ToBeVisibleAsync();
    }

    private static async Task DeletePasskeyAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete this passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(page.GetByText("was deleted from")).ToBeVisibleAsync();
    }

    /// <summary>From the first page of the Authenticator to the account that shows its passkey.</summary>
    internal static async Task AddPasskeyAsync(AuthenticatorWindow authenticator, DemoPerson person, string? server = null)
    {
        var browser = await authenticator.BeginAddAsync(server);
        await AuthenticatorWindow.SignInAndAllowAsync(browser, person);
        await authenticator.GiveGestureAsync("Save");
        await Assertions.Expect(authenticator.Page.GetByRole(AriaRole.Heading, new() { Name = "Your passkey is ready" })).ToBeVisibleAsync();
        await authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Assertions.Expect(authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Test this passkey" })).ToBeVisibleAsync();
    }
}
