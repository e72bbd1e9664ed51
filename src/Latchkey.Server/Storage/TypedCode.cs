using System.Security.Cryptography;

namespace Latchkey.Server.Storage;

/// <summary>Codes that people read and type: no letter that looks like another, and case, blanks and dashes do not matter.</summary>
public static class TypedCode
{
    private const string Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"; // without 0 1 I L O

    /// <summary>A random code, shown in groups of four, as in <c>K7QX-2M9P</c>: a little under 5 bits a character.</summary>
    public static string Create(int length) =>
        string.Join('-', RandomNumberGenerator.GetString(Alphabet, length).Chunk(4).Select(group => new string(group)));

    public static string Normalize(string typed) =>
        string.Concat(typed.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
