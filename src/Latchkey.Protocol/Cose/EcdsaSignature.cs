namespace Latchkey.Protocol.Cose;

/// <summary>
/// The form of an ECDSA signature before any curve arithmetic: strict DER, and r and s in 1 … n−1. The libraries below
/// check this too; one of them once did not (CVE-2022-21449), and they differ in which encodings they forgive.
/// </summary>
internal static class EcdsaSignature
{
    private const byte SequenceTag = 0x30;
    private const byte IntegerTag = 0x02;
    private const byte LongFormOneByte = 0x81;

    private static readonly byte[] OrderP256 = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    private static readonly byte[] OrderP384 = Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973");
    private static readonly byte[] OrderP521 = Convert.FromHexString("01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409");

    /// <summary>True for <c>SEQUENCE { INTEGER r, INTEGER s }</c> in DER with both numbers in range and nothing after.</summary>
    public static bool IsCanonical(CoseCurve curve, ReadOnlySpan<byte> signature)
    {
        var order = curve switch { CoseCurve.P256 => OrderP256, CoseCurve.P384 => OrderP384, _ => OrderP521 };
        return TryTakeHead(ref signature, SequenceTag, out var length) && length == signature.Length
            && TryTakeNumber(ref signature, order) && TryTakeNumber(ref signature, order) && signature.IsEmpty;
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> order)
    {
        if (!TryTakeHead(ref bytes, IntegerTag, out var length) || length == 0 || length > bytes.Length)
        {
            return false;
        }

        var number = bytes[..length];
        bytes = bytes[length..];
        if ((number[0] & 0x80) != 0)
        {
            return false; // negative
        }

        if (number[0] == 0)
        {
            if (number.Length == 1 || (number[1] & 0x80) == 0)
            {
                return false; // zero, or padded for no reason
            }

            number = number[1..];
        }

        return number.Length < order.Length || (number.Length == order.Length && number.SequenceCompareTo(order) < 0);
    }

    private static bool TryTakeHead(ref ReadOnlySpan<byte> bytes, byte tag, out int length)
    {
        length = 0;
        if (bytes.Length < 2 || bytes[0] != tag)
        {
            return false;
        }

        // P-521 signatures are the longest there are, at most 141 bytes: one length byte after the short form is enough.
        if (bytes[1] == LongFormOneByte && bytes.Length > 2 && bytes[2] >= 0x80)
        {
            length = bytes[2];
            bytes = bytes[3..];
            return true;
        }

        length = bytes[1];
        bytes = bytes[2..];
        return length < 0x80;
    }
}
