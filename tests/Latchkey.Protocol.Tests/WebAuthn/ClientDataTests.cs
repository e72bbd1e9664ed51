using System.Text;
using CsCheck;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Tests.WebAuthn;

public sealed class ClientDataTests
{
    [Fact]
    public void Is_written_by_the_standards_serialization()
    {
        var challenge = new Challenge(new byte[16]);

        var json = CollectedClientData.Encode(CollectedClientData.TypeCreate, challenge, "https://example.org");

        Assert.Equal(
            """{"type":"webauthn.create","challenge":"AAAAAAAAAAAAAAAAAAAAAA","origin":"https://example.org","crossOrigin":false}""",
            Encoding.UTF8.GetString(json.Span));
    }

    [Fact]
    public void Escapes_only_what_CCDToString_escapes()
    {
        var json = CollectedClientData.Encode("a\"b\\c\u0001é/<", new Challenge(new byte[16]), "o", crossOrigin: true, "t");

        Assert.StartsWith("{\"type\":\"a\\\"b\\\\c\\u0001é/<\",", Encoding.UTF8.GetString(json.Span), StringComparison.Ordinal);
        Assert.EndsWith("\"origin\":\"o\",\"crossOrigin\":true,\"topOrigin\":\"t\"}", Encoding.UTF8.GetString(json.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void Reads_back_what_it_wrote_whatever_the_texts()
    {
        Gen.Select(Gen.String, Gen.String, Gen.Bool).Sample((origin, top, cross) =>
        {
            // Lone surrogates have no UTF-8 form.
            origin = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(origin));
            top = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(top));
            var challenge = Challenge.Random();

            var read = CollectedClientData.Parse(CollectedClientData.Encode(CollectedClientData.TypeGet, challenge, origin, cross, top));

            Assert.True(read.Type.SequenceEqual("webauthn.get"u8));
            Assert.True(Base64Url.Equals(read.Challenge, challenge.Bytes));
            Assert.Equal(origin, Encoding.UTF8.GetString(read.Origin));
            Assert.Equal(top, Encoding.UTF8.GetString(read.TopOrigin));
            Assert.Equal(cross, read.CrossOrigin);
            Assert.True(read.HasTopOrigin);
        });
    }

    [Fact]
    public void Strips_a_byte_order_mark_and_passes_over_unknown_members()
    {
        var read = CollectedClientData.Parse(
            "\uFEFF{\"new_in_level_9\":{\"a\":[1,2]},\"\\u0074ype\":\"webauthn\\u002eget\",\"challenge\":\"AA\",\"origin\":\"o\"}"u8);

        Assert.True(read.Type.SequenceEqual("webauthn.get"u8));
        Assert.False(read.CrossOrigin);
        Assert.False(read.HasTopOrigin);
    }
}
