using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>What was deleted by mistake comes back and works, and what can't come back says why.</summary>
public sealed class RecentlyDeletedScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task A_passkey_and_codes_are_seen_among_the_deleted_and_come_back_unless_the_server_no_longer_knows_the_passkey()
    {
        var found = new List<string>();
        using var clock = new MovableClock();
        var authenticator = await AuthenticatorWindow.OpenAsync(Product, environment: clock.Environment);
        var page = authenticator.Page;
        await AuthenticatorScenarios.AddPasskeyAsync(authenticator, Product.Regular);

        // the server deletes it first: it can be seen, and is not offered for restoring, which must fail
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete this passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("was deleted from Latchkey demo and from here")).ToBeVisibleAsync();
        await OpenDeletedAsync(page);
        await Expect(page.GetByText("Passkey for")).ToBeVisibleAsync();
        await Expect(page.GetByText("30 days left")).ToBeVisibleAsync();
        await Expect(page.GetByText("The server of Latchkey demo deleted it too, so it can't be restored.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Restore the passkey for Latchkey demo" })).ToHaveCountAsync(0);
        await page.LookAtAppAsync("not restored", found);

        // codes: deleted, seen with their day, brought back, and they are the same
        await page.GetByRole(AriaRole.Link, new() { Name = "Authenticator" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Codes" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Add codes" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Paste its text" }).ClickAsync();
        await page.GetByLabel("The text of the code").FillAsync("otpauth://totp/Example:ada?issuer=Example&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Codes for Example are here" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Change the list" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete Example, ada" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alertdialog)).ToContainTextAsync("kept under Recently deleted for 30 days");
        await page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Example" })).ToHaveCountAsync(0);
        clock.PassTime(TimeSpan.FromDays(10));
        await authenticator.KillAndRestartAsync(clock.Environment);
        page = authenticator.Page;
        await OpenDeletedAsync(page);
        await Expect(page.GetByText("20 days left")).ToHaveCountAsync(2);
        await page.LookAtAppAsync("recently deleted", found);
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore the codes for Example" }).ClickAsync();
        await Expect(page.GetByText("The codes for Example are back.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Authenticator" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Codes" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "for Example, ada" })).ToBeVisibleAsync();

        // thirty days later the rest is gone for good
        clock.PassTime(TimeSpan.FromDays(21));
        await authenticator.KillAndRestartAsync(clock.Environment);
        page = authenticator.Page;
        await OpenDeletedAsync(page);
        await Expect(page.GetByText("Nothing was deleted in the last 30 days.")).ToBeVisibleAsync();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task A_passkey_deleted_while_the_server_was_away_and_kept_there_comes_back_and_signs_in()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        var page = authenticator.Page;
        await AuthenticatorScenarios.AddPasskeyAsync(authenticator, Product.Admin);
        await Product.KillServerAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete this passkey" }).ClickAsync();
        await page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("has not been told yet")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the account anyway" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "The account is removed from here" })).ToBeVisibleAsync();
        await Expect(page.GetByText("could not be told yet, and may still list this device")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Add your first account" })).ToBeVisibleAsync();
        await Product.RestartServerAsync();

        await OpenDeletedAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Restore the passkey for" }).ClickAsync();
        await Expect(page.GetByText("is back.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Authenticator" }).ClickAsync();
        var browser = await authenticator.BeginAddAsync();
        await browser.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You already have a passkey here" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test it" }).ClickAsync();
        await authenticator.GiveGestureAsync("Continue");
        await Expect(page.GetByText("This passkey works")).ToBeVisibleAsync();
    }

    private static async Task OpenDeletedAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Recently deleted" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Recently deleted" })).ToBeVisibleAsync();
    }
}
