namespace Latchkey.Phone.Walk;

/// <summary>The recommended way: signing in inside the Authenticator. The person has nothing but a Temporary Access Pass.</summary>
internal static class InTheAuthenticator
{
    private const string Person = "newcomer";

    public static WalkWay Way(Walker walker) => new("In the Authenticator",
    [
        new("Open the Authenticator", async stop =>
        {
            // The window's buttons work once it knows which phone it plays.
            await walker.Phone.SeeAsync(walker.Version.Name, stop);
            await walker.Phone.PressAsync("Authenticator", stop);
            await walker.Authenticator.PressAsync("Get started", stop);
            await walker.Authenticator.PressAsync("Continue", stop);
            await walker.Authenticator.FillAsync("PIN", Walker.Pin, stop);
            await walker.Authenticator.FillAsync("Enter it again", Walker.Pin, stop);
            await walker.Authenticator.PressAsync("Set PIN", stop);
            await walker.Authenticator.SeeAsync("Add your first account", stop);
        }),
        Walker.Follow("The plus sign", _ => Task.FromResult(walker.Authenticator), "Add an account", "What kind of account?"),
        Walker.Follow("Work or school account", _ => Task.FromResult(walker.Authenticator), "Work or school account", "Server address"),
        new("Sign in", async stop =>
        {
            await walker.Authenticator.PressAsync("Continue", stop);
            await walker.Authenticator.PressAsync("Sign in", stop);
            var browser = await walker.BrowserAsync(stop);
            await browser.FillAsync("Name", Person, stop);
            await browser.PressAsync("Next", stop);
            await browser.SeeAsync("Use a Temporary Access Pass", stop);
        }),
        new("Prove it with a second factor", async stop =>
        {
            var browser = await walker.BrowserAsync(stop);
            await browser.PressAsync("Use a Temporary Access Pass", stop);
            await browser.FillAsync("Temporary Access Pass", await walker.DemoAsync(Person, "temporary-access-pass", stop), stop);
            await browser.PressAsync("Sign in", stop);
            await walker.Authenticator.SeeAsync("Turn on the Authenticator", stop);
        }),
        new("The Authenticator says what this phone still wants", async stop =>
        {
            await walker.Authenticator.PressAsync("Open Settings", stop);
            await walker.Phone.PressAsync("Authenticator", stop);
            await walker.Phone.UntilAsync("document.querySelector('[data-key=Authenticator][aria-checked=true]')", "the Authenticator turned on", stop);
        }),
        new("The passkey is set up", async stop =>
        {
            await walker.OpenAppAsync("Authenticator", stop);
            await walker.Authenticator.PressAsync("Done", stop);
            await walker.Authenticator.FillAsync("PIN", Walker.Pin, stop);
            await walker.Authenticator.PressAsync("Save", stop);
            await walker.Authenticator.SeeAsync("Your passkey is ready", stop);
        }),
        new("The account shows it", async stop =>
        {
            await walker.Authenticator.PressAsync("Done", stop);
            await walker.Authenticator.SeeAsync("Test this passkey", stop);
        }),
    ]);
}
