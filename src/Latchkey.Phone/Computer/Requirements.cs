namespace Latchkey.Phone.Computer;

/// <summary>What the rehearsal needs from the machine, checked before anything is started.</summary>
/// <param name="Browser">The browser found.</param>
internal sealed record Requirements(string Browser)
{
    private static readonly string[] Browsers = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

    /// <summary>Finds everything.</summary>
    /// <param name="screenless">Whether a screen has to be made.</param>
    /// <exception cref="RehearsalException">Something is missing: all of it is named, with the command that installs it.</exception>
    public static Requirements Check(bool screenless)
    {
        if (!OperatingSystem.IsLinux()) throw new RehearsalException("The virtual phone needs Linux: its Bluetooth is a stand-in for BlueZ, which only browsers on Linux speak to.");
        var browser = Environment.GetEnvironmentVariable("CHROMIUM") ?? Browsers.Select(Find).FirstOrDefault(found => found is not null);
        List<(string What, string Package)> missing = [];
        if (browser is null) missing.Add(("a browser (Chromium or Google Chrome)", "chromium"));
        if (Find("dbus-daemon") is null) missing.Add(("dbus-daemon", "dbus"));
        if (Find("certutil") is null) missing.Add(("certutil", "libnss3-tools"));
        if (screenless && Find("Xvfb") is null) missing.Add(("Xvfb, since there is no display", "xvfb"));
        return missing.Count == 0
            ? new(browser!)
            : throw new RehearsalException(
                $"Missing: {string.Join(", ", missing.Select(one => one.What))}.\nOn Debian or Ubuntu: sudo apt-get install {string.Join(' ', missing.Select(one => one.Package))}");
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append("/usr/sbin")
        .Select(directory => Path.Combine(directory, program))
        .FirstOrDefault(File.Exists);
}
