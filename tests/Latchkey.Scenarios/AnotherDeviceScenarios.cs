using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>
/// The wizard for another device, in a browser whose virtual authenticator stands in for it: what the portal says and does. How the two really
/// meet, over QR code and Bluetooth, is another scenario's.
/// </summary>
public sealed class AnotherDeviceScenarios(Product product) : Scenario(product)
{
    [Theory]
    [InlineData("iOS", true)]
    [InlineData("Android", false)]
    [InlineData("Another computer", true)]
    public async Task From_the_list_to_a_named_passkey_on_another_device_and_a_sign_in_with_it(string device, bool saysDone)
    {
        await Product.SetMeetingPointAsync();
        var page = await Product.NewPageAsync();
        await page.OfferNothingInTheFieldAsync();
        var provider = await VirtualAuthenticator.AddAsync(page, "cable");
        await page.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await page.ChooseMethodAsync("Passkey in Authenticator");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Open the Authenticator" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Use another device" }).ClickAsync();
        await FollowAsync(page, "Use another device", "Next");
        await FollowAsync(page, "Get the Authenticator", "Next");
        await FollowAsync(page, "Which device is it?", device);
        await FollowAsync(page, device == "Another computer" ? "Open the Authenticator there" : "Turn on the Authenticator there", "I have done this");
        await FollowAsync(page, "Get both devices ready", "Next");
        await page.SayItIsOursAsync("device");
        await SaveAsync(page);

        if (saysDone)
        {
            await FollowAsync(page, "Passkey created", "Done");
        }

        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(device);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = device })).ToBeVisibleAsync();
        await Expect(page.GetByText("Passkey in the Authenticator, on one device")).ToBeVisibleAsync();
        Assert.Single(await provider.CredentialsAsync());

        await page.SignOutAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        await page.DeleteMethodAsync(device);
    }

    [Fact]
    public async Task A_passkey_saved_somewhere_else_is_undone_here_and_in_the_browser_and_made_again()
    {
        var page = await Product.NewPageAsync();
        await page.OfferNothingInTheFieldAsync();
        var provider = await VirtualAuthenticator.AddAsync(page, "cable");
        await OpenSaveAsync(page, Product.Regular);
        await SaveAsync(page);

        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeVisibleAsync();
        Assert.Single(await provider.CredentialsAsync());
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Undone" })).ToBeVisibleAsync();
        await provider.HoldsNoneAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Try again" }).ClickAsync();
        await SaveAsync(page);
        await page.GetByRole(AriaRole.Link, new() { Name = "Keep it" }).ClickAsync();
        await page.NameNewPasskeyAsync("Kept");

        // once more: the device holds one now
        await page.GotoAsync(new Uri(Product.Portal, "security-info/add/device/save?platform=ios").ToString());
        await SaveAsync(page);
        await Expect(page.GetByText("already has a passkey for you")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Kept" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_the_browser_refuses_is_said_with_its_likely_causes_and_can_be_tried_again()
    {
        var page = await Product.NewPageAsync();
        await page.OfferNothingInTheFieldAsync();
        await VirtualAuthenticator.AddAsync(page, "cable", verifiesUser: false);
        await OpenSaveAsync(page, Product.Admin);
        await SaveAsync(page);

        var problem = page.GetByRole(AriaRole.Alert);
        await Expect(problem.GetByText("The browser does not tell this page why")).ToBeVisibleAsync();
        await Expect(problem.GetByText("Bluetooth or the internet was off")).ToBeVisibleAsync();
        await Expect(problem.GetByRole(AriaRole.Link, new() { Name = "Create it in the Authenticator itself" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_is_missing_is_said_before_the_browsers_window_opens()
    {
        var page = await Product.NewPageAsync();
        await page.AddInitScriptAsync("PublicKeyCredential.getClientCapabilities = async () => ({ hybridTransport: false });");
        await OpenSaveAsync(page, Product.Admin);
        await Expect(page.GetByText("it can't reach another device from here")).ToBeVisibleAsync();
        await Expect(page.GetByText("not on the internet")).ToBeHiddenAsync();

        await page.Context.SetOfflineAsync(true);
        await Expect(page.GetByText("not on the internet")).ToBeVisibleAsync();
        await page.Context.SetOfflineAsync(false);
        await Expect(page.GetByText("not on the internet")).ToBeHiddenAsync();

        await page.AddInitScriptAsync("delete window.PublicKeyCredential;");
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Status).GetByText("This browser can't use passkeys")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Next" })).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Create it in the Authenticator itself" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Open the Authenticator" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Axe_finds_nothing_on_any_page_of_the_way()
    {
        var found = new List<string>();
        var page = await Product.NewPageAsync();
        await page.OfferNothingInTheFieldAsync();
        await VirtualAuthenticator.AddAsync(page, "cable");
        await page.OpenSecurityInfoAsync(Product, Product.Regular);
        foreach (var address in (string[])["add/authenticator", "add/device/start", "add/device/app", "add/device/platform?platform=ios", "add/device/turn-on?platform=ios", "add/device/turn-on?platform=android", "add/device/turn-on?platform=computer", "add/device/ready?platform=ios", "add/device/save?platform=ios"])
        {
            await page.GotoAsync(new Uri(Product.Portal, "security-info/" + address).ToString());
            await page.LookAtAsync(address, found);
        }

        await SaveAsync(page);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeVisibleAsync();
        await page.LookAtAsync("elsewhere", found);
        await page.GotoAsync(new Uri(Product.Portal, "security-info/add/device/save?platform=ios").ToString());
        await SaveAsync(page);
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await page.LookAtAsync("already there", found);
        await page.GotoAsync(new Uri(Product.Portal, "get-authenticator").ToString());
        await page.LookAtAsync("get the Authenticator", found);
        await page.GotoAsync(new Uri(Product.Portal, "connect/logout").ToString());
        await page.LookAtAsync("sign out?", found);

        Assert.Empty(found);
    }

    private async Task OpenSaveAsync(IPage page, DemoPerson person)
    {
        await page.OpenSecurityInfoAsync(Product, person);
        await page.GotoAsync(new Uri(Product.Portal, "security-info/add/device/save?platform=ios").ToString());
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Save it in the Authenticator" })).ToBeVisibleAsync();
    }

    private static async Task FollowAsync(IPage page, string heading, string link)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = heading, Level = 1 })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = link }).ClickAsync();
    }

    private static Task SaveAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
}
