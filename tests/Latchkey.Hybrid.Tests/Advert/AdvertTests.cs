using CsCheck;
using Latchkey.Hybrid.Advert;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Advert;

public sealed class AdvertTests
{
    private static readonly Gen<AdvertPlaintext> Plaintexts =
        from nonce in Gen.Byte.Array[10]
        from routingId in Gen.Byte.Array[3]
        from domain in Gen.UShort.Where(TunnelDomain.IsKnown)
        select new AdvertPlaintext(nonce, new(routingId), new(domain));

    private static readonly EidKey Key = EidKey.Derive(ByteString.Random(16), ByteString.Empty);

    [Fact]
    public void What_is_sealed_opens_with_its_key_only() => Plaintexts.Sample(plaintext =>
    {
        var advert = SealedAdvert.Seal(plaintext, Key);

        Assert.Equal(20, advert.Bytes.Length);
        Assert.True(SealedAdvert.TryOpen(advert.Bytes, Key, out var opened));
        Assert.Equal(plaintext, opened);
        Assert.False(SealedAdvert.TryOpen(advert.Bytes, EidKey.Derive(ByteString.Random(16), ByteString.Empty), out _));
    });

    [Fact]
    public void Reserved_bits_are_refused()
    {
        var bytes = AdvertPlaintext.Create(RoutingId.Parse("a1b2c3"), new(1)).Encode().ToArray();
        bytes[0] = 1;

        Assert.Throws<WireFormatException>(() => AdvertPlaintext.Parse(bytes));
    }

    [Fact]
    public void Every_number_has_one_host_name_or_none()
    {
        var names = Enumerable.Range(0, ushort.MaxValue + 1).Where(id => TunnelDomain.IsKnown((ushort)id)).Select(id => new TunnelDomain((ushort)id).HostName).ToList();

        Assert.Equal(65536 - 254, names.Count);
        Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, name => Assert.Equal(UriHostNameType.Dns, Uri.CheckHostName(name)));
    }

    [Theory]
    [InlineData("A1B2C3")]
    [InlineData("a1b2c3")]
    public void A_routing_ID_is_read_in_either_case(string text) => Assert.Equal("a1b2c3", RoutingId.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("a1b2")]
    [InlineData("a1b2c3d4")]
    [InlineData("a1b2cg")]
    public void Anything_but_six_hexadecimal_digits_is_no_routing_ID(string text) => Assert.Throws<WireFormatException>(() => RoutingId.Parse(text));
}
