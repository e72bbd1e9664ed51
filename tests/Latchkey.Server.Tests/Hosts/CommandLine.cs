using System.Diagnostics;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>The command line of this build, run as a program with pipes in place of a terminal.</summary>
internal static class CommandLine
{
    private static readonly DirectoryInfo Output = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));

    public sealed record Ended(int Code, string Out, string Error);

    /// <summary>Runs it to its end.</summary>
    /// <param name="data">The server's data directory.</param>
    /// <param name="columns">How wide the reader of the pipe says it is; null for no width at all.</param>
    /// <param name="arguments">What follows <c>latchkey</c>.</param>
    public static Task<Ended> RunAsync(string data, int? columns, params string[] arguments) => StartAsync("Latchkey.Cli", "latchkey", data, columns, arguments);

    /// <summary>Runs another program of src/.</summary>
    public static Task<Ended> RunProgramAsync(string project, params string[] arguments) => StartAsync(project, project, data: null, columns: null, arguments);

    private static async Task<Ended> StartAsync(string project, string program, string? data, int? columns, string[] arguments)
    {
        // tests/Latchkey.Server.Tests/bin/<configuration>/<framework>/
        var root = Output.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        var start = new ProcessStartInfo("dotnet", [Path.Combine(root, "src", project, "bin", Output.Parent!.Name, Output.Name, program + ".dll"), .. arguments])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment.Remove("COLUMNS");
        if (data is not null) start.Environment["LATCHKEY_DATA"] = data;
        if (columns is { } width) start.Environment["COLUMNS"] = $"{width}";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (said, wrong) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return new(process.ExitCode, await said, await wrong);
    }
}
