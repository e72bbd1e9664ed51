namespace Latchkey.Scenarios;

/// <summary>
/// The product with a server whose time of day a scenario moves while it runs, by Debian's faketime and a file: nothing starts anew, so nothing is
/// slow. Timers go by the monotonic clock, which is left alone.
/// </summary>
public sealed class ProductInTime : Product
{
    private readonly DirectoryInfo _clock = Directory.CreateTempSubdirectory("latchkey-clock");
    private TimeSpan _ahead;

    public ProductInTime()
    {
        Show();
        ServerEnvironment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME_TIMESTAMP_FILE"] = File,
            ["FAKETIME_NO_CACHE"] = "1",
            ["DONT_FAKE_MONOTONIC"] = "1",
        };
    }

    /// <summary>The one made for threads, wherever the machine's architecture has it.</summary>
    internal static string Library => Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true }).First();

    protected override IReadOnlyDictionary<string, string> ServerEnvironment { get; }

    private string File => Path.Combine(_clock.FullName, "time");

    /// <summary>Lets time pass for the server and for nobody else, until the scenario ends.</summary>
    public void PassTime(TimeSpan time)
    {
        _ahead += time;
        Show();
    }

    public override async ValueTask EndScenarioAsync()
    {
        await base.EndScenarioAsync();
        _ahead = TimeSpan.Zero;
        Show();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _clock.Delete(recursive: true);
    }

    /// <summary>In one step: a server that read half a file would be at the time it really is.</summary>
    private void Show()
    {
        System.IO.File.WriteAllText(File + ".new", $"+{_ahead.TotalSeconds:F0}\n");
        System.IO.File.Move(File + ".new", File, overwrite: true);
    }
}
