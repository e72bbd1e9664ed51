using System.Text.Json;
using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>With attestation enforced, every way to a passkey of the Authenticator stays open: its server vouches for it in the app, by the extension and over a QR code.</summary>
public sealed class AttestationScenarios(Product product) : Scenario(product)
{
    private const string Pin = "passe-partout";

    [Fact]
    [Covers(Way.ThisDeviceByExtension, Browser.Chromium, Platform.Linux)]
    public async Task Where_only_proven_passkeys_are_taken_the_Authenticators_are_in_the_app_and_by_the_extension()
    {
        await EnforceAsync();
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        await AuthenticatorScenarios.AddPasskeyAsync(authenticator, Product.Regular);
        await Expect(authenticator.Page.GetByText("Latchkey demo vouches for it.")).ToBeVisibleAsync();
        await ExtensionStage.PictureAsync(authenticator.Page, "attested-passkey-app");
        await using var stage = await ExtensionStage.StartAsync(Product, authenticator.Data);
        var page = await stage.OpenAsync(new Uri(Product.Portal, "security-info").ToString());
        await page.SignInAsync(Product.Regular);
        await SeeVouchedForAsync();
        await ExtensionStage.PictureAsync(page, "attested-passkey");

        await page.DeleteMethodAsync("Latchkey Authenticator");
        await Expect(authenticator.Page.GetByRole(AriaRole.Button, new() { Name = "Test this passkey" })).ToHaveCountAsync(0);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        await AuthenticatorWindow.GiveGestureAsync(await stage.GoOnAsync(page), "Save");

        await page.NameNewPasskeyAsync("Through the extension");
        await SeeVouchedForAsync();
    }

    [Fact]
    [Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
    public async Task Where_only_proven_passkeys_are_taken_one_is_by_QR_code_and_the_administrator_can_take_that_back()
    {
        await EnforceAsync();
        var vault = Product.NewDirectory("vault");
        await SignInToVaultAsync(vault, Product.Admin);
        await using var stage = await Stage.SetAsync(Product);
        var page = stage.Page;
        await page.OpenSecurityInfoAsync(Product, Product.Admin);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await using var answer = stage.Answer(await stage.ReadCodeAsync(), vault);
        await page.NameNewPasskeyAsync("By QR code");
        Assert.True(await answer.ExitAsync() == 0, answer.Log);
        await SeeVouchedForAsync();

        Assert.Contains("Passkeys that would stop working: 1.", await RunAsync("attestation", "revoke", "person", Product.Admin.Name, "--dry-run"), StringComparison.Ordinal);
        Assert.Contains("Passkeys that stopped working: 1.", await RunAsync("attestation", "revoke", "person", Product.Admin.Name, "--yes"), StringComparison.Ordinal);
        await page.ReloadAsync();
        await Expect(page.GetByText("You can't sign in with it any more")).ToBeVisibleAsync();
    }

    /// <summary>Leaves a vault that is signed in, and holds no passkey.</summary>
    private async Task SignInToVaultAsync(string vault, DemoPerson person)
    {
        await using (var add = Product.Cli(Pin, "authenticator", "add", "--server", Product.Portal.ToString(), "--vault", vault))
        {
            var page = await Product.NewPageAsync();
            await page.GotoAsync(await add.LineAsync("or open "));
            await page.SignInAsync(person);
            await page.GetByRole(AriaRole.Button, new() { Name = "Allow", Exact = true }).ClickAsync();
            Assert.True(await add.ExitAsync() == 0, add.Log);
        }

        await using var list = Product.Cli(Pin, "authenticator", "list", "--json", "--vault", vault);
        Assert.Equal(0, await list.ExitAsync());
        await using var delete = Product.Cli(Pin, "authenticator", "delete", JsonDocument.Parse(list.Log.Trim()).RootElement.GetProperty("id").GetString()!, "--vault", vault, "--yes");
        Assert.True(await delete.ExitAsync() == 0, delete.Log);
    }

    private async Task EnforceAsync()
    {
        await using var run = Product.Cli(
            """{"authenticationMethodConfigurations":{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"attestationEnforcement":"registrationAndSignIn"}}}}}""",
            "policy", "set", "-", "--data", Product.DataDirectory);
        Assert.True(await run.ExitAsync() == 0, run.Log);
    }

    private async Task<string> RunAsync(params string[] command)
    {
        await using var run = Product.Cli(null, [.. command, "--data", Product.DataDirectory]);
        Assert.True(await run.ExitAsync() == 0, run.Log);
        return run.Log;
    }

    /// <summary>What a key is made of, and who vouches for it, is for administrators.</summary>
    private async Task SeeVouchedForAsync()
    {
        var all = new List<string>();
        foreach (var person in Product.People.Keys)
        {
            await using var list = Product.Cli(null, "user", "passkey", "list", person, "--json", "--data", Product.DataDirectory);
            Assert.True(await list.ExitAsync() == 0, list.Log);
            all.AddRange(list.Log.Split('\n').Where(line => line.StartsWith('{')));
        }

        Assert.Contains(all, line => JsonDocument.Parse(line).RootElement.GetProperty("attestation").GetString() == "attested");
    }
}
