using System.Diagnostics;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>A small disk in memory, which can be filled.</summary>
internal sealed class Tmpfs : IDisposable
{
    private Tmpfs(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    /// <summary>Null where this account may not mount one.</summary>
    public static Tmpfs? TryMount(string below, int kilobytes)
    {
        if (!OperatingSystem.IsLinux()) return null;
        var path = Directory.CreateDirectory(System.IO.Path.Combine(below, "disk")).FullName;
        return Run("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", path) ? new Tmpfs(path) : null;
    }

    /// <summary>To the last byte.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true) filler.Write(new byte[4096]);
        }
        catch (IOException)
        {
            // full
        }
    }

    public void Empty() => File.Delete(Filler);

    /// <summary>Nothing is written to it from here on.</summary>
    public bool TryProtect() => Run("mount", "-o", "remount,ro", Path);

    public void Dispose() => Run("umount", "--lazy", Path);

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
