using System.Diagnostics;
using System.Text.Json;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>The whole way a browser goes, by the programs themselves: manifest, launcher, native host, and the Authenticator it starts.</summary>
public sealed class TurnedOnProviderTests : IDisposable
{
    private static readonly string Origin = $"chrome-extension://{BrowserExtension.ChromiumId}/";

    // Where a socket's path is short enough.
    private readonly string _directory = Directory.CreateTempSubdirectory("lk on'").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_directory, "data");

    public void Dispose()
    {
        if (OperatingSystem.IsLinux()) EndAuthenticator();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_browser_that_is_turned_on_starts_the_Authenticator_and_is_heard_by_it()
    {
        if (!OperatingSystem.IsLinux()) return; // what it started is found by /proc

        var profile = Path.Combine(_directory, "profile");
        using (var turnOn = Start("dotnet", typeof(AppOptions).Assembly.Location, "--data", Data, "--turn-on-provider", profile))
        {
            await turnOn.WaitForExitAsync(Token);
            Assert.Equal(0, turnOn.ExitCode);
        }

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Data));
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(profile, "NativeMessagingHosts", "org.latchkey.authenticator.json"), Token));
        Assert.Equal([Origin], manifest.RootElement.GetProperty("allowed_origins").EnumerateArray().Select(one => one.GetString()));
        using var host = Start(manifest.RootElement.GetProperty("path").GetString()!, Origin);

        // On this machine the browser's own order is the socket's.
        Assert.True(BitConverter.IsLittleEndian);
        await BrowserFrames.WriteAsync(host.StandardInput.BaseStream, """{"type":"hello","id":1,"protocol":1,"browser":"Chromium 156","extension":"1.0"}"""u8.ToArray(), Token);
        using var answer = JsonDocument.Parse((await BrowserFrames.ReadAsync(host.StandardOutput.BaseStream, Token))!);

        Assert.Equal("new", answer.RootElement.GetProperty("ok").GetProperty("state").GetString());
        Assert.NotNull(new HeardBrowsers(new(Data), TimeProvider.System).LastOf("Chromium"));
        host.StandardInput.Close();
        await host.WaitForExitAsync(Token);
        Assert.Equal(0, host.ExitCode);
    }

    [Fact]
    public async Task A_start_without_a_launchers_options_writes_nothing_to_the_browser()
    {
        using var host = Start("dotnet", Path.Combine(AppContext.BaseDirectory, "native-host", "Latchkey.NativeHost.dll"), Origin);

        Assert.Null(await BrowserFrames.ReadAsync(host.StandardOutput.BaseStream, Token));
        await host.WaitForExitAsync(Token);
        Assert.Equal(2, host.ExitCode);
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>An Authenticator a native host started lives on by itself: it is known by its data directory, which nobody else has.</summary>
    private void EndAuthenticator()
    {
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                try
                {
                    if (!File.ReadAllText($"/proc/{process.Id}/cmdline").Split('\0').Contains(Data)) continue;
                    process.Kill();
                    process.WaitForExit();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
                {
                    // It ended meanwhile, or is somebody else's.
                }
            }
        }
    }
}
