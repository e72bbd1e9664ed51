using System.Globalization;
using System.Reflection;
using System.Text;

namespace Latchkey.Scenarios.Capabilities;

/// <summary>Way × browser × system. What is tested the scenarios say themselves; of the rest this table says what is to be expected, and why some of it is not possible.</summary>
internal static class CapabilityMatrix
{
    private enum Verdict
    {
        Expected,
        Impossible,
    }

    /// <summary>A verdict on cells no scenario stands for; null is any.</summary>
    private sealed record Rule(Way Way, Browser[]? Browsers, Platform[]? Systems, Verdict Verdict, string Why);

    private const string
        NoPhoneApp = "There is no Authenticator for phones: the portal's pages for them and the virtual phone are what there is.",
        NotRun = "Nothing in it depends on this browser or system, and nobody has run it there.",
        OwnTunnel = "The browser or system shows its own dialog for it. Whether that one accepts an organisation's own tunnel domain nobody here could try.";

    private static readonly Rule[] Rules =
    [
        new(Way.InTheAuthenticator, null, [Platform.Android, Platform.Ios], Verdict.Impossible, NoPhoneApp),
        new(Way.InTheAuthenticator, null, null, Verdict.Expected, NotRun),

        new(Way.ThisDeviceBySystem, null, [Platform.Android, Platform.Ios], Verdict.Impossible, NoPhoneApp),
        new(Way.ThisDeviceBySystem, null, [Platform.Linux], Verdict.Impossible, "Linux has no place for passkey providers: the extension is the way."),
        new(Way.ThisDeviceBySystem, null, null, Verdict.Impossible, "The system has a place for passkey providers, and the Authenticator does not use it: the extension is the way."),

        new(Way.ThisDeviceByExtension, [Browser.Safari], null, Verdict.Impossible, "Safari takes extensions only inside an application from its own store."),
        new(Way.ThisDeviceByExtension, null, [Platform.Android, Platform.Ios], Verdict.Impossible, "Browsers on phones start no program beside them, which the extension needs."),
        new(Way.ThisDeviceByExtension, [Browser.Chrome], null, Verdict.Expected, "The extension is loaded by hand or by policy: Chrome takes none from the command line, so it was not run in it."),
        new(Way.ThisDeviceByExtension, null, null, Verdict.Expected, NotRun),

        new(Way.AnotherDevice, [Browser.Firefox], [Platform.Linux], Verdict.Impossible, "Firefox knows only security keys on Linux."),
        new(Way.AnotherDevice, [Browser.Chrome, Browser.Edge, Browser.Brave], [Platform.Linux], Verdict.Expected, "The same code as Chromium's, not run."),
        new(Way.AnotherDevice, null, null, Verdict.Expected, OwnTunnel),

        new(Way.CommandLine, null, null, Verdict.Expected, "Making and using passkeys in the vault depends on nothing of the system; Bluetooth works on Linux only. Not run."),
    ];

    private static readonly (Way Way, string Title, string Text)[] Ways =
    [
        (Way.InTheAuthenticator, "In the Authenticator", "The person signs in in the Authenticator, which opens the browser for it and makes the passkey itself. The recommended way."),
        (Way.ThisDeviceBySystem, "This device, handed over by the system", "The browser asks the system, and the system asks the providers that are turned on in it."),
        (Way.ThisDeviceByExtension, "This device, handed over by the extension", "The Authenticator's browser extension takes the request to the Authenticator on the same computer."),
        (Way.AnotherDevice, "Another device, by QR code", "The browser of the row shows the code; the Authenticator answers from another machine, which has to be one with Linux and Bluetooth."),
        (Way.CommandLine, "The command line", "A vault without a window, and the computer's end of the QR way in a terminal."),
    ];

    private static readonly (Platform System, string Name)[] Systems =
    [
        (Platform.Linux, "Linux"), (Platform.Windows, "Windows"), (Platform.MacOS, "macOS"), (Platform.Android, "Android"), (Platform.Ios, "iOS"),
    ];

