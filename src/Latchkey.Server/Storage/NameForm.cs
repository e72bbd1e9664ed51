using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace Latchkey.Server.Storage;

/// <summary>
/// The one form in which names are compared: people's, groups' and e-mail addresses. What finds a person counts their attempts and holds the place
/// of their approvals, however the name was typed: compatibility characters are what they stand for (UAX #15, NFKC), letters are capitals, and what
/// nobody sees is not there.
/// </summary>
public sealed class NameForm : ILookupNormalizer
{
    /// <summary>Counts up with every change of the form: rows that were kept in another one are written again at the next start.</summary>
    public const int Version = 1;

    /// <summary>The form of a name. That of a form is the form itself.</summary>
    public static string Of(string name)
    {
        // Two steps can undo each other for rare characters: until nothing changes any more, which takes two rounds at most.
        for (var form = name; ;)
        {
            var next = Once(form);
            if (next == form)
            {
                return next;
            }

            form = next;
        }
    }

    public string? NormalizeName(string? name) => name is null ? null : Of(name);

    public string? NormalizeEmail(string? email) => NormalizeName(email);

    private static string Once(string name)
    {
        var whole = new StringBuilder();
        foreach (var rune in name.EnumerateRunes()) // half of a surrogate pair becomes U+FFFD; what is no character can't be normalised either
        {
            whole.Append((IsNoncharacter(rune) ? Rune.ReplacementChar : rune).ToString());
        }

        var form = new StringBuilder();
        foreach (var rune in whole.ToString().Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            if (!IsUnseen(rune))
            {
                // By way of the small letter: some capitals have one, and are not its own capital.
                form.Append(Rune.ToUpperInvariant(Rune.ToLowerInvariant(rune)).ToString());
            }
        }

        return form.ToString().Normalize(NormalizationForm.FormKC).Trim();
    }

    /// <summary>Code points that never stand for a character.</summary>
    internal static bool IsNoncharacter(Rune rune) => (rune.Value & 0xFFFE) == 0xFFFE || rune.Value is >= 0xFDD0 and <= 0xFDEF;

    /// <summary>What shows nothing: format and control characters, and the others of Default_Ignorable_Code_Point.</summary>
    private static bool IsUnseen(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0 or (>= 0x180B and <= 0x180F) or (>= 0x2060 and <= 0x206F)
            or (>= 0xFE00 and <= 0xFE0F) or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);
}
