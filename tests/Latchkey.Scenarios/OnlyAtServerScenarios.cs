using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>A passkey the server knows and this Authenticator does not have: on another device, or lost with its vault.</summary>
public sealed class OnlyAtServerScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task On_a_second_device_it_is_named_and_used_there_or_joined_by_one_here_and_a_lost_one_is_replaced()
    {
        var found = new List<string>();
        var first = await AuthenticatorWindow.OpenAsync(Product);
        await AuthenticatorScenarios.AddPasskeyAsync(first, Product.Regular);

        // it is on the other device: use that one, and set the rest up here
        var second = await AuthenticatorWindow.OpenAsync(Product);
        await ComeToItAsync(second, Product.Regular);
        await Expect(second.Page.GetByText("Registered at Latchkey demo")).ToBeVisibleAsync();
        await second.Page.LookAtAppAsync("only at the server", found);
        await second.Page.GetByRole(AriaRole.Button, new() { Name = "Use the one I have" }).ClickAsync();
        await Expect(second.Page.GetByRole(AriaRole.Heading, new() { Name = "Your account is ready" })).ToBeVisibleAsync();
        await second.Page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        // then one here too
        await second.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await Expect(second.Page.GetByRole(AriaRole.Heading, new() { Name = "You have a passkey, but not here" })).ToBeVisibleAsync();
        await second.Page.GetByRole(AriaRole.Button, new() { Name = "Add one here too" }).ClickAsync();
        await second.GiveGestureAsync("Save");
        await Expect(second.Page.GetByRole(AriaRole.Heading, new() { Name = "Your passkey is ready" })).ToBeVisibleAsync();

        // both devices are lost: the third replaces one, which goes from the server, and deletes the other there
        var third = await AuthenticatorWindow.OpenAsync(Product);
        await ComeToItAsync(third, Product.Regular);
        var page = third.Page;
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Replace it" })).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete it" }).First.ClickAsync();
        await page.LookAtAppAsync("delete one that is only at the server", found);
        await page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Replace it" })).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Replace it" }).ClickAsync();
        await third.GiveGestureAsync("Save");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your passkey is ready" })).ToBeVisibleAsync();
        await Expect(page.GetByText("is still registered at")).ToHaveCountAsync(0);

        // both old devices hear of it
        await first.KillAndRestartAsync();
        await first.Page.GetByRole(AriaRole.Link, new() { Name = "Latchkey demo" }).ClickAsync();
        await Expect(first.Page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" })).ToBeVisibleAsync();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static async Task ComeToItAsync(AuthenticatorWindow authenticator, DemoPerson person)
    {
        var browser = await authenticator.BeginAddAsync();
        await AuthenticatorWindow.SignInAndAllowAsync(browser, person);
        await Expect(authenticator.Page.GetByRole(AriaRole.Heading, new() { Name = "You have a passkey, but not here" })).ToBeVisibleAsync();
    }
}
