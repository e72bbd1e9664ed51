using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>
/// The way on this very device, in a Chromium that says it is a phone's browser, its virtual authenticator in place of the phone's own sheet: what the
/// portal says and does. The virtual phone has the sheet itself.
/// </summary>
[Covers(Way.ThisDeviceBySystem, Browser.Safari, Platform.Ios, Rehearsed = true)]
[Covers(Way.ThisDeviceBySystem, Browser.Chrome, Platform.Android, Rehearsed = true)]
public sealed class ThisDeviceScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task On_an_iPhone_from_the_list_to_a_named_passkey_and_a_sign_in_with_it()
    {
        var page = await Product.NewIphoneAsync(18);
        await page.OfferNothingInTheFieldAsync();
        await VirtualAuthenticator.AddAsync(page);
        await OpenThisDeviceAsync(page, Product.Newcomer);
        await FollowAsync(page, "Get the Authenticator", "Next");
        await Expect(page.GetByText("Open General, then AutoFill & Passwords.")).ToBeVisibleAsync();
        await FollowAsync(page, "Turn on the Authenticator", "I have done this");
        await Expect(page.GetByText("must be saved in the Authenticator")).ToBeVisibleAsync();
        await page.SayItIsOursAsync("this-device");
        await page.GetByRole(AriaRole.Button, new() { Name = "I understand" }).ClickAsync();
        await page.NameNewPasskeyAsync("My iPhone");
        await Expect(page.GetByText("Passkey in the Authenticator, on one device")).ToBeVisibleAsync();

        await page.SignOutAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        await page.DeleteMethodAsync("My iPhone");
    }

    [Fact]
    public async Task On_Android_there_are_more_pages_and_the_name_comes_before_the_return()
    {
        var page = await Product.NewAndroidAsync(14);
        await page.OfferNothingInTheFieldAsync();
        await VirtualAuthenticator.AddAsync(page);
        await OpenThisDeviceAsync(page, Product.Regular);
        await FollowAsync(page, "Set up your passkey", "Next");
        await FollowAsync(page, "Add a passkey in the Authenticator?", "Add");
        await FollowAsync(page, "Turn on passkey support", "Continue");
        await FollowAsync(page, "Two things come now", "Next");
        await FollowAsync(page, "Get the Authenticator", "Next");
        await Expect(page.GetByText("Additional providers")).ToBeVisibleAsync();
        await FollowAsync(page, "Turn on the Authenticator", "I have done this");
        await FollowAsync(page, "Save it in the Authenticator", "I understand");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Save another way" })).ToBeVisibleAsync();
        await page.SayItIsOursAsync("this-device");
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();

        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("My Android");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Android" })).ToBeVisibleAsync();

        // once more: the one that is there is named
        await page.GotoAsync(new Uri(Product.Portal, "security-info/add/this-device/save?platform=android").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Android" })).ToBeVisibleAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.DeleteMethodAsync("My Android");
    }

    [Fact]
    public async Task What_a_phone_or_its_browser_can_not_do_is_said_before_anything_starts()
    {
        var old = await Product.NewAndroidAsync(13);
        await OpenThisDeviceAsync(old, Product.Admin);
        await Expect(old.GetByRole(AriaRole.Heading, new() { Name = "This device is too old for it" })).ToBeVisibleAsync();
        await Expect(old.GetByText("It says it has Android 13.")).ToBeVisibleAsync();
        await old.GetByRole(AriaRole.Link, new() { Name = "On another device, by QR code" }).ClickAsync();
        await Expect(old.GetByRole(AriaRole.Heading, new() { Name = "Use another device" })).ToBeVisibleAsync();

        var oldBrowser = await Product.NewAndroidAsync(14, chrome: 120);
        await OpenThisDeviceAsync(oldBrowser, Product.Admin);
        await Expect(oldBrowser.GetByRole(AriaRole.Heading, new() { Name = "This browser can't hand passkeys to the Authenticator" })).ToBeVisibleAsync();

        var oldIphone = await Product.NewIphoneAsync(16);
        await OpenThisDeviceAsync(oldIphone, Product.Admin);
        await Expect(oldIphone.GetByText("It says it has iOS 16.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task With_the_provider_off_the_page_leads_back_to_the_setting()
    {
        var page = await Product.NewIphoneAsync(17);
        await page.OfferNothingInTheFieldAsync();
        await VirtualAuthenticator.AddAsync(page, verifiesUser: false); // it says no at once, as a phone does that has nothing to offer
        await page.AddInitScriptAsync("performance.now = () => 0;"); // at once on a busy machine, too
        await OpenThisDeviceAsync(page, Product.Admin);
        await FollowAsync(page, "Get the Authenticator", "Next");
        await FollowAsync(page, "Turn on the Authenticator", "I have done this");
        await page.GetByRole(AriaRole.Button, new() { Name = "I understand" }).ClickAsync();

        await Expect(page.GetByText("This device offered no Authenticator")).ToBeVisibleAsync();
        await Expect(page.GetByText("Open Passwords, then Password Options.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Saved_by_another_app_it_is_undone_and_the_setting_comes_again()
    {
        var page = await Product.NewIphoneAsync(18);
        await page.OfferNothingInTheFieldAsync();
        var provider = await VirtualAuthenticator.AddAsync(page);
        await OpenThisDeviceAsync(page, Product.Admin);
        await FollowAsync(page, "Get the Authenticator", "Next");
        await FollowAsync(page, "Turn on the Authenticator", "I have done this");
        await page.GetByRole(AriaRole.Button, new() { Name = "I understand" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Undone" })).ToBeVisibleAsync();
        await provider.HoldsNoneAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Try again" }).ClickAsync();
        await Expect(page.GetByText("It was saved by another app.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Whatever_the_device_answers_the_page_says_it_in_words_of_its_own_and_goes_on()
    {
        var page = await Product.NewIphoneAsync(18);
        await page.OfferNothingInTheFieldAsync();
        // the device answers with an error, after a time that passes for the page alone
        await page.AddInitScriptAsync("""
            let passed = 0;
            const now = performance.now.bind(performance);
            performance.now = () => now() + passed;
            navigator.credentials.create = async () => { passed += window.took; throw new DOMException('', window.fault); };
            """);
        await page.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await page.GotoAsync(new Uri(Product.Portal, "security-info/add/this-device/save?platform=ios").ToString());
        foreach (var (fault, seconds, words) in ((string, int, string)[])
            [
                ("InvalidStateError", 4, "This device or app already has a passkey for you"),
                ("NotAllowedError", 4, "No passkey was made"),
                ("NotAllowedError", 200, "No passkey was made in time"),
                ("ConstraintError", 4, "This device can't do that"),
                ("SecurityError", 4, "This address can't have passkeys"),
                ("UnknownError", 4, "The passkey could not be made"),
            ])
        {
            await page.EvaluateAsync("([fault, took]) => { window.fault = fault; window.took = took; }", new object[] { fault, seconds * 1000 });
            await page.Locator("#create").ClickAsync();
            await Expect(page.Locator("#problem-title")).ToHaveTextAsync(words);
            await Expect(page.GetByRole(AriaRole.Link, new() { Name = "How to turn it on" })).ToBeVisibleAsync(new() { Visible = fault == "NotAllowedError" });
        }

        await page.EvaluateAsync("() => { window.fault = 'NotAllowedError'; window.took = 0; }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Try again" }).ClickAsync();
        await Expect(page.GetByText("This device offered no Authenticator")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_button_pressed_twice_asks_the_device_once_and_a_cancellation_is_the_end_of_it()
    {
        var page = await Product.NewIphoneAsync(18);
        await page.OfferNothingInTheFieldAsync();
        await page.AddInitScriptAsync("""
            window.asked = 0;
            navigator.credentials.create = () => { window.asked++; return new Promise((_, no) => window.cancel = () => no(new DOMException('', 'AbortError'))); };
            """);
        await page.OpenSecurityInfoAsync(Product, Product.Newcomer);
        await page.GotoAsync(new Uri(Product.Portal, "security-info/add/this-device/save?platform=ios").ToString());
        await Expect(page.Locator("#create")).ToBeVisibleAsync();
        await page.EvaluateAsync("() => { const button = document.getElementById('create'); button.click(); button.click(); }");
        await Eventually.TrueAsync("the page asks", () => page.EvaluateAsync<bool>("() => !!window.cancel"));
        await page.EvaluateAsync("() => window.cancel()");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
        // a second one would wait for the ceremony's lock, before this, and keep it until somebody answers
        Assert.True(await page.EvaluateAsync<bool>("() => navigator.locks.request('passkey-creation', { signal: AbortSignal.timeout(5000) }, () => true).catch(() => false)"));
        Assert.Equal(1, await page.EvaluateAsync<int>("() => window.asked"));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task On_a_computer_the_missing_extension_is_said_before_the_browsers_own_window_opens()
    {
        var page = await Product.NewPageAsync();
        await OpenThisDeviceAsync(page, Product.Admin);
        await FollowAsync(page, "Get the Authenticator", "Next");
        await FollowAsync(page, "Turn on the Authenticator in this browser", "I have done this");
        await Expect(page.GetByText("The Authenticator's extension does not answer in this browser.")).ToBeVisibleAsync();

        await page.AddInitScriptAsync("const own = navigator.credentials.create; navigator.credentials.create = (...given) => own.apply(navigator.credentials, given);");
        await page.ReloadAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "I understand" })).ToBeVisibleAsync();
        await Expect(page.GetByText("The Authenticator's extension does not answer in this browser.")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Axe_finds_nothing_on_any_page_of_the_way_at_either_width()
    {
        var found = new List<string>();
        var phone = await Product.NewIphoneAsync(18);
        await phone.OfferNothingInTheFieldAsync();
        await VirtualAuthenticator.AddAsync(phone);
        await phone.OpenSecurityInfoAsync(Product, Product.Regular);
        var computer = await Product.NewPageAsync();
        await computer.OpenSecurityInfoAsync(Product, Product.Regular);
        foreach (var address in (string[])
            [
                "add/authenticator", "add/this-device/platform?platform=ios", "add/this-device/cannot?why=old", "add/this-device/cannot?why=browser",
                "add/this-device/app?platform=ios", "add/this-device/turn-on?platform=ios&why=off", "add/this-device/turn-on?platform=ios-17", "add/this-device/save?platform=ios",
                "add/this-device/set-up?platform=android", "add/this-device/confirm?platform=android", "add/this-device/support?platform=android", "add/this-device/begin?platform=android",
                "add/this-device/turn-on?platform=android", "add/this-device/remember?platform=android", "add/this-device/save?platform=android",
            ])
        {
            await phone.GotoAsync(new Uri(Product.Portal, "security-info/" + address).ToString());
            await phone.LookAtAsync(address, found);
        }

        foreach (var address in (string[])["add/authenticator", "add/this-device/platform?platform=computer", "add/this-device/cannot?why=old", "add/this-device/turn-on?platform=computer", "add/this-device/save?platform=computer", "add/this-device/set-up?platform=android"])
        {
            await computer.GotoAsync(new Uri(Product.Portal, "security-info/" + address).ToString());
            await computer.LookAtAsync(address, found);
        }

        await phone.GotoAsync(new Uri(Product.Portal, "security-info/add/this-device/save?platform=ios").ToString());
        await phone.GetByRole(AriaRole.Button, new() { Name = "I understand" }).ClickAsync();
        await Expect(phone.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeVisibleAsync();
        await phone.LookAtAsync("elsewhere", found);
        await phone.GotoAsync(new Uri(Product.Portal, "security-info/add/this-device/save?platform=ios").ToString());
        await phone.GetByRole(AriaRole.Button, new() { Name = "I understand" }).ClickAsync();
        await Expect(phone.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await phone.LookAtAsync("already there", found);

        Assert.Empty(found);
    }

    private async Task OpenThisDeviceAsync(IPage page, DemoPerson person)
    {
        await page.OpenSecurityInfoAsync(Product, person);
        await page.ChooseMethodAsync("Passkey in Authenticator");
        await page.GetByRole(AriaRole.Link, new() { Name = "Use this device" }).ClickAsync();
    }

    private static async Task FollowAsync(IPage page, string heading, string link)
    {
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = heading, Level = 1 })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = link, Exact = true }).ClickAsync();
    }
}
