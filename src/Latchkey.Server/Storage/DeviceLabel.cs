using System.Globalization;
using System.Text;

namespace Latchkey.Server.Storage;

/// <summary>What a session's device is called in the list of sessions: by what it says of itself, so a help to recognise it, and a proof of nothing.</summary>
internal static class DeviceLabel
{
    private static readonly (string Mark, string Name)[] Browsers =
    [
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Mark, string Name)[] Systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "Mac"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ];

    /// <summary>Browser and system; null when it says neither.</summary>
    public static (string? Browser, string? System) Of(string? userAgent) => (Named(Browsers, userAgent), Named(Systems, userAgent));

    /// <summary>A name a program gave its device, fit to be read: one line of what can be seen, and short. Null when nothing is left.</summary>
    public static string? Fit(string? name)
    {
        var fit = new StringBuilder();
        foreach (var rune in (name ?? "").EnumerateRunes())
        {
            var isSeen = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator) && rune != Rune.ReplacementChar;
            if (fit.Length + rune.Utf16SequenceLength > Session.MaxDevice) break;
            if (isSeen) fit.Append(rune);
        }

        return fit.ToString().Trim() is { Length: > 0 } text ? text : null;
    }

    private static string? Named((string Mark, string Name)[] table, string? userAgent) =>
        Array.Find(table, row => userAgent?.Contains(row.Mark, StringComparison.Ordinal) is true).Name;
}
