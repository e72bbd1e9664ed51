using System.Formats.Cbor;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;

namespace Latchkey.Hybrid.Advert;

/// <summary>
/// What may follow the 20 bytes of an advert (CTAP 2.3): a CBOR map from channel to where the phone waits on it. This project meets
/// through the tunnel only; it reads the suffix and leaves it at that.
/// </summary>
/// <param name="L2capPsm">1: the PSM of a Bluetooth channel, when there is one that makes sense.</param>
public readonly record struct AdvertSuffix(ushort? L2capPsm)
{
    private const string Structure = "advert suffix";
    private const ulong ChannelL2cap = 1;

    /// <summary>Reads a suffix. Unknown channels, and values that make no sense, are passed over.</summary>
    /// <exception cref="WireFormatException">No CBOR map.</exception>
    public static AdvertSuffix Parse(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, WireCborReader.CtapMaxDepth);
        ushort? psm = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            if (ReadChannel(reader) == ChannelL2cap) psm = ReadPsm(reader);
            else reader.SkipValue();
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        return new(psm);
    }

    private static ulong? ReadChannel(WireCborReader reader)
    {
        if (reader.Peek() == CborReaderState.UnsignedInteger) return reader.ReadUInt64();
        reader.SkipValue();
        return null;
    }

    private static ushort? ReadPsm(WireCborReader reader)
    {
        if (reader.Peek() == CborReaderState.UnsignedInteger) return reader.ReadUInt64() is var psm and > 0 and <= ushort.MaxValue ? (ushort)psm : null;
        reader.SkipValue();
        return null;
    }
}
