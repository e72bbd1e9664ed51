using CsCheck;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Qr;

public sealed class HybridQrCodeTests
{
    private static readonly P256Point Key = Fresh();
    private static readonly string[] Hints = ["mc", "ga", "", "dcp"];

    private static readonly Gen<HybridQrCode> Codes =
        from secret in Gen.Byte.Array[16]
        from domains in Gen.UInt
        from time in Gen.Long[0, 253402300799]
        from says in Gen.Bool.Array[4]
        from assisted in Gen.Bool
        from hint in Gen.Int[0, 3]
        from channels in Gen.UInt.Array[0, 5]
        select new HybridQrCode(Key, secret)
        {
            KnownTunnelDomains = domains,
            Timestamp = says[0] ? DateTimeOffset.FromUnixTimeSeconds(time) : null,
            SupportsStateAssisted = says[1] ? assisted : null,
            OperationHint = says[2] ? Hints[hint] : null,
            TransportChannels = says[3] ? channels : null,
        };

    [Fact]
    public void What_is_written_is_what_is_read() => Codes.Sample(code =>
    {
        var read = HybridQrCode.Parse(code.Encode());

        Assert.Equal(code with { TransportChannels = null }, read with { TransportChannels = null });
        Assert.Equal(code.TransportChannels, read.TransportChannels);
        Assert.Equal(code.Encode(), read.Encode());
    });

    [Fact]
    public void Any_bytes_come_back_from_their_digits() => Gen.Byte.Array[0, 60].Sample(bytes => Assert.Equal(new ByteString(bytes), DigitEncoding.Decode(DigitEncoding.Encode(bytes))));

    [Theory]
    [InlineData("fido:/")]
    [InlineData("Fido:/")]
    public void The_scheme_is_read_in_either_case(string scheme)
    {
        var code = new HybridQrCode(Key, ByteString.Random(16));

        Assert.Equal(code, HybridQrCode.Parse(scheme + code.Encode()[HybridQrCode.Scheme.Length..]));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("٣")]
    public void Nothing_but_the_ten_digits_is_a_digit(string character) => Assert.Throws<WireFormatException>(() => DigitEncoding.Decode($"0{character}1"));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(16)]
    [InlineData(18)]
    public void A_last_group_of_an_impossible_length_is_refused(int length) => Assert.Throws<WireFormatException>(() => DigitEncoding.Decode(new string('0', length)));

    [Theory]
    [InlineData("256")]
    [InlineData("65536")]
    [InlineData("16777216")]
    [InlineData("4294967296")]
    [InlineData("1099511627776")]
    [InlineData("281474976710656")]
    [InlineData("72057594037927936")]
    public void A_group_that_means_more_bytes_than_it_has_is_refused(string digits) => Assert.Throws<WireFormatException>(() => DigitEncoding.Decode(digits));

    [Fact]
    public void Both_forms_of_a_point_mean_the_same_point()
    {
        for (var i = 0; i < 50; i++)
        {
            var point = Fresh();
            Assert.Equal(point, P256Point.ParseCompressed(point.Compressed));
            Assert.Equal(point, P256Point.ParseUncompressed(point.Uncompressed));
        }
    }

    private static P256Point Fresh()
    {
        using var pair = P256KeyPair.Generate();
        return pair.Public;
    }
}
