using System.ComponentModel;
using System.Diagnostics;

namespace Latchkey.Phone.Computer;

/// <summary>A program the rehearsal started: its lines as they come, and its end.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    /// <summary>How long is waited for what takes seconds at most on a quick machine; a shared one was seen to take fifty times as long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly Process _process;
    private readonly Queue<string> _last = new();
    private readonly Lock _gate = new();
    private readonly List<(Func<string, string?> Pick, TaskCompletionSource<string> Seen)> _awaited = [];

    private bool _isDisposed;

    private ChildProgram(Process process) => _process = process;

    /// <summary>Starts a program with these arguments and, on top of ours, this environment.</summary>
    /// <exception cref="RehearsalException">There is no such program.</exception>
    public static ChildProgram Start(string program, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var child = new ChildProgram(new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, line) => child.Take(line.Data);
        child._process.ErrorDataReceived += (_, line) => child.Take(line.Data);
        try
        {
            child._process.Start();
        }
        catch (Win32Exception e)
        {
            throw new RehearsalException($"{program} could not be started: {e.Message}");
        }

        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        child._process.StandardInput.Close();
        return child;
    }

    /// <summary>A program of this checkout, as it was built beside this one.</summary>
    /// <param name="project">Such as <c>Latchkey.AuthenticatorApp</c>.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">On top of ours.</param>
    public static ChildProgram StartOwn(string project, IEnumerable<string> arguments, params IEnumerable<(string Name, string Value)> environment) =>
        Start("dotnet", [OwnProgram(project), .. arguments], environment);

    /// <summary>Runs a program to its end and gives what it said.</summary>
    /// <exception cref="RehearsalException">It is not there, failed, or took too long.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        await using var child = Start(program, arguments);
        try
        {
            await child._process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new RehearsalException($"{program} did not end: {child.Tail()}");
        }

        return child._process.ExitCode == 0 ? child.Tail() : throw new RehearsalException($"{program} failed: {child.Tail()}");
    }

    /// <summary>Where a program of this checkout is, whatever it was built for.</summary>
    public static string OwnProgram(string project)
    {
        var output = Output;
        return OwnFolder(Path.Combine("src", project, "bin", output.Parent!.Name, output.Name, (project == "Latchkey.Cli" ? "latchkey" : project) + ".dll"));
    }

    /// <summary>Where a folder of this checkout is.</summary>
    public static string OwnFolder(string name) => Path.Combine(Output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName, name);

    // src/Latchkey.Phone/bin/<configuration>/<framework>/, or the same under tests/
    private static DirectoryInfo Output => new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    /// <summary>The first line that begins so; without its beginning.</summary>
    /// <exception cref="RehearsalException">It ended, or said nothing of the kind.</exception>
    public Task<string> LineAsync(string beginning, CancellationToken cancellationToken) =>
        LineAsync(line => line.StartsWith(beginning, StringComparison.Ordinal) ? line[beginning.Length..] : null, cancellationToken);

    /// <summary>What is picked from the first line that has it.</summary>
    /// <exception cref="RehearsalException">It ended, or said nothing of the kind.</exception>
    public async Task<string> LineAsync(Func<string, string?> pick, CancellationToken cancellationToken)
    {
        var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_last.Select(pick).FirstOrDefault(picked => picked is not null) is { } said) return said;
            _awaited.Add((pick, seen));
        }

        var ended = _process.WaitForExitAsync(cancellationToken);
        try
        {
            if (await Task.WhenAny(seen.Task, ended).WaitAsync(Patience, cancellationToken) == seen.Task) return await seen.Task;
            throw new RehearsalException($"{_process.StartInfo.FileName} ended: {Tail()}");
        }
        catch (TimeoutException)
        {
            throw new RehearsalException($"{_process.StartInfo.FileName} did not say what was waited for: {Tail()}");
        }
    }

    /// <summary>Waits for its end.</summary>
    public Task EndAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>Ends it, once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    /// <summary>What it said last, for a message.</summary>
    public string Tail()
    {
        lock (_gate) return string.Join('\n', _last);
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (_gate)
        {
            _last.Enqueue(line);
            if (_last.Count > 40) _last.Dequeue();
            for (var i = _awaited.Count - 1; i >= 0; i--)
            {
                if (_awaited[i].Pick(line) is not { } picked) continue;
                _awaited[i].Seen.TrySetResult(picked);
                _awaited.RemoveAt(i);
            }
        }
    }
}

/// <summary>The rehearsal cannot go on; the message says why and what to do.</summary>
public sealed class RehearsalException(string message) : Exception(message);
