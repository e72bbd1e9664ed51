using System.Diagnostics;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>The product with a browser that has the extension, an Authenticator with its PIN set and unlocked, and a page that asks.</summary>
public sealed class ExtensionProduct : Product
{
    private readonly List<IAsyncDisposable> _parts = [];

    internal string AuthenticatorData { get; private set; } = "";

    internal ExtensionStage Stage { get; private set; } = null!;

    internal ExtensionPage Page { get; private set; } = null!;

    /// <summary>The running Authenticator.</summary>
    internal Running Authenticator { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        AuthenticatorData = NewDirectory("authenticator");
        var window = await StartAuthenticatorAsync();
        await AuthenticatorWindow.SetPinAsync(window);
        await window.CloseAsync();
        Page = await ExtensionPage.StartAsync();
        _parts.Add(Page);
        Stage = await ExtensionStage.StartAsync(this, AuthenticatorData);
        _parts.Add(Stage);
    }

    /// <summary>Starts the Authenticator, and shows its window.</summary>
    /// <param name="environment">What stands in its environment besides ours.</param>
    internal async Task<IPage> StartAuthenticatorAsync(Dictionary<string, string>? environment = null)
    {
        Authenticator = Running.Start("Latchkey.AuthenticatorApp", null, environment ?? [], "--data", AuthenticatorData, "--port", "0", "--server", Portal.ToString(), "--no-browser");
        _parts.Add(Authenticator);
        var window = await NewPageAsync();
        await window.GotoAsync(await Authenticator.LineAsync("Listening on "));
        return window;
    }

    /// <summary>Starts the Authenticator anew, unlocked.</summary>
    internal async Task RestartAuthenticatorAsync(Dictionary<string, string>? environment = null)
    {
        await KillAuthenticatorAsync();
        var window = await StartAuthenticatorAsync(environment);
        await window.GetByLabel("PIN").FillAsync(AuthenticatorWindow.Pin);
        await window.GetByRole(AriaRole.Button, new() { Name = "Unlock" }).ClickAsync();
        await Assertions.Expect(window.GetByRole(AriaRole.Link, new() { Name = "Settings" })).ToBeVisibleAsync();
        await window.CloseAsync();
    }

    /// <summary>Ends the Authenticator as a power cut would, whoever started it.</summary>
    internal async Task KillAuthenticatorAsync()
    {
        await Authenticator.KillAsync();
        if (OperatingSystem.IsLinux()) EndWhatTheNativeHostStarted();
    }

    public override async ValueTask EndScenarioAsync()
    {
        await base.EndScenarioAsync();
        if (Stage is null) return;
        var pages = Stage.Context.Pages.ToList();
        // the last one would take the browser with it
        foreach (var page in pages.Skip(1)) await page.CloseAsync();
        await pages[0].GotoAsync("about:blank");
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts)) await part.DisposeAsync();
        if (OperatingSystem.IsLinux()) EndWhatTheNativeHostStarted();
        await base.DisposeAsync();
    }

    /// <summary>An Authenticator that a browser started lives on by itself: it is known by its data directory, which nobody else has.</summary>
    private void EndWhatTheNativeHostStarted()
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    if (File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0') is var command && command.Contains(AuthenticatorData) && command.Contains("--background"))
                    {
                        process.Kill();
                        process.WaitForExit();
                    }
                }
                catch (IOException)
                {
                    // It ended meanwhile.
                }
            }
        }
    }
}
