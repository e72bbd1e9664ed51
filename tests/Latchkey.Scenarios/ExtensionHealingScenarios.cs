using System.Text;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>A browser stands between the Authenticator and the server, and can go at any moment: what the Authenticator keeps is what the server knows.</summary>
[Covers(Way.ThisDeviceByExtension, Browser.Chromium, Platform.Linux)]
public sealed class ExtensionHealingScenarios(Product product) : Scenario(product)
{
    /// <summary>Where the page brings the response to the server.</summary>
    private const string Complete = "**/security-info/passkeys";

    private const string NoPasskey = "There is no passkey for this account here";

    [Fact]
    public async Task In_the_portal_a_passkey_is_saved_signs_in_by_the_field_and_goes_from_the_Authenticator_once_it_is_deleted()
    {
        var authenticator = await SignedInAsync(Product.Regular);
        await using var stage = await ExtensionStage.StartAsync(Product, authenticator.Data);
        var page = await stage.OpenAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.SignInAsync(Product.Regular);
        await SaveAsync(stage, page);
        await page.NameNewPasskeyAsync("Through the extension");
        await Expect(authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Test this passkey" })).ToBeVisibleAsync();

        await page.SignOutAsync();
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.GetByLabel("Name", new() { Exact = true }).ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", Product.Regular.Name);
        await ExtensionStage.PictureAsync(page, "extension-portal-field");
        await ExtensionStage.PressAsync(page, "ArrowDown");
        await AuthenticatorWindow.GiveGestureAsync(await stage.GoOnAsync(page), "Continue");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "My Security info" })).ToBeVisibleAsync();

        // the page tells which passkeys are left, and the Authenticator hears it
        await page.DeleteMethodAsync("Through the extension");
        await Expect(authenticator.Page.GetByText(NoPasskey)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task In_the_portal_the_passkey_the_Authenticator_has_is_named_tested_and_replaced()
    {
        var authenticator = await SignedInAsync(Product.Admin);
        await using var stage = await ExtensionStage.StartAsync(Product, authenticator.Data);
        var page = await stage.OpenAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.SignInAsync(Product.Admin);
        await SaveAsync(stage, page);
        await page.NameNewPasskeyAsync("Through the extension");

        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await AuthenticatorWindow.GiveGestureAsync(await BeginAsync(stage, page), "Continue");
        var there = page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Through the extension" });
        await Expect(there.GetByText("Passkey in the Authenticator, on one device")).ToBeVisibleAsync();

        await there.GetByRole(AriaRole.Button, new() { Name = "Test it" }).ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "Continue", focused: true);
        await AuthenticatorWindow.GiveGestureAsync(await stage.GoOnAsync(page), "Continue");
        await Expect(there.GetByText("works: you can sign in with it")).ToBeVisibleAsync();

        await there.GetByRole(AriaRole.Button, new() { Name = "Replace it" }).ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        await AuthenticatorWindow.GiveGestureAsync(await stage.GoOnAsync(page), "Replace");
        await page.NameNewPasskeyAsync("The new one");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Through the extension" })).ToHaveCountAsync(0);
        await Expect(authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Test this passkey" })).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task A_page_that_goes_before_the_PIN_leaves_nothing_and_a_server_that_dies_with_the_passkey_is_asked_when_it_is_back()
    {
        var authenticator = await SignedInAsync(Product.Admin);
        await using var stage = await ExtensionStage.StartAsync(Product, authenticator.Data);
        var page = await stage.OpenAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.SignInAsync(Product.Admin);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        var save = page.Url;

        // the page goes while the PIN is asked for: nothing is kept
        var window = await BeginAsync(stage, page);
        await ExtensionStage.CloseAsync(window, () => page.GotoAsync("about:blank"));
        await Expect(authenticator.Page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        await Expect(authenticator.Page.GetByText(NoPasskey)).ToBeVisibleAsync();

        // the server has it and dies before it can say so: nothing is lost, and the Authenticator learns it from the server alone
        await page.GotoAsync(save);
        var died = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync(Complete, async route =>
        {
            // which its live connection would do at once
            await authenticator.StandStillAsync(async () =>
            {
                await route.FetchAsync();
                await Product.KillServerAsync();
            });
            await route.AbortAsync();
            await page.GotoAsync("about:blank");
            died.SetResult();
        }, new() { Times = 1 });
        await AuthenticatorWindow.GiveGestureAsync(await BeginAsync(stage, page), "Save");
        await died.Task.WaitAsync(Running.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        await authenticator.Page.GetByRole(AriaRole.Link, new() { Name = "Back" }).ClickAsync();
        await Expect(Unconfirmed(authenticator)).ToBeVisibleAsync();
        await Product.RestartServerAsync();
        await authenticator.KillAndRestartAsync();
        await Expect(Unconfirmed(authenticator)).ToHaveCountAsync(0);
        await OpenAccountAsync(authenticator);
        await Expect(authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Test this passkey" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Passkeys_the_server_never_heard_of_or_refused_go_once_it_can_hear_of_them_no_more()
    {
        var authenticator = await SignedInAsync(Product.Newcomer);
        await using var stage = await ExtensionStage.StartAsync(Product, authenticator.Data);
        var page = await stage.OpenAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.SignInAsync(Product.Newcomer);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        var save = page.Url;

        // the page goes with the answer in its hands
        await page.RouteAsync(Complete, async route =>
        {
            await route.AbortAsync();
            await page.GotoAsync("about:blank");
        }, new() { Times = 1 });
        await AuthenticatorWindow.GiveGestureAsync(await BeginAsync(stage, page), "Save");
        await page.WaitForURLAsync("about:blank");
        await authenticator.Page.GetByRole(AriaRole.Link, new() { Name = "Back" }).ClickAsync();
        await Expect(Unconfirmed(authenticator)).ToBeVisibleAsync();

        // the server refuses the next one, which would have taken its place
        await page.GotoAsync(save);
        await page.RouteAsync(Complete, route => route.ContinueAsync(new() { PostData = Spoiled(route.Request.PostData!) }), new() { Times = 1 });
        await AuthenticatorWindow.GiveGestureAsync(await BeginAsync(stage, page), "Replace");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ToBeVisibleAsync();

        // either may still be on its way, for all the Authenticator knows; thirteen minutes later none can be
        await Expect(Unconfirmed(authenticator)).ToBeVisibleAsync();
        await authenticator.KillAsync();
        await authenticator.RestartAsync(environment: new(StringComparer.Ordinal) { ["LD_PRELOAD"] = MovableClock.Library, ["FAKETIME"] = "+13m", ["DONT_FAKE_MONOTONIC"] = "1" });
        await Expect(Unconfirmed(authenticator)).ToHaveCountAsync(0);
        await OpenAccountAsync(authenticator);
        await Expect(authenticator.Page.GetByText(NoPasskey)).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("@simplewebauthn/server")]
    [InlineData("ASP.NET Core Identity")]
    public async Task At_a_foreign_relying_party_a_passkey_is_saved_and_signs_in_and_delivery_is_all_there_is_to_know(string library)
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await using var stage = await ExtensionStage.StartAsync(Product, authenticator.Data);
        await using var party = await ForeignRelyingPartyTests.StartAsync(library);
        var page = await stage.OpenAsync(party.Address.ToString());
        await page.GetByLabel("Name").FillAsync("ada");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a passkey" }).ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        await AuthenticatorWindow.GiveGestureAsync(await stage.GoOnAsync(page), "Save");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Registered: ada");

        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "Continue", focused: true);
        await AuthenticatorWindow.GiveGestureAsync(await stage.GoOnAsync(page), "Continue");
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Signed in: ada");
        await Expect(Unconfirmed(authenticator)).ToBeVisibleAsync();
        await Expect(authenticator.Page.GetByText("Waiting for the server to confirm it")).ToHaveCountAsync(0);
    }

    /// <summary>An Authenticator that knows the server by a person's account, and has no passkey for it.</summary>
    private async Task<AuthenticatorWindow> SignedInAsync(DemoPerson person)
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await AuthenticatorScenarios.AddPasskeyAsync(authenticator, person);
        await authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Delete this passkey" }).ClickAsync();
        await authenticator.Page.GetByRole(AriaRole.Alertdialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(authenticator.Page.GetByText(NoPasskey)).ToBeVisibleAsync();
        return authenticator;
    }

    /// <summary>Where a passkey stands that no server has said to be its own.</summary>
    private static ILocator Unconfirmed(AuthenticatorWindow authenticator) => authenticator.Page.GetByRole(AriaRole.Heading, new() { Name = "Passkeys for other sites" });

    /// <summary>The response with another attestation object than was signed.</summary>
    private static byte[] Spoiled(string response) => Encoding.UTF8.GetBytes(response.Replace("\"attestationObject\":\"", "\"attestationObject\":\"AA", StringComparison.Ordinal));

    private static Task OpenAccountAsync(AuthenticatorWindow authenticator) => authenticator.Page.GetByRole(AriaRole.Link, new() { Name = "Latchkey demo" }).ClickAsync();

    private static async Task SaveAsync(ExtensionStage stage, IPage page)
    {
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await AuthenticatorWindow.GiveGestureAsync(await BeginAsync(stage, page), "Save");
    }

    /// <summary>From the portal's page to the Authenticator's window.</summary>
    private static async Task<IPage> BeginAsync(ExtensionStage stage, IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).Or(page.GetByRole(AriaRole.Button, new() { Name = "Try again" })).ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        var window = await stage.GoOnAsync(page);
        await Expect(window.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        return window;
    }
}
