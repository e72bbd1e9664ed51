using System.Text.Json.Nodes;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>The Authenticator's own pages about QR codes: it reads the code from the screen by itself, and every page it shows is fit to be read.</summary>
[Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
public sealed class ScanScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task The_Authenticator_reads_the_code_from_the_screen_saves_and_signs_in_and_axe_finds_nothing_on_its_pages()
    {
        var found = new List<string>();
        await using var stage = await Stage.SetAsync(Product);
        var (portal, app) = (stage.Page, await stage.OpenAuthenticatorAsync(Product));
        await portal.OpenSecurityInfoAsync(Product, Product.Regular);

        await OpenScanAsync(app);
        await LookAsync(stage, app, "choose way", found);
        await PasteAsync(app, "not a code");
        await Expect(app.GetByText("This QR code is neither for a passkey")).ToBeVisibleAsync();
        await LookAsync(stage, app, "not ours", found);

        // the browser's chooser comes first, and its second way is the QR code
        await ChooseSecurityKeyFirstAsync(portal);
        await portal.ChooseMethodAsync("Passkey in this browser or on a security key");
        await portal.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        var code = await stage.ReadCodeBehindDialogsAsync();

        stage.PhoneBluetooth.SetPowered(false);
        await PasteAsync(app, code);
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "It can't work yet" })).ToBeVisibleAsync();
        await LookAsync(stage, app, "blocked", found);
        stage.PhoneBluetooth.SetPowered(true);
        await app.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await ReadFromScreenAsync(app);
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "Save a passkey for another device's browser?" })).ToBeVisibleAsync();
        await LookAsync(stage, app, "ready", found);
        await MeetAsync(app);
        await LookAsync(stage, app, "meeting and PIN", found);
        await AuthenticatorWindow.GiveGestureAsync(app, "Save");
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "Your passkey is saved" })).ToBeVisibleAsync();
        await LookAsync(stage, app, "saved", found);
        await app.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await portal.NameNewPasskeyAsync("Read from the screen");

        await portal.SignOutAsync();
        code = await BeginSignInAsync(stage, code);
        await ReadFromScreenAsync(app);
        await MeetAsync(app);
        await app.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "Nothing has changed" })).ToBeVisibleAsync();
        await LookAsync(stage, app, "declined", found);
        await app.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        await BeginSignInAsync(stage, code);
        await ReadFromScreenAsync(app);
        await MeetAsync(app);
        await AuthenticatorWindow.GiveGestureAsync(app, "Continue");
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "Signed in" })).ToBeVisibleAsync();
        await LookAsync(stage, app, "signed in", found);
        await app.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(portal.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();

        // nobody waits behind this code any more
        await OpenScanAsync(app);
        await PasteAsync(app, code);
        await app.GetByRole(AriaRole.Button, new() { Name = "It is on another device: continue" }).ClickAsync();
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "Signing in" })).ToBeVisibleAsync();
        await LookAsync(stage, app, "meeting", found);
        await app.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();

        await portal.ChooseMethodAsync("Passkey in this browser or on a security key");
        await portal.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await stage.ReadCodeBehindDialogsAsync();
        await ReadFromScreenAsync(app);
        await MeetAsync(app);
        await AuthenticatorWindow.GiveGestureAsync(app, "Continue");
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "That did not work" })).ToBeVisibleAsync();
        await LookAsync(stage, app, "failed", found);
        await Expect(portal.GetByText("already has a passkey for you")).ToBeVisibleAsync();

        Assert.Empty(found);
    }

    private static async Task LookAsync(Stage stage, IPage app, string name, List<string> found)
    {
        await app.LookAtAsync(name, found);
        await stage.PictureAsync("scan " + name);
    }

    private static async Task OpenScanAsync(IPage app)
    {
        await app.GetByRole(AriaRole.Link, new() { Name = "Scan QR code" }).ClickAsync();
        await Expect(app.GetByRole(AriaRole.Heading, new() { Name = "Scan a QR code" })).ToBeVisibleAsync();
    }

    private static async Task PasteAsync(IPage app, string text)
    {
        await app.GetByRole(AriaRole.Button, new() { Name = "Paste its text" }).ClickAsync();
        await app.GetByLabel("The text of the code").FillAsync(text);
        await app.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
    }

    private static async Task ReadFromScreenAsync(IPage app)
    {
        await OpenScanAsync(app);
        await app.GetByRole(AriaRole.Button, new() { Name = "Look at the screen" }).ClickAsync();
    }

    /// <summary>On one machine the Authenticator asks whether the browser is on another: on this stage it is.</summary>
    private static async Task MeetAsync(IPage app)
    {
        await app.GetByRole(AriaRole.Button, new() { Name = "It is on another device: continue" }).ClickAsync();
        await Expect(app.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
    }

    private async Task<string> BeginSignInAsync(Stage stage, string last)
    {
        await stage.Page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await stage.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();
        return await stage.ReadCodeAsync(last);
    }

    /// <summary>Has the page ask for a security key, as a hint: the browser then shows that way, and the others behind it.</summary>
    private static async Task ChooseSecurityKeyFirstAsync(IPage page) => await page.RouteAsync("**/passkeys/options", async route =>
    {
        var begun = await route.FetchAsync();
        var options = JsonNode.Parse(await begun.TextAsync())!;
        options["hints"] = new JsonArray("security-key");
        await route.FulfillAsync(new() { Response = begun, Body = options.ToJsonString() });
    });
}
