using System.Buffers.Binary;
using System.Formats.Cbor;
using Latchkey.Protocol;

namespace Latchkey.RelyingParty.Tests.Scenarios;

/// <summary>Writes a value again as an authenticator that cares for no canonical form: every map backwards, every head longer than it need be.</summary>
internal static class LooseCbor
{
    public static ByteString Of(ByteString canonical)
    {
        var written = new List<byte>();
        Copy(new CborReader(canonical.Memory, CborConformanceMode.Strict), written);
        return written.ToArray();
    }

    private static void Copy(CborReader reader, List<byte> written)
    {
        switch (reader.PeekState())
        {
            case CborReaderState.StartMap:
                var entries = new List<byte>[reader.ReadStartMap()!.Value];
                for (var i = 0; i < entries.Length; i++)
                {
                    Copy(reader, entries[i] = []);
                    Copy(reader, entries[i]);
                }

                reader.ReadEndMap();
                Head(written, 5, (ulong)entries.Length);
                written.AddRange(entries.Reverse().SelectMany(entry => entry));
                break;
            case CborReaderState.StartArray:
                var items = reader.ReadStartArray()!.Value;
                Head(written, 4, (ulong)items);
                for (var i = 0; i < items; i++) Copy(reader, written);
                reader.ReadEndArray();
                break;
            case CborReaderState.ByteString:
                var bytes = reader.ReadDefiniteLengthByteString();
                Head(written, 2, (ulong)bytes.Length);
                written.AddRange(bytes.Span);
                break;
            case CborReaderState.TextString:
                var text = reader.ReadDefiniteLengthTextStringBytes();
                Head(written, 3, (ulong)text.Length);
                written.AddRange(text.Span);
                break;
            case CborReaderState.UnsignedInteger:
                Head(written, 0, reader.ReadUInt64());
                break;
            case CborReaderState.NegativeInteger:
                Head(written, 1, reader.ReadCborNegativeIntegerRepresentation());
                break;
            default:
                written.AddRange(reader.ReadEncodedValue().Span);
                break;
        }
    }

    private static void Head(List<byte> written, byte type, ulong number)
    {
        Span<byte> eight = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(eight, number);
        written.Add((byte)((type << 5) | 27));
        written.AddRange(eight);
    }
}
