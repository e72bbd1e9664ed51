using System.Globalization;
using System.Text;

namespace Latchkey.Protocol;

/// <summary>
/// Text from outside, for a person: the names pages, servers, files and other people give. Every output shows it through this type, so that
/// it can't move a cursor, turn the line around, or fill the screen: what controls and what nobody sees is spelled out (<c>\x1b</c>,
/// <c>\u202e</c>), it ends after so many characters as people count them, and text that runs from right to left keeps to itself.
/// </summary>
public readonly struct ForeignText : IEquatable<ForeignText>
{
    /// <summary>Characters of a name, unless somebody says otherwise: one line, or two.</summary>
    public const int Line = 64;

    /// <summary>Characters of a sentence or two, as a server writes them.</summary>
    public const int Sentence = 400;

    // The longest emoji in use has ten; beyond, accents pile up over the lines above.
    private const int MaxRunes = 12;
    private const char Isolate = '\u2068', PopIsolate = '\u2069';
    private const char Ellipsis = '…';

    private readonly string? _plain;
    private readonly bool _isolates;

    private ForeignText(string plain, bool isolates) => (_plain, _isolates) = (plain, isolates);

    /// <summary>For a terminal or a log: nothing in it is invisible.</summary>
    public string Plain => _plain ?? "";

    /// <summary>Whether there is nothing in it to see.</summary>
    public bool IsBlank => Plain.Length == 0;

    /// <summary>The text, harmless; blank where there is nothing to see in it.</summary>
    /// <param name="text">From outside; may be half a surrogate pair, or nothing at all.</param>
    /// <param name="most">How many characters, as people count them, may be shown.</param>
    public static ForeignText Of(string? text, int most = Line)
    {
        var shown = new StringBuilder();
        var left = most;
        var isSeen = false;
        for (var rest = text.AsSpan().Trim(); !rest.IsEmpty;)
        {
            var length = StringInfo.GetNextTextElementLength(rest);
            var before = shown.Length;
            var (cost, seen) = Append(shown, rest[..length]);
            rest = rest[length..];
            if (cost > left || (cost == left && !rest.IsEmpty))
            {
                shown.Length = before;
                shown.Append(Ellipsis);
                break;
            }

            left -= cost;
            isSeen |= seen;
        }

        var plain = shown.ToString();
        return isSeen ? new(plain, IsRightToLeft(plain)) : default;
    }

    /// <summary>The first of the texts that has something to see in it; blank when none has.</summary>
    public static ForeignText FirstOf(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (Of(text) is { IsBlank: false } shown) return shown;
        }

        return default;
    }

    /// <summary>Whether a person may choose this name: it can be shown as it is, and is not too long. Outer spaces don't count.</summary>
    /// <param name="name">What was typed.</param>
    /// <param name="most">How many characters it may have, as people count them.</param>
    public static bool IsName(string? name, int most = Line) =>
        name is not null && Of(name, most) is { IsBlank: false } shown && shown.Plain == name.Trim();

    /// <summary>For a page, a window or an e-mail: what runs from right to left stands between isolates.</summary>
    public override string ToString() => _isolates ? $"{Isolate}{_plain}{PopIsolate}" : Plain;

    /// <inheritdoc/>
    public bool Equals(ForeignText other) => Plain == other.Plain;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ForeignText other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Plain.GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether two show the same.</summary>
    public static bool operator ==(ForeignText left, ForeignText right) => left.Equals(right);

    /// <summary>Whether two show something else.</summary>
    public static bool operator !=(ForeignText left, ForeignText right) => !left.Equals(right);

    /// <summary>Whether a character is shown as it is wherever it stands, and not spelled out.</summary>
    /// <param name="rune">The character.</param>
    /// <param name="first">The first of its text element: some are part of a letter or an emoji only behind another.</param>
    public static bool IsShown(Rune rune, Rune first) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Format => rune != first && (rune.Value is 0x200C or 0x200D || (rune.Value is >= 0xE0020 and <= 0xE007F && first.Value is 0x1F3F4)),
        _ => rune.Value switch
        {
            0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800 => false, // fillers and the empty Braille cell: letters by their kind, and blank
            0x034F or (>= 0x17B4 and <= 0x17B5) or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF) => rune != first,
            _ => true,
        },
    };

    private static (int Cost, bool IsSeen) Append(StringBuilder shown, ReadOnlySpan<char> element)
    {
        Rune.DecodeFromUtf16(element, out var first, out _);
        var (cost, runes, isSeen) = (1, 0, false);
        foreach (var rune in element.EnumerateRunes()) // half a surrogate pair comes as U+FFFD
        {
            if (++runes > MaxRunes)
            {
                shown.Append(Ellipsis);
                break;
            }

            if (IsShown(rune, first))
            {
                shown.Append(rune);
                isSeen |= !Rune.IsWhiteSpace(rune);
                continue;
            }

            var spelled = Spelled(rune);
            shown.Append(spelled);
            cost += spelled.Length - 1;
        }

        return (cost, isSeen);
    }

    /// <summary>How a character that is not shown is spelled out.</summary>
    /// <param name="rune">The character.</param>
    public static string Spelled(Rune rune) => rune.Value switch
    {
        < 0xA0 => $"\\x{rune.Value:x2}",
        <= 0xFFFF => $"\\u{rune.Value:x4}",
        _ => $"\\u{{{rune.Value:x}}}",
    };

    // Hebrew, Arabic and their kin, in the blocks that Unicode keeps for them.
    private static bool IsRightToLeft(string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is (>= 0x0590 and <= 0x08FF) or (>= 0xFB1D and <= 0xFDFF) or (>= 0xFE70 and <= 0xFEFF) or (>= 0x10800 and <= 0x10FFF) or (>= 0x1E800 and <= 0x1EFFF))
            {
                return true;
            }
        }

        return false;
    }
}
