using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Latchkey.Scenarios;

/// <summary>A computer's counterpart to the phones' switch: turned on in the Authenticator's settings, found by the browser, heard, and turned off again.</summary>
public sealed class ExtensionProviderScenarios(Product product) : Scenario(product)
{
    [Fact]
    public async Task Turned_on_in_the_settings_a_browser_finds_the_Authenticator_and_turned_off_it_does_not()
    {
        // A home of its own, in which the person has used Chromium once.
        var home = Directory.CreateDirectory(Product.NewDirectory("home"));
        var profile = home.CreateSubdirectory(Path.Combine(".config", "chromium"));
        await using var program = Running.Start(
            "Latchkey.AuthenticatorApp", input: null, new Dictionary<string, string>(StringComparer.Ordinal) { ["HOME"] = home.FullName, ["XDG_CONFIG_HOME"] = Path.Combine(home.FullName, ".config") },
            "--data", Product.NewDirectory("authenticator"), "--port", "0", "--server", Product.Portal.ToString(), "--no-browser");
        var settings = await Product.NewPageAsync();
        await settings.GotoAsync(await program.LineAsync("Listening on "));
        await AuthenticatorWindow.SetPinAsync(settings);
        await settings.GetByRole(AriaRole.Link, new() { Name = "Settings" }).ClickAsync();
        await settings.GetByRole(AriaRole.Link, new() { Name = "Passkeys in browsers" }).ClickAsync();

        var chromium = settings.GetByRole(AriaRole.Switch, new() { Name = "Chromium" });
        await Expect(settings.GetByRole(AriaRole.Switch)).ToHaveCountAsync(1);
        await Expect(chromium).Not.ToBeCheckedAsync();
        await chromium.CheckAsync();
        await Expect(settings.GetByText("Its extension has not been heard yet")).ToBeVisibleAsync();
        var found = new List<string>();
        await settings.LookAtAsync("passkeys in browsers", found);
        Assert.Empty(found);

        var folder = await settings.Locator(".secret").InnerTextAsync();
        Assert.True(File.Exists(Path.Combine(folder, "manifest.json")), folder);
        await OpenAPageThatAsksAsync(profile, folder);
        await Expect(settings.GetByText("Its extension was last heard on")).ToBeVisibleAsync();
        await PicturesAsync(settings);

        await chromium.UncheckAsync();
        await Expect(settings.GetByText("Off", new() { Exact = true })).ToBeVisibleAsync();
        Assert.Empty(profile.GetDirectories("NativeMessagingHosts").Single().GetFiles());
    }

    /// <summary>The portal's sign-in page asks for a passkey in the name field as soon as it is there.</summary>
    private async Task OpenAPageThatAsksAsync(DirectoryInfo profile, string extension)
    {
        using var driver = await Playwright.CreateAsync();
        await using var browser = await driver.Chromium.LaunchPersistentContextAsync(profile.FullName, new()
        {
            Timeout = Product.Patience,
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            // Playwright's own headless mode knows no extensions; the browser's does.
            Headless = false,
            IgnoreDefaultArgs = ["--disable-extensions"],
            Args = ["--headless=new", $"--load-extension={extension}", .. Environment.UserName == "root" ? (string[])["--no-sandbox"] : []],
        });
        var page = browser.Pages[0];
        await page.GotoAsync(new Uri(Product.Portal, "security-info").ToString());
        Assert.True(await page.EvaluateAsync<bool>("PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()"));
    }

    private static async Task PicturesAsync(IPage page)
    {
        if (Environment.GetEnvironmentVariable("LATCHKEY_PICTURES") is not { Length: > 0 } folder) return;
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"provider-{scheme}.png"), FullPage = true });
        }
    }
}
