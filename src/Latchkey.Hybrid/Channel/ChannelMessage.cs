using Latchkey.Protocol;

namespace Latchkey.Hybrid.Channel;

/// <summary>How both ends talk after the handshake; the phone's first message decides.</summary>
internal enum ChannelRevision
{
    /// <summary>CTAP messages as they are, and no goodbye.</summary>
    Untyped,

    /// <summary>Each message begins with its type.</summary>
    Typed,
}

/// <summary>The first byte of a message in the channel. Unknown values are kept: what to do about them is the reader's.</summary>
internal enum ChannelMessageType : byte
{
    /// <summary>Goodbye; nothing follows the type.</summary>
    Shutdown = 0,

    /// <summary>A CTAP request or answer.</summary>
    Ctap = 1,

    /// <summary>Something the phone wants the computer to know, such as linking information.</summary>
    Update = 2,

    /// <summary>JSON (CTAP 2.3): a digital credential's; not done here.</summary>
    Json = 3,
}

/// <summary>One message in the channel.</summary>
internal readonly record struct ChannelMessage(ChannelMessageType Type, ByteString Payload)
{
    /// <exception cref="WireFormatException">There is no type.</exception>
    public static ChannelMessage Parse(ByteString bytes, ChannelRevision revision)
    {
        if (revision == ChannelRevision.Untyped) return new(ChannelMessageType.Ctap, bytes);
        return bytes.IsEmpty ? throw new WireFormatException("channel message", 0, "has no type") : new((ChannelMessageType)bytes.Span[0], bytes.Slice(1));
    }

    /// <summary>The bytes; null when this revision has no such message.</summary>
    public ByteString? Encode(ChannelRevision revision)
    {
        if (revision == ChannelRevision.Typed) return new ByteWriter(1 + Payload.Length).Byte((byte)Type).Bytes(Payload).ToByteString();
        return Type == ChannelMessageType.Ctap ? Payload : default(ByteString?);
    }
}
