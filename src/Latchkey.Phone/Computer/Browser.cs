using System.Globalization;

namespace Latchkey.Phone.Computer;

/// <summary>An unmodified Chromium or Chrome in a home and profile of its own.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly ChildProgram _program;

    private Browser(ChildProgram program, Uri devTools) => (_program, DevTools) = (program, devTools);

    /// <summary>Where it lets itself be watched and led, on loopback.</summary>
    public Uri DevTools { get; }

    /// <summary>Starts it.</summary>
    /// <param name="executable">Which browser.</param>
    /// <param name="home">Its home: holds the profile, and the certificates it trusts.</param>
    /// <param name="address">The first page.</param>
    /// <param name="place">Where its window is.</param>
    /// <param name="display">The screen; null for the person's own.</param>
    /// <param name="bus">The address of its system bus.</param>
    /// <param name="options">Further switches.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Browser> StartAsync(
        string executable, DirectoryInfo home, Uri address, WindowPlace place, string? display, string bus, IEnumerable<string> options, CancellationToken cancellationToken)
    {
        var profile = home.CreateSubdirectory("profile");
        var portFile = new FileInfo(Path.Combine(profile.FullName, "DevToolsActivePort"));
        portFile.Delete();
        // Its offer to save the demo password would cover the QR code, and names it remembers the offer of a passkey.
        await File.WriteAllTextAsync(
            Path.Combine(profile.CreateSubdirectory("Default").FullName, "Preferences"), """{"credentials_enable_service":false,"profile":{"password_manager_enabled":false},"autofill":{"enabled":false,"profile_enabled":false}}""", cancellationToken);
        List<string> switches =
        [
            $"--user-data-dir={profile.FullName}",
            "--remote-debugging-port=0",
            // Nothing here needs the world, and a rehearsal should not phone home.
            "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
            // The phone's window shows the Authenticator in a frame, which is another site: whoever leads it by DevTools finds it in the same process.
            "--disable-site-isolation-trials",
            // without the yellow bar that warns of switches such as these: it is on no screen but a rehearsal's
            "--test-type", "--disable-features=IsolateOrigins,site-per-process",
            $"--window-position={place.Left},{place.Top}",
            $"--window-size={place.Width},{place.Height}",
            .. options,
        ];
        // Chromium's own sandbox does not start for root, which is who runs tests in a container.
        if (Environment.UserName == "root") switches.Add("--no-sandbox");
        if (display is not null) switches.Add("--disable-gpu");
        List<(string, string)> environment =
        [
            ("HOME", home.FullName),
            ("DBUS_SYSTEM_BUS_ADDRESS", bus),
            ("DBUS_SESSION_BUS_ADDRESS", "disabled:"),
        ];
        if (display is not null) environment.AddRange([("DISPLAY", display), ("WAYLAND_DISPLAY", "")]);

        var program = ChildProgram.Start(executable, [.. switches, address.AbsoluteUri], environment);
        try
        {
            // "DevTools listening on ws://127.0.0.1:PORT/devtools/browser/…"
            var socket = new Uri(await program.LineAsync("DevTools listening on ", cancellationToken));
            return new(program, new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{socket.Port}/")));
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until the person closes it.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => _program.EndAsync(cancellationToken);

    public ValueTask DisposeAsync() => _program.DisposeAsync();
}

/// <summary>Where a window stands on the screen, in pixels.</summary>
internal sealed record WindowPlace(int Left, int Top, int Width, int Height);
