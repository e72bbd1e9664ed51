using Latchkey.Scenarios.Capabilities;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>The browser's own QR code with the extension in front of it, which has an Authenticator and could answer itself.</summary>
[Covers(Way.AnotherDevice, Browser.Chromium, Platform.Linux)]
public sealed class ExtensionQrCodeScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task Another_way_than_the_extensions_leads_to_the_QR_code_and_the_passkey_of_the_other_device()
    {
        var authenticator = await AuthenticatorWindow.OpenAsync(Product);
        var profile = Directory.CreateDirectory(Product.NewDirectory("profile"));
        ExtensionStage.InstallNativeHost(Product, profile, authenticator.Data);
        // its offer to save the password would cover the code
        await File.WriteAllTextAsync(Path.Combine(profile.CreateSubdirectory("Default").FullName, "Preferences"),
            """{"credentials_enable_service":false,"profile":{"password_manager_enabled":false},"autofill":{"enabled":false,"profile_enabled":false}}""", TestContext.Current.CancellationToken);
        await using var stage = await Stage.SetAsync(Product, [$"--user-data-dir={profile.FullName}", .. ExtensionStage.Switches]);
        var page = stage.Page;
        await page.OpenSecurityInfoAsync(Product, Product.Regular);
        await page.ChooseMethodAsync("Passkey in this browser or on a security key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create passkey" }).ClickAsync();
        await ExtensionStage.SeeAsync(page, "button", "Save", focused: true);
        await stage.PictureAsync("extension before the code");
        await ExtensionStage.PressAsync(page, "Tab");
        await ExtensionStage.SeeAsync(page, "button", "Use another way", focused: true);
        await ExtensionStage.PressAsync(page, "Enter");

        await using var answer = stage.Answer(await stage.ReadCodeAsync(), Product.NewDirectory("vault"));
        Assert.Equal(0, await answer.ExitAsync());
        await page.NameNewPasskeyAsync("My phone");
        await Expect(authenticator.Page.GetByRole(AriaRole.Heading, new() { Name = "Add your first account" })).ToBeVisibleAsync();
    }
}
