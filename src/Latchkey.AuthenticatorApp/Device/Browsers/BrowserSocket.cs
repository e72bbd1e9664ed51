using System.IO.Pipes;
using System.Security.Cryptography;
using System.Text;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>
/// Where native hosts reach the running Authenticator: a Unix socket in its data directory, a named pipe on Windows. The system tells who is at
/// the other end, and nobody but this very user is let in; the native host looks the same way at us.
/// </summary>
/// <param name="options">The data directory.</param>
/// <param name="desk">What all requests share.</param>
/// <param name="logger">Says why it can't be had.</param>
internal sealed partial class BrowserSocket(AppOptions options, BrowserDesk desk, ILogger<BrowserSocket> logger) : BackgroundService
{
    // sockaddr_un holds 104 bytes on some systems, with the closing zero.
    private const int MaxPathBytes = 103;

    /// <summary>The most native hosts served at once; one more waits until another goes.</summary>
    public const int MaxBrowsers = 64;

    /// <summary>The name of the socket or pipe; null when the data directory's name is too long for a socket.</summary>
    public static string? AddressOf(string dataDirectory)
    {
        var full = Path.GetFullPath(dataDirectory);
        if (OperatingSystem.IsWindows())
        {
            return "latchkey-authenticator-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(full)))[..16];
        }

        var path = Path.Combine(full, "browsers.sock");
        return Encoding.UTF8.GetByteCount(path) <= MaxPathBytes ? path : null;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (AddressOf(options.DataDirectory) is not { } address)
        {
            TooLong(logger);
            return;
        }

        // A browser that started us asks at once, and needs the window to show.
        await desk.Window.Known.WaitAsync(stoppingToken);
        List<Task> connections = [];
        var listening = Listen(address);
        try
        {
            while (true)
            {
                NamedPipeServerStream? connected = null;
                connections.RemoveAll(task => task.IsCompleted);
                if (connections.Count >= MaxBrowsers)
                {
                    await Task.WhenAny(connections).WaitAsync(stoppingToken);
                    continue;
                }

                try
                {
                    await listening.WaitForConnectionAsync(stoppingToken);
                    connected = listening;
                }
                catch (Exception e) when (e is UnauthorizedAccessException or IOException)
                {
                    // Another user of this machine, or one who went at once.
                }

                // Before this one is served: the socket goes with its last listener or connection, and whoever waited at it would wait in vain.
                var before = listening;
                listening = Listen(address);
                if (connected is null) await before.DisposeAsync();
                else connections.Add(ServeAsync(connected, stoppingToken));
            }
        }
        catch (OperationCanceledException)
        {
            await listening.DisposeAsync();
            await Task.WhenAll(connections);
        }
    }

    private static NamedPipeServerStream Listen(string address)
    {
        var listening = new NamedPipeServerStream(address, PipeDirection.InOut, NamedPipeServerStream.MaxAllowedServerInstances, PipeTransmissionMode.Byte, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(address, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return listening;
    }

    private async Task ServeAsync(NamedPipeServerStream stream, CancellationToken stop)
    {
        await using (stream)
        {
            using var connection = new BrowserConnection(stream, desk);
            await connection.RunAsync(stop);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The data directory's name is too long for a socket: browsers can't reach this Authenticator.")]
    private static partial void TooLong(ILogger logger);
}
