using CsCheck;
using Latchkey.Protocol.Cose;

namespace Latchkey.Protocol.Tests.Cose;

public sealed class CoseKeyTests
{
    private const string Es256Key =
        "a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220";

    private static readonly Gen<ByteString> Bytes = Gen.Byte.Array[0, CoseKey.MaxCoordinateLength].Select(b => (ByteString)b);

    [Fact]
    public void Reads_the_key_of_the_published_vector()
    {
        var key = CoseKey.Parse(ByteString.FromHex(Es256Key));

        Assert.Equal((CoseKeyType.Ec2, CoseAlgorithm.ES256, CoseCurve.P256), (key.Type, key.Algorithm, key.Curve));
        Assert.Equal(32, key.X.Length);
        Assert.True(SignatureVerifier.IsUsable(key));
        Assert.Equal(Es256Key, key.Encode().ToHex());
    }

    [Fact]
    public void Reads_every_key_it_writes() => Gen.OneOf(
        Gen.Select(Gen.Int, Gen.Int, Bytes, Bytes, (a, c, x, y) => CoseKey.Ec2((CoseAlgorithm)a, (CoseCurve)c, x, y)),
        Gen.Select(Gen.Int, Gen.Int, Bytes, (a, c, x) => CoseKey.Okp((CoseAlgorithm)a, (CoseCurve)c, x)),
        Gen.Select(Gen.Int, Bytes, Bytes, (a, n, e) => CoseKey.Rsa((CoseAlgorithm)a, n, e)))
        .Sample(key => CoseKey.Parse(key.Encode()) == key);

    [Theory]
    [InlineData("a401022001215820" + "00", "no alg")]
    [InlineData("a60102032604012001215801" + "00225801" + "00", "an optional member")]
    [InlineData("a401020326200121410" + "0", "no y")]
    [InlineData("a50102032620012141002 2f5", "a compressed point")]
    [InlineData("a50102032620012141002241000" + "0", "a trailing byte")]
    [InlineData("a5010203262001214100224100", "nothing wrong", true)]
    public void Refuses_a_key_with(string hex, string what, bool reads = false)
    {
        Assert.NotEmpty(what);
        var bytes = ByteString.FromHex(hex.Replace(" ", "", StringComparison.Ordinal));
        if (reads)
        {
            CoseKey.Parse(bytes);
        }
        else
        {
            Assert.Throws<WireFormatException>(() => CoseKey.Parse(bytes));
        }
    }

    [Theory]
    [InlineData("a52241002141002001032601 02", "EC2 backwards")]
    [InlineData("a4214100200603270101", "OKP backwards")]
    [InlineData("a42143010001204401020304033901000103", "RSA backwards")]
    public void Reads_a_key_with_its_members_in_another_order(string hex, string what)
    {
        Assert.NotEmpty(what);
        var bytes = ByteString.FromHex(hex.Replace(" ", "", StringComparison.Ordinal));

        Assert.Equal(CoseKey.Parse(bytes), CoseKey.Parse(CoseKey.Parse(bytes).Encode()));
        Assert.Throws<WireFormatException>(() => CoseKey.Read(new Latchkey.Protocol.Cbor.WireCborReader("key", bytes.Memory)));
    }

    [Theory]
    [InlineData("a6010201020326200121410022 4100", "kty twice")]
    [InlineData("a601020326180326200121410022 4100", "alg twice, once with a longer head")]
    [InlineData("a60102032620012001214100224100", "crv twice")]
    [InlineData("a6010203262001214100214100224100", "x twice")]
    public void Refuses_a_key_in_any_order_with(string hex, string what)
    {
        Assert.NotEmpty(what);

        Assert.Throws<WireFormatException>(() => CoseKey.Parse(ByteString.FromHex(hex.Replace(" ", "", StringComparison.Ordinal))));
    }

    [Fact]
    public void Reads_a_key_of_tomorrow_that_is_longer_than_any_of_today() =>
        Assert.Equal((CoseAlgorithm)(-49), CoseKey.Parse(ByteString.FromHex($"a3010703383020590{0x7a0:x3}{new string('0', 0x7a0 * 2)}")).Algorithm);

    [Fact]
    public void Reads_the_algorithm_of_a_key_of_tomorrow_and_finds_it_unusable()
    {
        // kty AKP (7), alg ML-DSA-44 (-48), pub
        var key = CoseKey.Parse(ByteString.FromHex("a3010703382f20410" + "0"));

        Assert.Equal((CoseAlgorithm)(-48), key.Algorithm);
        Assert.False(SignatureVerifier.IsUsable(key));
    }

    [Fact]
    public void Parses_or_throws_a_format_error_when_cut_or_flipped_anywhere()
    {
        var good = Convert.FromHexString(Es256Key);
        for (var length = 0; length < good.Length; length++)
        {
            Assert.Throws<WireFormatException>(() => CoseKey.Parse(good[..length]));
        }

        for (var i = 0; i < good.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var flipped = (byte[])good.Clone();
                flipped[i] ^= (byte)(1 << bit);
                try
                {
                    SignatureVerifier.IsUsable(CoseKey.Parse(flipped));
                }
                catch (WireFormatException)
                {
                    // the other allowed answer
                }
            }
        }
    }
}
