using System.Diagnostics.CodeAnalysis;
using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Codes;

/// <summary>
/// Base32 as secrets are written in it, by machines and by hand: RFC 4648 §6, with or without padding, in either case, with spaces or hyphens
/// between groups. <see href="https://www.rfc-editor.org/rfc/rfc4648#section-6"/>
/// </summary>
public static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int BitsPerCharacter = 5, CharactersPerGroup = 8;

    /// <summary>Reads a secret; false when a character is outside the alphabet, or one too many or too few is there.</summary>
    public static bool TryDecode(string text, [NotNullWhen(true)] out ByteString? bytes)
    {
        bytes = null;
        var decoded = new List<byte>(text.Length * BitsPerCharacter / 8);
        var (buffer, bits, characters, padding) = (0, 0, 0, 0);
        foreach (var character in text)
        {
            if (character is ' ' or '-' or '\u00a0') continue;
            if (character == '=')
            {
                padding++;
                continue;
            }

            var value = Alphabet.IndexOf(char.ToUpperInvariant(character), StringComparison.Ordinal);
            if (value < 0 || padding > 0 || !char.IsAscii(character)) return false;
            characters++;
            buffer = (buffer << BitsPerCharacter) | value;
            bits += BitsPerCharacter;
            if (bits < 8) continue;
            bits -= 8;
            decoded.Add((byte)(buffer >> bits));
            buffer &= (1 << bits) - 1;
        }

        // 1, 3 and 6 characters end in the middle of a byte: a character was lost, or is there twice.
        var rest = characters % CharactersPerGroup;
        if (rest is 1 or 3 or 6) return false;
        if (padding > 0 && (rest == 0 || padding != CharactersPerGroup - rest)) return false;
        bytes = new(decoded.ToArray());
        return true;
    }

    /// <summary>Writes it in capitals, without padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder((bytes.Length * 8 + BitsPerCharacter - 1) / BitsPerCharacter);
        var (buffer, bits) = (0, 0);
        foreach (var value in bytes)
        {
            buffer = (buffer << 8) | value;
            bits += 8;
            while (bits >= BitsPerCharacter)
            {
                bits -= BitsPerCharacter;
                text.Append(Alphabet[buffer >> bits]);
                buffer &= (1 << bits) - 1;
            }
        }

        if (bits > 0) text.Append(Alphabet[buffer << (BitsPerCharacter - bits)]);
        return text.ToString();
    }
}
