namespace Latchkey.Phone.Walk;

/// <summary>Three people of the demo organisation sign in to one Authenticator, and policy gives each something else.</summary>
internal static class Outcomes
{
    public static WalkWay[] Ways(Walker walker) =>
    [
        new("The newcomer gets everything",
        [
            new("Open the Authenticator", async stop =>
            {
                await walker.Phone.SeeAsync(walker.Version.Name, stop);
                await walker.Phone.PressAsync("Authenticator", stop);
                await walker.Authenticator.PressAsync("Get started", stop);
                await walker.Authenticator.PressAsync("Continue", stop);
                await walker.Authenticator.FillAsync("PIN", Walker.Pin, stop);
                await walker.Authenticator.FillAsync("Enter it again", Walker.Pin, stop);
                await walker.Authenticator.PressAsync("Set PIN", stop);
                await walker.Authenticator.SeeAsync("Add your first account", stop);
            }),
            .. ToTheBrowser(walker, "newcomer"),
            new("newcomer proves it with a pass", async stop => await WithPassAsync(walker, "newcomer", stop)),
            .. Passkey(walker, "newcomer"),
            Sees(walker, "newcomer: everything is set up", "Sign in with the Authenticator", "Approve sign-ins", "Codes"),
        ]),
        new("The clerk gets no codes",
        [
            .. Next(walker, "clerk"),
            new("clerk proves it with a pass", async stop => await WithPassAsync(walker, "clerk", stop)),
            .. Passkey(walker, "clerk"),
            Sees(walker, "clerk: no codes, and why", "Not offered: Your organisation keeps this way of signing in from a group you are in."),
        ]),
        new("The visitor gets codes alone",
        [
            .. Next(walker, "visitor"),
            new("visitor proves it with password and code", async stop =>
            {
                var browser = await walker.BrowserAsync(stop);
                await walker.SignInAsync(browser, "visitor", stop);
                await walker.Authenticator.SeeAsync("Your account is ready", stop);
            }),
            Sees(walker, "visitor: no passkey, and why", "Not offered: Your organisation keeps this way of signing in from a group you are in.", "Codes"),
        ]),
    ];

    private static WalkStep[] ToTheBrowser(Walker walker, string person) =>
    [
        new($"{person}: the plus sign, work or school account", async stop =>
        {
            await walker.Authenticator.PressAsync("Add an account", stop);
            await walker.Authenticator.PressAsync("Work or school account", stop);
            await walker.Authenticator.SeeAsync("Server address", stop);
        }),
        new($"{person}: sign in", async stop =>
        {
            await walker.Authenticator.PressAsync("Continue", stop);
            await walker.Authenticator.PressAsync("Sign in", stop);
            await (await walker.BrowserAsync(stop)).SeeAsync(person == "newcomer" ? "Sign in" : "Use another account", stop);
        }),
    ];

    /// <summary>The same Authenticator, another person: the browser still knows the one before.</summary>
    private static WalkStep[] Next(Walker walker, string person) =>
    [
        new($"{person}: back to the accounts", async stop =>
        {
            await walker.Authenticator.PressAsync("Done", stop);
            await walker.Authenticator.SeeAsync("Test this passkey", stop);
            await walker.Authenticator.PressAsync("Back", stop);
            await walker.Authenticator.SeeAsync("Accounts", stop);
        }),
        .. ToTheBrowser(walker, person),
        new($"{person}: another account", async stop =>
        {
            var browser = await walker.BrowserAsync(stop);
            await browser.PressAsync("Use another account", stop);
            await browser.SeeAsync("Name", stop);
        }),
    ];

    private static async Task WithPassAsync(Walker walker, string person, CancellationToken stop)
    {
        var browser = await walker.BrowserAsync(stop);
        await browser.FillAsync("Name", person, stop);
        await browser.PressAsync("Next", stop);
        await browser.PressAsync("Use a Temporary Access Pass", stop);
        await browser.FillAsync("Temporary Access Pass", await walker.DemoAsync(person, "temporary-access-pass", stop), stop);
        await browser.PressAsync("Sign in", stop);
        await walker.Authenticator.SeeAsync("Turn on the Authenticator", stop);
    }

    private static WalkStep[] Passkey(Walker walker, string person) =>
    [
        new($"{person}: the passkey is next, and wants the PIN", async stop =>
        {
            await walker.Authenticator.PressAsync("Not now", stop);
            await walker.Authenticator.SeeAsync("Save a passkey", stop);
        }),
        new($"{person}: the PIN, once", async stop =>
        {
            await walker.Authenticator.FillAsync("PIN", Walker.Pin, stop);
            await walker.Authenticator.PressAsync("Save", stop);
            await walker.Authenticator.SeeAsync("Your passkey is ready", stop);
        }),
    ];

    private static WalkStep Sees(Walker walker, string title, params string[] words) => new(title, async stop =>
    {
        foreach (var word in words) await walker.Authenticator.FindAsync(word, stop);
        await walker.Authenticator.UntilAsync("(document.querySelector('.methods').scrollIntoView(), true)", "the list", stop);
    });
}
