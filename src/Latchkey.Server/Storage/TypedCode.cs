using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Latchkey.Server.Storage;

/// <summary>Codes that people read and type: no letter that looks like another, and case, blanks and dashes do not matter.</summary>
public static class TypedCode
{
    private const string Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"; // without 0 1 I L O

    /// <summary>A random code, shown in groups of four, as in <c>K7QX-2M9P</c>: a little under 5 bits a character.</summary>
    public static string Create(int length) =>
        string.Join('-', RandomNumberGenerator.GetString(Alphabet, length).Chunk(4).Select(group => new string(group)));

    /// <summary>What was meant: keyboards write digits and letters in other widths and scripts, too.</summary>
    public static string Normalize(string typed)
    {
        var plain = string.Concat(typed.EnumerateRunes()).Normalize(NormalizationForm.FormKC); // as runes, since half a character has no such form
        return string.Concat(plain.Where(char.IsLetterOrDigit).Select(Plain)).ToUpperInvariant();
    }

    private static char Plain(char character) =>
        CharUnicodeInfo.GetDecimalDigitValue(character) is var digit and >= 0 ? (char)('0' + digit) : character;
}
