using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;

namespace Latchkey.NativeHost;

/// <summary>Why there is no Authenticator to talk to.</summary>
/// <param name="code">The code the extension knows.</param>
/// <param name="message">For whoever reads the log.</param>
internal sealed class UnavailableException(string code, string message) : Exception(message)
{
    public string Code => code;
}

/// <summary>The way to the Authenticator: to the one that runs, else to one started now.</summary>
/// <param name="options">Where it is, and how it is started.</param>
/// <param name="time">What the wait is measured by.</param>
internal sealed class RunningAuthenticator(HostOptions options, TimeProvider time)
{
    /// <summary>How long a start may take. Whoever asked may have gone long before.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Connects, and starts it if it does not run.</summary>
    /// <exception cref="UnavailableException">There is none, it does not start, or it is not this user's.</exception>
    public async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        if (await TryConnectAsync(cancellationToken) is { } running) return running;
        using var started = Start();
        var since = time.GetTimestamp();
        while (true)
        {
            if (await TryConnectAsync(cancellationToken) is { } stream) return stream;
            // One that found another running hands over to it and ends well.
            if (started.HasExited && started.ExitCode != 0) throw new UnavailableException("authenticator_not_started", $"The Authenticator ended with {started.ExitCode}.");
            if (time.GetElapsedTime(since) > Patience) throw new UnavailableException("authenticator_not_started", "The Authenticator does not answer.");
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<Stream?> TryConnectAsync(CancellationToken cancellationToken)
    {
        // CurrentUserOnly: the system says whose the other end is, and anybody else's is refused.
        var pipe = new NamedPipeClientStream(".", options.Pipe, PipeDirection.InOut, PipeOptions.Asynchronous | PipeOptions.CurrentUserOnly);
        try
        {
            await pipe.ConnectAsync(TimeSpan.Zero, cancellationToken);
            return pipe;
        }
        catch (Exception e) when (e is TimeoutException or IOException)
        {
            await pipe.DisposeAsync();
            return null;
        }
        catch (UnauthorizedAccessException e)
        {
            await pipe.DisposeAsync();
            throw new UnavailableException("authenticator_refused", e.Message);
        }
    }

    private Process Start()
    {
        var program = options.Program[0];
        if (Path.IsPathRooted(program) && !File.Exists(program)) throw new UnavailableException("authenticator_missing", $"{program} is not there.");

        // It must not hold the browser's pipes: it outlives this program.
        var start = new ProcessStartInfo(program, options.Program.Skip(1)) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            return Process.Start(start) ?? throw new UnavailableException("authenticator_not_started", $"{program} did not start.");
        }
        catch (Win32Exception e)
        {
            throw new UnavailableException("authenticator_missing", $"{program} could not be started: {e.Message}");
        }
    }
}
