namespace Latchkey.Scenarios;

/// <summary>
/// The time of day of one program, moved while it runs, by Debian's faketime and a file: nothing starts anew, so nothing is slow. Timers go by the
/// monotonic clock, which is left alone.
/// </summary>
internal sealed class MovableClock : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("latchkey-clock");
    private TimeSpan _ahead;

    public MovableClock()
    {
        Show();
        Environment = new(StringComparer.Ordinal)
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME_TIMESTAMP_FILE"] = Path,
            ["FAKETIME_NO_CACHE"] = "1",
            ["DONT_FAKE_MONOTONIC"] = "1",
        };
    }

    /// <summary>The one made for threads, wherever the machine's architecture has it.</summary>
    public static string Library => Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).First();

    /// <summary>What stands in the environment of a program that goes by it.</summary>
    public Dictionary<string, string> Environment { get; }

    private string Path => System.IO.Path.Combine(_directory.FullName, "time");

    /// <summary>Lets time pass for that program and for nobody else.</summary>
    public void PassTime(TimeSpan time)
    {
        _ahead += time;
        Show();
    }

    /// <summary>Back to the time that it is.</summary>
    public void Reset()
    {
        _ahead = TimeSpan.Zero;
        Show();
    }

    public void Dispose() => _directory.Delete(recursive: true);

    /// <summary>In one step: a program that read half a file would be at the time it really is.</summary>
    private void Show()
    {
        File.WriteAllText(Path + ".new", $"+{_ahead.TotalSeconds:F0}\n");
        File.Move(Path + ".new", Path, overwrite: true);
    }
}
