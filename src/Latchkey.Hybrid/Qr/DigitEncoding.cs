using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Qr;

/// <summary>
/// Bytes as decimal digits, which QR codes hold most densely: each 7 bytes, little-endian, are 17 digits; what is left over
/// takes as many digits as it needs.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-qr-initiated"/>
/// </summary>
internal static class DigitEncoding
{
    private const string Structure = "FIDO:/ digits";
    private const int GroupBytes = 7;
    private const int GroupDigits = 17;

    // By the bytes of the last group: 0 to 7.
    private static readonly int[] DigitsOf = [0, 3, 5, 8, 10, 13, 15, GroupDigits];

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var digits = new StringBuilder();
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, GroupBytes)..])
        {
            var group = bytes[..Math.Min(bytes.Length, GroupBytes)];
            number.Clear();
            group.CopyTo(number);
            var text = BinaryPrimitives.ReadUInt64LittleEndian(number).ToString(CultureInfo.InvariantCulture);
            digits.Append(text.PadLeft(DigitsOf[group.Length], '0'));
        }

        return digits.ToString();
    }

    /// <exception cref="WireFormatException">No digits, a last group of an impossible length, or a group that means more bytes than it has.</exception>
    public static ByteString Decode(ReadOnlySpan<char> digits)
    {
        var bytes = new ByteWriter(digits.Length / GroupDigits * GroupBytes + GroupBytes);
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        for (var at = 0; at < digits.Length; at += GroupDigits)
        {
            var group = digits[at..Math.Min(digits.Length, at + GroupDigits)];
            var length = Array.IndexOf(DigitsOf, group.Length);
            if (length < 0) throw new WireFormatException(Structure, at, $"ends with a group of {group.Length}");
            if (!ulong.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                throw new WireFormatException(Structure, at, "has a character that is no digit");
            }

            if (value >> (8 * length) != 0) throw new WireFormatException(Structure, at, $"has a group over {length} bytes");
            BinaryPrimitives.WriteUInt64LittleEndian(number, value);
            bytes.Bytes(number[..length]);
        }

        return bytes.ToByteString();
    }
}
