using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;

namespace Latchkey.Scenarios;

/// <summary>A program of this build, running: its lines as they come, and a way to end it as roughly as a power cut.</summary>
internal sealed class Running : IAsyncDisposable
{
    /// <summary>How long is waited for what takes seconds at most on a quick machine; a shared one was seen to take fifty times as long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly ConcurrentQueue<string> _log = new();

    private int _openStreams = 2;

    private Running(Process process) => _process = process;

    // tests/Latchkey.Scenarios/bin/<configuration>/<framework>/
    private static DirectoryInfo Output { get; } = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>All it has said so far, both streams.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts a program of src/ as it was built beside these tests.</summary>
    /// <param name="project">Such as <c>Latchkey.Server</c>.</param>
    /// <param name="input">What standard input holds.</param>
    /// <param name="environment">What stands in its environment besides ours.</param>
    /// <param name="arguments">The command line.</param>
    public static Running Start(string project, string? input, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        StartOf(Output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, project, input, environment, arguments);

    /// <summary>The same, of another checkout.</summary>
    /// <param name="root">Its folder.</param>
    /// <param name="project">Such as <c>Latchkey.Cli</c>.</param>
    /// <param name="input">What standard input holds.</param>
    /// <param name="environment">What stands in its environment besides ours.</param>
    /// <param name="arguments">The command line.</param>
    public static Running StartOf(string root, string project, string? input, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var program = Path.Combine(root, "src", project, "bin", Output.Parent!.Name, Output.Name, (project == "Latchkey.Cli" ? "latchkey" : project) + ".dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var running = new Running(new Process { StartInfo = start });
        running._process.OutputDataReceived += (_, line) => running.Take(line.Data);
        running._process.ErrorDataReceived += (_, line) => running.Take(line.Data);
        running._process.Start();
        running._process.BeginOutputReadLine();
        running._process.BeginErrorReadLine();
        if (input is not null) running._process.StandardInput.WriteLine(input);
        running._process.StandardInput.Close();
        return running;
    }

    /// <summary>The next line that begins so, without its beginning.</summary>
    public async Task<string> LineAsync(string beginning)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(patience.Token))
            {
                if (line.StartsWith(beginning, StringComparison.Ordinal)) return line[beginning.Length..];
            }

            throw new InvalidOperationException($"It ended without saying \"{beginning}\":\n{Log}");
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"It did not say \"{beginning}\":\n{Log}", e);
        }
    }

    /// <summary>Waits for its end and gives the exit code.</summary>
    /// <param name="longest">How long it may take, when it has much to do.</param>
    public async Task<int> ExitAsync(TimeSpan? longest = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(longest ?? Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException($"It did not end:\n{Log}", e);
        }

        return _process.ExitCode;
    }

    /// <summary>SIGKILL: it gets no chance to do anything more.</summary>
    public async Task KillAsync()
    {
        if (_process.HasExited) return;
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>SIGSTOP and SIGCONT: it stands still, and hears and says nothing, while something happens.</summary>
    public async Task StandStillAsync(Func<Task> meanwhile)
    {
        await SignalAsync("STOP");
        await meanwhile();
        await SignalAsync("CONT");
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            // each stream ends once
            if (Interlocked.Decrement(ref _openStreams) == 0) _lines.Writer.TryComplete();
            return;
        }

        _log.Enqueue(line);
        _lines.Writer.TryWrite(line);
    }
}
