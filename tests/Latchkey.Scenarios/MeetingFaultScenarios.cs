using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Hybrid;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>What goes wrong between an unmodified Chromium and an Authenticator: both sides say so, and both know which passkeys there are.</summary>
[Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
public sealed class MeetingFaultScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task Whatever_breaks_a_meeting_both_sides_come_to_an_end_and_agree_that_there_is_no_passkey_until_one_is_saved()
    {
        await using var stage = await Stage.SetAsync(Product);
        using var vault = await FileCredentialStore.CreateAsync(Product.NewDirectory("vault"), Stage.Pin, TimeProvider.System, TestContext.Current.CancellationToken);
        var phone = new FaultyPhone(stage, vault);
        await stage.Page.OpenSecurityInfoAsync(Product, Product.Regular);
        await stage.Page.GotoAsync(new Uri(Product.Portal, "security-info/add/device/save?platform=ios").ToString());
        var code = "";
        // ending on our side, and whether the browser waits for its person
        foreach (var (fault, problem, waits) in ((Fault, HybridProblem, bool)[])
        [
            (new() { OldCode = true }, HybridProblem.StaleCode, true),
            (new() { NoTunnelService = true }, HybridProblem.TunnelUnreachable, true),
            (new() { Received = 0 }, HybridProblem.PeerClosed, true),
            (new() { Sent = 0 }, HybridProblem.PeerClosed, true),
            (new() { Sent = 1 }, HybridProblem.PeerClosed, true),
            (new() { Received = 1 }, HybridProblem.PeerClosed, false),
            (new() { Received = 1, IsSilent = true }, HybridProblem.PeerSilent, false),
            (new() { Sent = 2 }, HybridProblem.PeerClosed, false),
        ])
        {
            code = await BeginAsync(stage, code);
            var outcome = await phone.AnswerAsync(code, fault, TestContext.Current.CancellationToken);

            Assert.True(outcome.Problem == problem, $"{fault}: {outcome}");
            if (waits) await CancelAsync(stage);
            await Expect(stage.Page.GetByText("No passkey was made")).ToBeVisibleAsync();
            Assert.DoesNotContain(vault.Credentials, key => key.IsOffered || key.State is CredentialState.Staged);
        }

        // one that the browser passes on and the server does not take
        code = await BeginAsync(stage, code);
        var unverified = await phone.AnswerAsync(code, new() { NotVerified = true }, TestContext.Current.CancellationToken);
        Assert.True(unverified.Succeeded, unverified.ToString());
        await Expect(stage.Page.GetByText("Set up a PIN, fingerprint or face on the device")).ToBeVisibleAsync();
        await stage.PictureAsync("not verified");
        var refused = Assert.Single(vault.Credentials, key => key.IsOffered);
        Assert.Equal(CredentialState.Delivered, refused.State);
        var elsewhere = await stage.Page.Context.NewPageAsync();
        await elsewhere.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await Expect(elsewhere.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();
        await Expect(elsewhere.GetByText("Passkey in the Authenticator")).ToHaveCountAsync(0);
        await elsewhere.CloseAsync();

        // and the next one takes its place
        var saved = await phone.AnswerAsync(await BeginAsync(stage, code), new(), TestContext.Current.CancellationToken);
        Assert.True(saved.Succeeded, saved.ToString());
        await stage.Page.NameNewPasskeyAsync("At last");
        var kept = Assert.Single(vault.Credentials, key => key.State is CredentialState.Delivered && key.Replaces == refused.Id);
        await vault.ConfirmAsync(kept.Id, TestContext.Current.CancellationToken);
        Assert.Equal(kept.Id, Assert.Single(vault.Credentials, key => key.IsOffered).Id);
    }

    [Fact]
    public async Task With_Bluetooth_off_and_when_the_time_is_up_the_wizard_says_what_it_may_have_been_and_goes_on()
    {
        await using var stage = await Stage.SetAsync(Product);
        await stage.Page.OpenSecurityInfoAsync(Product, Product.Admin);
        await stage.Page.GotoAsync(new Uri(Product.Portal, "security-info/add/device/save?platform=android").ToString());

        stage.ComputerBluetooth.SetPowered(false);
        await GoAsync(stage);
        await CancelAsync(stage);
        await Expect(stage.Page.GetByText("Bluetooth or the internet was off on one of the two")).ToBeVisibleAsync();
        await stage.PictureAsync("Bluetooth was off");

        // the browser's own switch in the same dialog turns it on, and its code comes
        await GoAsync(stage);
        var code = await stage.ReadCodeBehindDialogsAsync();
        await CancelAsync(stage);

        // a browser gives up after three minutes at the earliest; the page's watch goes that far ahead, and the person's Escape is the end it sees
        code = await BeginAsync(stage, code);
        await stage.Page.EvaluateAsync("() => { const now = performance.now.bind(performance); performance.now = () => now() + 180_000; }");
        await CancelAsync(stage, "No passkey was made in time");
        await Expect(stage.Page.GetByText("The two devices did not finish before the time was up")).ToBeVisibleAsync();
        await stage.PictureAsync("time is up");
        await Expect(stage.Page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();

        // nobody does anything: Chromium's window would stay open past the time it was given, and the page closes it; its clock goes on once the window is there
        await stage.Page.ReloadAsync();
        await stage.Page.EvaluateAsync("() => { const later = window.setTimeout; window.setTimeout = (act, wait) => wait > 60_000 ? (window.up = act, 0) : later(act, wait); }");
        await BeginAsync(stage, code);
        await stage.Page.EvaluateAsync("() => window.up()");
        await Expect(stage.Page.Locator("#problem-title")).ToHaveTextAsync("No passkey was made in time");
        await stage.PictureAsync("time was up");
    }

    private static Task GoAsync(Stage stage) => stage.Page.Locator("#create").ClickAsync();

    private static async Task<string> BeginAsync(Stage stage, string last)
    {
        await GoAsync(stage);
        return await stage.ReadCodeAsync(last);
    }

    /// <summary>Escape in the browser's dialog, and the page hears of it.</summary>
    private static async Task CancelAsync(Stage stage, string heading = "No passkey was made")
    {
        await stage.PressInDialogAsync("Escape");
        await Expect(stage.Page.GetByText(heading, new() { Exact = true })).ToBeVisibleAsync();
    }
}
