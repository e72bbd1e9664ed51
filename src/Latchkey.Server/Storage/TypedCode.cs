using System.Security.Cryptography;

namespace Latchkey.Server.Storage;

/// <summary>Codes that people read and type: no letter that looks like another, and case, blanks and dashes do not matter.</summary>
public static class TypedCode
{
    private const string Alphabet = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"; // without 0 1 I L O

    /// <summary>A random code in groups of four, as in <c>K7QX-2M9P</c>: a little under 20 bits a group.</summary>
    public static string Create(int groups) =>
        string.Join('-', Enumerable.Range(0, groups).Select(_ => RandomNumberGenerator.GetString(Alphabet, 4)));

    public static string Normalize(string typed) =>
        string.Concat(typed.Where(char.IsLetterOrDigit)).ToUpperInvariant();
}
