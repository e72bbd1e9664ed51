using System.Formats.Cbor;
using CsCheck;
using Latchkey.Protocol.Cbor;

namespace Latchkey.Protocol.Tests.Cbor;

public sealed class CborRoundTripTests
{
    // Values as trees: a list is an array, a dictionary of text keys a map.
    private static readonly Gen<object> Values = Gen.Recursive<object>((depth, inner) => depth >= 3
        ? Scalars()
        : Gen.Frequency(
            (4, Scalars()),
            (1, inner.List[0, 3].Select(list => (object)list)),
            (1, Gen.Dictionary(Gen.String[Gen.Char['a', 'z'], 0, 4], inner)[0, 3].Select(map => (object)map))));

    [Fact]
    public void Reads_every_value_it_writes() => Values.Sample(value =>
    {
        var writer = new CanonicalCborWriter();
        Write(writer, value);
        var bytes = writer.Encode();
        var reader = new WireCborReader("value", bytes);
        var again = new CanonicalCborWriter();
        Write(again, Read(reader));
        reader.ExpectEnd();
        Assert.Equal(bytes, again.Encode());
    });

    private static Gen<object> Scalars() => Gen.OneOf(
        Gen.Long.Select(n => (object)n),
        Gen.Bool.Select(b => (object)b),
        Gen.Byte.Array[0, 40].Select(b => (object)b),
        Gen.String[Gen.Char['a', 'z'], 0, 40].Select(s => (object)s));

    private static void Write(CanonicalCborWriter writer, object value)
    {
        switch (value)
        {
            case long number: writer.Integer(number); break;
            case bool flag: writer.Boolean(flag); break;
            case byte[] bytes: writer.Bytes(bytes); break;
            case string text: writer.Text(text); break;
            case List<object> list:
                writer.StartArray(list.Count);
                list.ForEach(item => Write(writer, item));
                writer.EndArray();
                break;
            case Dictionary<string, object> map:
                writer.StartMap(map.Count);
                foreach (var (key, item) in map)
                {
                    Write(writer.Text(key), item);
                }

                writer.EndMap();
                break;
        }
    }

    private static object Read(WireCborReader reader)
    {
        switch (reader.Peek())
        {
            case CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger: return reader.ReadInt64();
            case CborReaderState.Boolean: return reader.ReadBoolean();
            case CborReaderState.ByteString: return reader.ReadByteString().ToArray();
            case CborReaderState.TextString: return reader.ReadText();
            case CborReaderState.StartArray:
                var list = new List<object>();
                for (var left = reader.ReadStartArray(); left > 0; left--)
                {
                    list.Add(Read(reader));
                }

                reader.ReadEndArray();
                return list;
            default:
                var map = new Dictionary<string, object>();
                for (var left = reader.ReadStartMap(); left > 0; left--)
                {
                    map.Add(reader.ReadText(), Read(reader));
                }

                reader.ReadEndMap();
                return map;
        }
    }
}
