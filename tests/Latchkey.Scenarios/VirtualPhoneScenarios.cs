using Latchkey.Hybrid.Qr;
using Latchkey.Phone;
using Latchkey.Phone.DevTools;
using Latchkey.Phone.Settings;
using Latchkey.Phone.Walk;
using Latchkey.Scenarios.Capabilities;

namespace Latchkey.Scenarios;

/// <summary>The virtual phone behaves as phones do where something is off, too old, or another profile's.</summary>
[Covers(Way.ThisDeviceBySystem, Browser.Chrome, Platform.Android, Rehearsed = true)]
public sealed class VirtualPhoneScenarios(Product product) : Scenario(product)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_off_too_old_or_of_another_profile_is_not_offered_and_the_portal_or_the_Authenticator_says_why()
    {
        var options = new PhoneOptions(PhoneSystem.Android, Product.Portal, Product.DataDirectory, Walks: true, ShowsOutcomes: false, Product.NewDirectory("pictures"));
        await using var rehearsal = await Rehearsal.StartAsync(options, Stop);
        await using var computer = await DevToolsPage.OfAsync(rehearsal.Computer.Browser.DevTools, Product.Portal.AbsoluteUri, Stop);
        await using var window = await DevToolsPage.OfAsync(rehearsal.Phone.Browser.DevTools, rehearsal.Phone.Address.AbsoluteUri, Stop);
        await using var walker = new Walker(options, rehearsal, computer, window);

        // The work profile has an Authenticator of its own, which knows nothing of the personal one.
        await walker.Phone.SeeAsync("Android 14", Stop);
        await walker.OpenAppAsync("Authenticator", Stop);
        await walker.Authenticator.PressAsync("Get started", Stop);
        await walker.Authenticator.PressAsync("Continue", Stop);
        await walker.Authenticator.FillAsync("PIN", Walker.Pin, Stop);
        await walker.Authenticator.FillAsync("Enter it again", Walker.Pin, Stop);
        await walker.Authenticator.PressAsync("Set PIN", Stop);
        await walker.Authenticator.SeeAsync("Add your first account", Stop);
        await walker.Phone.PressAsync("Home screen", Stop);
        await walker.Phone.PressAsync("Work", Stop);
        await walker.Phone.UntilAsync("document.querySelector('#profiles [aria-pressed=true]')?.textContent === 'Work'", "the work profile", Stop);
        await walker.OpenAppAsync("Authenticator", Stop);
        window.Frame = new Uri(await rehearsal.Phone.Work!.AuthenticatorAsync()).GetLeftPart(UriPartial.Authority);
        await window.SeeAsync("Get started", Stop);
        await walker.Phone.PressAsync("Home screen", Stop);
        await walker.Phone.PressAsync("Personal", Stop);
        await walker.Phone.UntilAsync("document.querySelector('#profiles [aria-pressed=true]')?.textContent === 'Personal'", "the personal profile", Stop);

        // With the Authenticator off, the sheet has only the phone's own; with nothing on, nobody is asked and the portal leads back to the settings.
        await walker.OpenAppAsync("Browser", Stop);
        var browser = await walker.BrowserAsync(Stop);
        await walker.SignInAsync(browser, Product.Regular.Name, Stop);
        await browser.SeeAsync("Add sign-in method", Stop);
        var save = new Uri(Product.Portal, "security-info/add/this-device/save?platform=android");
        await browser.GoToAsync(save, Stop);
        await browser.SeeAsync("Save another way", Stop);
        await browser.PressAsync("Continue", Stop);
        await walker.Phone.SeeAsync("Save a passkey?", Stop);
        await walker.Phone.UntilAsync("document.querySelectorAll('#sheet .choice').length === 1 && document.querySelector('#sheet .choice').textContent.startsWith('Password Manager')", "one place only", Stop);
        await walker.Phone.PressAsync("Cancel", Stop);
        // Who cancels faster than a person reads is taken for a device without an answer.
        await browser.UntilAsync("location.pathname.endsWith('/turn-on') || document.body.innerText.includes('Try again')", "that nothing was saved", Stop);
        rehearsal.Phone.Settings.TurnOn(PhoneProfile.Personal, Provider.BuiltIn, on: false);
        await browser.GoToAsync(save, Stop);
        await browser.SeeAsync("Save another way", Stop);
        // The phone says no at once, on a busy machine too.
        await browser.UntilAsync("(performance.now = () => 0, true)", "its clock", Stop);
        await browser.PressAsync("Continue", Stop);
        await browser.SeeAsync("Turn on the Authenticator", Stop);
        await browser.UntilAsync("location.search.includes('off')", "why it is back", Stop);

        // A version without a place for passkey apps is told so before anything begins.
        rehearsal.Phone.Settings.Version = PhoneVersion.Of(PhoneSystem.Android)[0];
        await rehearsal.Phone.Personal.OpenInBrowserAsync(new Uri(Product.Portal, "security-info/add/this-device"), Stop);
        await browser.SeeAsync("This device is too old for it", Stop);

        // With Bluetooth off nobody would hear the phone, and the Authenticator says it before it tries.
        rehearsal.Phone.Settings.Bluetooth = false;
        var code = HybridQrCode.Parse(
            "FIDO:/238451178209281667156538260310741160359759458938201573697652786205225662118051624718246600538237782637384721773011818560066190121689259155437386659267330109321447142404") with { Timestamp = TimeProvider.System.GetUtcNow() };
        await rehearsal.Phone.Personal.OpenLinkAsync(code.Encode());
        await walker.OpenAppAsync("Authenticator", Stop);
        window.Frame = new Uri(await rehearsal.Phone.Personal.AuthenticatorAsync()).GetLeftPart(UriPartial.Authority);
        await window.SeeAsync("Bluetooth is turned off", Stop);
    }
}
