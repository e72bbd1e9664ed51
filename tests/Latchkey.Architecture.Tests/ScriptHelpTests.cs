using System.Diagnostics;

namespace Latchkey.Architecture.Tests;

/// <summary>What the scripts say of themselves.</summary>
public sealed class ScriptHelpTests
{
    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    [InlineData("package")]
    public async Task A_scripts_help_is_its_head_and_nothing_of_its_program(string script)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The scripts are for a Unix shell.");
        var path = Path.Combine(Checkout.Root, script);
        var head = (await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken)).Skip(1).TakeWhile(line => line.StartsWith('#')).Select(line => line[1..].TrimStart(' '));
        using var shell = Process.Start(new ProcessStartInfo("bash", [path, "--help"]) { RedirectStandardOutput = true, UseShellExecute = false })!;

        var said = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, shell.ExitCode);
        Assert.Equal(head, said.TrimEnd('\n').Split('\n').Select(line => line.TrimStart(' ')));
    }
}
