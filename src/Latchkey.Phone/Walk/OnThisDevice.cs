using Latchkey.Phone.DevTools;
using Latchkey.Phone.Settings;

namespace Latchkey.Phone.Walk;

/// <summary>The same-device way: the portal in the phone's own browser, whose passkey request goes to the system's sheet.</summary>
internal static class OnThisDevice
{
    public const string Person = "regular";

    public static WalkWay Way(Walker walker)
    {
        var isIos = walker.Version.System is PhoneSystem.Ios;
        Func<CancellationToken, Task<DevToolsPage>> browser = walker.BrowserAsync;
        return new("On the same device",
        [
            new("The phone's browser signs in to My Security info", async stop =>
            {
                await walker.OpenAppAsync("Browser", stop);
                var page = await browser(stop);
                // Whoever signed in before goes first.
                await page.GoToAsync(new Uri(walker.Portal, "security-info"), stop);
                await page.PressAsync("Sign out", stop);
                await page.SeeAsync("Sign in", stop);
                await page.GoToAsync(new Uri(walker.Portal, "security-info"), stop);
                await walker.SignInAsync(page, Person, stop);
                await page.SeeAsync("My Security info", stop);
            }),
            Walker.Follow("Add a sign-in method here", browser, "Add sign-in method", "Choose a method"),
            new("Passkey in Authenticator, here", async stop => await (await browser(stop)).PressAsync("Passkey in Authenticator", stop)),
            new("Add, then this device", async stop =>
            {
                var page = await browser(stop);
                await page.PressAsync("Add", stop);
                await page.PressAsync("Use this device", stop);
                await page.SeeAsync(isIos ? "Get the Authenticator" : "Set up your passkey", stop);
            }),
            .. isIos ? Array.Empty<WalkStep>() :
            [
                Walker.Follow("Set up the passkey", browser, "Next", "Add a passkey in the Authenticator?"),
                Walker.Follow("Confirm it", browser, "Add", "Turn on passkey support"),
                Walker.Follow("Turn on passkey support", browser, "Continue", "Two things come now"),
                Walker.Follow("Go on setting up", browser, "Next", "Get the Authenticator"),
            ],
            Walker.Follow("Get the Authenticator here", browser, "Next", "Turn on the Authenticator"),
            new("Turn it on in this phone's settings", async stop =>
            {
                await walker.OpenAppAsync("Settings", stop);
                if (isIos)
                {
                    await walker.Phone.PressAsync("Passwords", stop);
                    await walker.Phone.PressAsync("Password Options", stop);
                    await walker.Phone.UntilAsync("document.querySelector('[data-key=AutoFill][aria-checked=true]')", "AutoFill turned on", stop);
                }
                else
                {
                    await walker.Phone.PressAsync("Passwords & accounts", stop);
                }

                await walker.Phone.UntilAsync("document.querySelector('[data-key=Authenticator][aria-checked=true]')", "the Authenticator turned on", stop);
            }),
            new("Back to the portal: I have done this", async stop =>
            {
                await walker.OpenAppAsync("Browser", stop);
                var page = await browser(stop);
                await page.PressAsync("I have done this", stop);
                await page.SeeAsync("Save it in the Authenticator", stop);
            }),
            .. isIos ? Array.Empty<WalkStep>() : [Walker.Follow("Understand where it must be saved", browser, "I understand", "Save another way")],
            new(isIos ? "I understand: the phone's sheet opens" : "Continue: the phone's sheet opens", async stop =>
            {
                await (await browser(stop)).PressAsync(isIos ? "I understand" : "Continue", stop);
                await walker.SeeSheetAsync(stop);
            }),
            new("Saved in the Authenticator on this phone", async stop =>
            {
                if (!isIos) await walker.Phone.PressAsync("Save another way", stop);
                await walker.Phone.PressAsync("Authenticator Keep", stop);
                await walker.Authenticator.FillAsync("PIN", Walker.Pin, stop);
                await walker.Authenticator.PressAsync("Save", stop);
                await (await browser(stop)).SeeAsync(isIos ? "Passkey created" : "Name it", stop);
            }),
            .. isIos ? [Walker.Follow("Back in the portal, Done", browser, "Done", "Name it")] : Array.Empty<WalkStep>(),
            new("It gets a name here", async stop =>
            {
                var page = await browser(stop);
                await page.FillAsync("Name", "On this phone", stop);
                await page.PressAsync("Done", stop);
                await page.SeeAsync("On this phone", stop);
            }),
            new("Listed with the other methods", async stop => await (await browser(stop)).SeeAsync("Passkey in the Authenticator, on one device", stop)),
        ]);
    }
}
