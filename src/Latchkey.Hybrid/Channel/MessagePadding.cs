using System.Buffers.Binary;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Channel;

/// <summary>
/// Zeros that hide how long a message is: as many as make it a multiple of 32, and their number in the last byte.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-transport"/>
/// </summary>
internal static class MessagePadding
{
    public const int Granularity = 32;

    private const string Structure = "padding";

    public static byte[] Pad(ReadOnlySpan<byte> message)
    {
        var padded = new byte[(message.Length / Granularity + 1) * Granularity];
        message.CopyTo(padded);
        padded[^1] = (byte)(padded.Length - message.Length - 1);
        return padded;
    }

    /// <exception cref="WireFormatException">Nothing at all, or more padding than there is message.</exception>
    public static ByteString Unpad(ByteString padded)
    {
        if (padded.IsEmpty) throw new WireFormatException(Structure, 0, "is missing");
        var length = padded.Length - 1 - padded.Span[^1];
        return length >= 0 ? padded.Slice(0, length) : throw new WireFormatException(Structure, padded.Length - 1, "is longer than the message");
    }

    /// <summary>The first message's own padding in revision 0: zeros, and their number in the last two bytes, little-endian.</summary>
    /// <exception cref="WireFormatException">Less than two bytes, or more padding than there is message.</exception>
    public static ByteString UnpadFirst(ByteString padded)
    {
        if (padded.Length < sizeof(ushort)) throw new WireFormatException(Structure, 0, "is missing");
        var length = padded.Length - sizeof(ushort) - BinaryPrimitives.ReadUInt16LittleEndian(padded.Span[^sizeof(ushort)..]);
        return length >= 0 ? padded.Slice(0, length) : throw new WireFormatException(Structure, padded.Length - sizeof(ushort), "is longer than the message");
    }

    /// <summary>The first message's own padding in revision 0, to a multiple of 512.</summary>
    public static ByteString PadFirst(ByteString message)
    {
        const int granularity = 512;
        var padded = new byte[(message.Length + sizeof(ushort) + granularity - 1) / granularity * granularity];
        message.Span.CopyTo(padded);
        BinaryPrimitives.WriteUInt16LittleEndian(padded.AsSpan(padded.Length - sizeof(ushort)), (ushort)(padded.Length - message.Length - sizeof(ushort)));
        return padded;
    }
}
