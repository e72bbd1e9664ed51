using System.Buffers;
using BclBase64Url = System.Buffers.Text.Base64Url;

namespace Latchkey.Protocol;

/// <summary>
/// Base64url without padding, white space or spare bits: one text for each run of bytes.
/// <see href="https://www.w3.org/TR/webauthn-3/#base64url-encoding"/>
/// </summary>
public static class Base64Url
{
    /// <summary>Writes base64url without padding.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => BclBase64Url.EncodeToString(bytes);

    /// <summary>Length in characters of <paramref name="byteCount"/> bytes.</summary>
    public static int EncodedLength(int byteCount) => BclBase64Url.GetEncodedLength(byteCount);

    /// <summary>Upper bound in bytes of <paramref name="charCount"/> characters.</summary>
    public static int MaxDecodedLength(int charCount) => BclBase64Url.GetMaxDecodedLength(charCount);

    /// <summary>Reads base64url.</summary>
    /// <exception cref="WireFormatException">Padding, a character outside the alphabet, or an impossible length.</exception>
    public static byte[] Decode(ReadOnlySpan<char> text)
    {
        var bytes = new byte[MaxDecodedLength(text.Length)];
        // The standard library forgives padding and white space; the WebAuthn JSON forms do not have them.
        return !text.ContainsAny(NotInAlphabet)
            && BclBase64Url.DecodeFromChars(text, bytes, out _, out var written) == OperationStatus.Done
            && HasNoSpareBits(text.Length, text.IsEmpty ? '\0' : text[^1])
                ? Trim(bytes, written)
                : throw new WireFormatException("base64url", 0, "is not base64url without padding");
    }

    /// <summary>Reads base64url from UTF-8 into <paramref name="bytes"/>; false when it is not base64url or does not fit.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, Span<byte> bytes, out int written)
    {
        written = 0;
        return !utf8.ContainsAny(NotInAlphabetUtf8)
            && BclBase64Url.DecodeFromUtf8(utf8, bytes, out _, out written) == OperationStatus.Done
            && HasNoSpareBits(utf8.Length, utf8.IsEmpty ? '\0' : (char)utf8[^1]);
    }

    /// <summary>True when <paramref name="utf8"/> is exactly the base64url text of <paramref name="bytes"/>; writes nothing, compares all.</summary>
    public static bool Equals(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> bytes)
    {
        if (utf8.Length != EncodedLength(bytes.Length))
        {
            return false;
        }

        Span<byte> expected = utf8.Length <= 512 ? stackalloc byte[utf8.Length] : new byte[utf8.Length];
        BclBase64Url.EncodeToUtf8(bytes, expected);
        return System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(utf8, expected);
    }

    private static readonly SearchValues<char> NotInAlphabet = SearchValues.Create("=%\t\n\r ");

    private static readonly SearchValues<byte> NotInAlphabetUtf8 = SearchValues.Create("=%\t\n\r "u8);

    private static byte[] Trim(byte[] bytes, int length) => bytes.Length == length ? bytes : bytes[..length];

    // Two texts for the same bytes would make "the same credential ID" a matter of opinion.
    private static bool HasNoSpareBits(int length, char last) => (length % 4) switch
    {
        0 => true,
        2 => (Sextet(last) & 0b1111) == 0,
        3 => (Sextet(last) & 0b11) == 0,
        _ => false,
    };

    private static int Sextet(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '-' => 62,
        _ => 63,
    };
}
