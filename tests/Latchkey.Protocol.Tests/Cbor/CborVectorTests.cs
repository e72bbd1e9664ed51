using System.Text.Json;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Tests.Vectors;

namespace Latchkey.Protocol.Tests.Cbor;

/// <summary>RFC 8949 Appendix A and F.1 against the strict reader.</summary>
public sealed class CborVectorTests
{
    private static readonly JsonElement File = VectorFile.Read("cbor-rfc8949.json");

    public static TheoryData<string, bool> WellFormed() =>
        [.. File.GetProperty("wellFormed").EnumerateArray().Select(v => (v.GetProperty("hex").GetString()!, v.GetProperty("ctap2Canonical").GetBoolean()))];

    public static TheoryData<string> NotWellFormed() =>
        [.. File.GetProperty("notWellFormed").EnumerateArray().Select(v => v.GetProperty("hex").GetString()!)];

    [Theory, MemberData(nameof(WellFormed))]
    public void Reads_a_well_formed_value_exactly_when_it_is_canonical(string hex, bool canonical)
    {
        if (canonical)
        {
            Read(hex);
        }
        else
        {
            Assert.Throws<WireFormatException>(() => Read(hex));
        }
    }

    [Theory, MemberData(nameof(NotWellFormed))]
    public void Refuses_what_is_not_well_formed(string hex) => Assert.Throws<WireFormatException>(() => Read(hex));

    private static void Read(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var reader = new WireCborReader("value", bytes);
        var value = reader.ReadEncodedValue();
        reader.ExpectEnd();
        Assert.Equal(bytes, value.ToArray());
    }
}
