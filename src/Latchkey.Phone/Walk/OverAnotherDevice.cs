using Latchkey.Phone.DevTools;
using Latchkey.Phone.Settings;

namespace Latchkey.Phone.Walk;

/// <summary>The third way: the portal on a computer, QR code, Bluetooth, the passkey on the phone; and back in the same way.</summary>
internal static class OverAnotherDevice
{
    // The phone and the computer are one machine here, and the Authenticator cannot know that they play two.
    private const string OnAnotherDevice = "It is on another device: continue";

    public static WalkWay Way(Walker walker)
    {
        var isIos = walker.Version.System is PhoneSystem.Ios;
        var system = isIos ? "iOS" : "Android";
        Func<CancellationToken, Task<DevToolsPage>> computer = _ => Task.FromResult(walker.Computer);
        return new("Over another device",
        [
            new("The computer signs in to My Security info", async stop =>
            {
                await walker.SignInAsync(walker.Computer, OnThisDevice.Person, stop);
                await walker.Computer.SeeAsync("Add sign-in method", stop);
            }),
            new("Add sign-in method, Passkey in Authenticator", async stop =>
            {
                await walker.Computer.PressAsync("Add sign-in method", stop);
                await walker.Computer.PressAsync("Passkey in Authenticator", stop);
            }),
            new("Add, then another device", async stop =>
            {
                await walker.Computer.PressAsync("Add", stop);
                await walker.Computer.PressAsync("Use another device", stop);
                await walker.Computer.SeeAsync("Both need Bluetooth and the internet", stop);
            }),
            Walker.Follow("Get the Authenticator", computer, "Next", "Get the Authenticator"),
            Walker.Follow("Which device", computer, "Next", "Which device is it?"),
            Walker.Follow("Turn on the Authenticator on the phone", computer, system, "Turn on the Authenticator there"),
            Walker.Follow("Bluetooth, internet, camera", computer, "I have done this", "Get both devices ready"),
            Walker.Follow("It must be saved in the Authenticator", computer, "Next", "Save it in the Authenticator"),
            new("The browser shows its QR code, the phone's camera sees it", async stop =>
            {
                await walker.Computer.PressAsync("Next", stop);
                await walker.LookAsync(stop);
            }),
            new("The Authenticator opens", async stop =>
            {
                await walker.Phone.PressAsync("Use a passkey", stop);
                await walker.Authenticator.SeeAsync("Save a passkey for another device's browser?", stop);
            }),
            new("Connected over Bluetooth, the PIN is asked for", async stop =>
            {
                await walker.Authenticator.PressAsync(OnAnotherDevice, stop);
                await walker.Authenticator.FillAsync("PIN", Walker.Pin, stop);
            }),
            new("Saved in the Authenticator", async stop =>
            {
                await walker.Authenticator.PressAsync("Save", stop);
                await walker.Authenticator.SeeAsync("Your passkey is saved", stop);
            }),
            new("Back in My Security info, it gets its name", async stop =>
            {
                await walker.Authenticator.PressAsync("Done", stop);
                if (isIos)
                {
                    await walker.Computer.SeeAsync("Passkey created", stop);
                    await walker.Computer.PressAsync("Done", stop);
                }

                await walker.Computer.FillAsync("Name", $"My {system} phone", stop);
            }),
            Walker.Follow("Listed", computer, "Done", $"My {system} phone"),
            new("Signed out, the way back in is the phone", async stop =>
            {
                await walker.Computer.PressAsync("Sign out", stop);
                await walker.Computer.SeeAsync("Sign in", stop);
                await walker.Computer.GoToAsync(new Uri(walker.Portal, "security-info"), stop);
                await walker.Computer.PressAsync("Sign in with a passkey", stop);
                await walker.LookAsync(stop);
            }),
            new("The Authenticator is asked to sign in", async stop =>
            {
                await walker.Phone.PressAsync("Use a passkey", stop);
                await walker.Authenticator.PressAsync(OnAnotherDevice, stop);
                await walker.Authenticator.FillAsync("PIN", Walker.Pin, stop);
            }),
            new("Signed in by QR code", async stop =>
            {
                await walker.Authenticator.PressAsync("Continue", stop);
                await walker.Authenticator.SeeAsync("Signed in", stop);
                await walker.Computer.SeeAsync("Add sign-in method", stop);
                await walker.Computer.SeeAsync($"My {system} phone", stop);
            }),
        ]);
    }
}