    /// <summary>The page, as it should stand in docs/.</summary>
    public static string Write()
    {
        var covered = Covered();
        var page = new StringBuilder("""
            # What works where

            This page is written by the tests (`CapabilityMatrixTests`), from what each scenario says it stands for. Change it there.

            - **tested**: a scenario does it, with the real browser, in every run of `./test`.
            - rehearsed: a scenario does it, with something in place of the browser or the device: a Chromium that says it is that browser, the virtual phone.
            - expected: nothing speaks against it, and nobody has run it; the note says what is known.
            - no: not possible; the note says why.

            On iOS all browsers are Safari underneath, and stand in its row.

            """);
        foreach (var (way, title, text) in Ways)
        {
            WriteWay(page, way, title, text, covered);
        }

        return page.ToString();
    }

    private static void WriteWay(StringBuilder page, Way way, string title, string text, IReadOnlyList<(CoversAttribute Cell, string Test)> covered)
    {
        var notes = new List<string>();
        page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{text}\n\n| |");
        page.AppendJoin('|', Systems.Select(system => $" {system.Name} ")).Append("|\n|---|");
        page.AppendJoin('|', Systems.Select(_ => "---")).Append("|\n");
        foreach (var browser in Enum.GetValues<Browser>().Where(browser => browser is Browser.None == way is Way.CommandLine))
        {
            page.Append(CultureInfo.InvariantCulture, $"| {(browser is Browser.None ? "`latchkey`" : browser)} |");
            page.AppendJoin('|', Systems.Select(system => $" {Word(way, browser, system.System, covered, notes)} ")).Append("|\n");
        }

        page.Append('\n');
        for (var note = 0; note < notes.Count; note++)
        {
            page.Append(CultureInfo.InvariantCulture, $"{note + 1}. {notes[note]}\n");
        }

        var tests = covered.Where(cover => cover.Cell.Way == way).Select(cover => $"`{cover.Test}`").Distinct().Order(StringComparer.Ordinal).ToList();
        if (tests.Count > 0)
        {
            page.Append(CultureInfo.InvariantCulture, $"\nSeen by {string.Join(", ", tests)}.\n");
        }
    }

    private static string Word(Way way, Browser browser, Platform system, IReadOnlyList<(CoversAttribute Cell, string Test)> covered, List<string> notes)
    {
        var here = covered.Where(cover => cover.Cell.Way == way && cover.Cell.Browser == browser && cover.Cell.System == system).ToList();
        if (here.Count > 0)
        {
            return here.Any(cover => !cover.Cell.Rehearsed) ? "**tested**" : "rehearsed";
        }

        if (!Exists(browser, system)) return "–";
        var rule = Rules.First(rule => rule.Way == way && rule.Browsers?.Contains(browser) != false && rule.Systems?.Contains(system) != false);
        if (!notes.Contains(rule.Why)) notes.Add(rule.Why);
        return $"{(rule.Verdict is Verdict.Impossible ? "no" : "expected")} ({notes.IndexOf(rule.Why) + 1})";
    }

    private static bool Exists(Browser browser, Platform system) => browser switch
    {
        Browser.Chromium => system is Platform.Linux,
        Browser.Safari => system is Platform.MacOS or Platform.Ios,
        Browser.None => system is Platform.Linux or Platform.Windows or Platform.MacOS,
        _ => system is not Platform.Ios,
    };

    /// <summary>What the scenarios say they stand for. A class that says it for all its tests has to have some.</summary>
    private static IReadOnlyList<(CoversAttribute Cell, string Test)> Covered() =>
    [
        .. from type in typeof(CapabilityMatrix).Assembly.GetTypes()
           where !type.IsAbstract
           let tests = type.GetMethods().Where(method => method.GetCustomAttributes<FactAttribute>().Any(fact => fact.Skip is null)).ToList()
           where tests.Count > 0
           from cell in type.GetCustomAttributes<CoversAttribute>().Concat(tests.SelectMany(test => test.GetCustomAttributes<CoversAttribute>()))
           select (cell, type.Name),
    ];
}
