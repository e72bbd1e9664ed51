using Latchkey.Phone.Settings;

namespace Latchkey.Phone.Walk;

/// <summary>Troubleshooting: there is a passkey already, and the way to a new one leads over deleting it in both places.</summary>
internal static class AlreadyThere
{
    public static WalkWay Way(Walker walker)
    {
        var isIos = walker.Version.System is PhoneSystem.Ios;
        return new("When there is one already",
        [
            new("The portal names the passkey that is there", async stop =>
            {
                var page = await walker.BrowserAsync(stop);
                var platform = isIos ? "ios-17" : "android";
                await page.GoToAsync(new Uri(walker.Portal, $"security-info/add/this-device/save?platform={platform}"), stop);
                await page.PressAsync(isIos ? "I understand" : "Continue", stop);
                await walker.SeeSheetAsync(stop);
                if (!isIos) await walker.Phone.PressAsync("Save another way", stop);
                await walker.Phone.PressAsync("Authenticator Keep", stop);
                await walker.Authenticator.SeeAsync("You already have a passkey here", stop);
                await walker.Authenticator.FillAsync("PIN", Walker.Pin, stop);
                await walker.Authenticator.PressAsync("Continue", stop);
                await page.SeeAsync("already", stop);
                await page.SeeAsync("On this phone", stop);
            }),
            new("Trash, Delete in the Authenticator", async stop =>
            {
                await walker.OpenAppAsync("Authenticator", stop);
                await walker.Authenticator.PressAsync("Authenticator", stop);
                await walker.Authenticator.PressAsync("Latchkey demo regular", stop);
                await walker.Authenticator.PressAsync("Delete this passkey", stop);
                await walker.Authenticator.SeeAsync("Delete this passkey?", stop);
                await walker.Authenticator.PressAsync("Delete", stop);
                await walker.Authenticator.SeeAsync("Accounts", stop);
            }),
            new("Deleted in My Security info too", async stop =>
            {
                await walker.OpenAppAsync("Browser", stop);
                var page = await walker.BrowserAsync(stop);
                await page.GoToAsync(new Uri(walker.Portal, "security-info"), stop);
                await page.PressAsync("Delete On this phone", stop);
                await page.SeeAsync("Delete On this phone?", stop);
                await page.PressAsync("Delete", stop);
                await page.SeeAsync("nobody can sign in with it any more", stop);
            }),
        ]);
    }
}
