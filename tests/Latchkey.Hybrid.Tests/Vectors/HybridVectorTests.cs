using System.Text.Json;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Vectors;

/// <summary>Every vector of the file; a section that nobody reads fails.</summary>
public sealed partial class HybridVectorTests
{
    private static readonly Dictionary<string, Action<JsonElement>> Readers = new(StringComparer.Ordinal)
    {
        ["digitEncoding"] = Digits,
        ["qr"] = QrCode,
        ["keyDerivation"] = Derivation,
        ["tunnelDomains"] = Domain,
        ["tunnelUrls"] = Url,
        ["eid"] = Eid,
        ["handshakes"] = Handshake,
        ["transactions"] = Transaction,
        ["padding"] = Padding,
        ["postHandshake"] = PostHandshake,
        ["pairingSignature"] = LinkSignature,
        // published without vectors so far
        ["transport"] = Unread,
        ["framing"] = Unread,
    };

    public static TheoryData<string, int> Vectors
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var section in HybridVectors.Sections)
            {
                for (var number = 0; number < section.Value.GetArrayLength(); number++) data.Add(section.Name, number);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_published_vector_comes_out_as_published(string section, int number) => Readers[section](HybridVectors.Get(section, number));

    [Fact]
    public void The_file_holds_the_sections_and_the_number_of_vectors_we_know()
    {
        Assert.Equal(Readers.Keys.Order(StringComparer.Ordinal), HybridVectors.Sections.Select(section => section.Name).Order(StringComparer.Ordinal));
        Assert.Equal(60, HybridVectors.Sections.Sum(section => section.Value.GetArrayLength()));
    }

    private static void Unread(JsonElement vector) => Assert.Fail("This section had no vectors when its reader was written.");

    private static void Digits(JsonElement vector)
    {
        if (!vector.IsValid())
        {
            Assert.Throws<WireFormatException>(() => DigitEncoding.Decode(vector.Text("digits")));
            return;
        }

        Assert.Equal(vector.Hex("bytes"), DigitEncoding.Decode(vector.Text("digits")));
        Assert.Equal(vector.Text("digits"), DigitEncoding.Encode(vector.Hex("bytes")));
    }

    private static void QrCode(JsonElement vector)
    {
        var url = vector.Text("url");
        if (!vector.IsValid())
        {
            Assert.Throws<WireFormatException>(() => HybridQrCode.Parse(url));
            return;
        }

        Assert.Equal(vector.Hex("cbor"), DigitEncoding.Decode(url.AsSpan(HybridQrCode.Scheme.Length)));
        var code = HybridQrCode.Parse(url);
        var expected = vector.GetProperty("expected");
        foreach (var member in expected.EnumerateObject())
        {
            Assert.Equal(member.Value.ValueKind == JsonValueKind.Null ? null : string.Concat(member.Value.ToString().Where(c => !char.IsWhiteSpace(c))), Member(code, member.Name));
        }

        // What it says is all there is to say, unless it says things we pass over.
        if (expected.Maybe("unknownKeys") is null && expected.Maybe("timestamp") is not null) Assert.Equal(url, code.Encode());
    }

    private static string? Member(HybridQrCode code, string name) => name switch
    {
        "compressedPublicKey" => code.IdentityKey.Compressed.ToHex(),
        "uncompressedPublicKey" => code.IdentityKey.Uncompressed.ToHex(),
        "qrSecret" => code.Secret.ToHex(),
        "knownDomains" => $"{code.KnownTunnelDomains}",
        "timestamp" => $"{code.Timestamp?.ToUnixTimeSeconds()}",
        "supportsStateAssisted" => code.SupportsStateAssisted?.ToString(),
        "operation" => HybridOperationHints.Of(code.Operation),
        "transportChannels" => code.TransportChannels is { } channels ? $"[{string.Join(',', channels)}]" : null,
        "eidKey" => EidKey.Of(code).Bytes.ToHex(),
        "tunnelId" => TunnelId.Of(code).Bytes.ToHex(),
        "unknownKeys" => "{\"65535\":0}",
        _ => throw new NotSupportedException($"No vector had a {name} when this was written."),
    };

    private static void Derivation(JsonElement vector)
    {
        var salt = vector.Maybe("salt") is null ? ByteString.Empty : vector.Hex("salt");
        var output = vector.Hex("output");
        Assert.Equal(output, KeyDerivation.Derive(vector.Hex("secret"), salt, vector.GetProperty("purposeValue").GetUInt32(), output.Length));
        Assert.Equal(output, EidKey.Derive(vector.Hex("secret"), salt).Bytes);
    }

    private static void Domain(JsonElement vector)
    {
        var id = vector.GetProperty("id").GetUInt16();
        Assert.Equal(vector.Maybe("domain") is not null, TunnelDomain.IsKnown(id));
        if (vector.Maybe("domain") is { } name) Assert.Equal(name.GetString(), new TunnelDomain(id).HostName);
        else Assert.Throws<ArgumentOutOfRangeException>(() => new TunnelDomain(id));
    }

    private static void Url(JsonElement vector)
    {
        switch (vector.Text("kind"))
        {
            case "connect":
                var secret = vector.Hex("qrSecret");
                var tunnelId = new TunnelId(KeyDerivation.Derive(secret, ByteString.Empty, KeyDerivation.PurposeTunnelId, TunnelId.Length));
                var domain = new TunnelDomain(vector.GetProperty("tunnelServerId").GetUInt16());
                var routingId = RoutingId.Parse(vector.Text("routingId"));
                Assert.Equal(vector.Text("url"), TunnelUrl.Connect(TunnelUrl.Of(domain), routingId, tunnelId).AbsoluteUri);
                break;
            case "headers":
                Assert.Equal(TunnelUrl.Subprotocol, vector.Text("webSocketSubprotocol"));
                Assert.Equal(TunnelUrl.ClientPayloadHeader, vector.Text("stateAssistedHeader"));
                break;
            default:
                Assert.Fail("An unknown kind.");
                break;
        }
    }

    private static void Eid(JsonElement vector)
    {
        switch (vector.Text("kind"))
        {
            case "encrypt":
                var plaintext = AdvertPlaintext.Parse(vector.Hex("plaintext"));
                var advert = SealedAdvert.Seal(plaintext, new(vector.Hex("eidKey")));
                Assert.Equal(vector.Hex("advert"), advert.Bytes);
                Assert.True(SealedAdvert.TryOpen(advert.Bytes, new(vector.Hex("eidKey")), out var opened));
                Assert.Equal(plaintext, opened);
                Assert.True(SealedAdvert.TryOpen((byte[])[.. advert.Bytes.Span, 0xa0], new(vector.Hex("eidKey")), out _));
                break;
            case "decrypt":
                Assert.Equal(vector.IsValid(), SealedAdvert.TryOpen(vector.Hex("advert"), new(vector.Hex("eidKey")), out _));
                break;
            case "suffix" when vector.IsValid():
                var psm = vector.GetProperty("expected").Maybe("l2capPsm")?.GetUInt16();
                Assert.Equal(psm, AdvertSuffix.Parse(vector.Hex("suffix")).L2capPsm);
                break;
            case "suffix":
                Assert.Throws<WireFormatException>(() => AdvertSuffix.Parse(vector.Hex("suffix")));
                break;
            default:
                Assert.Fail("An unknown kind.");
                break;
        }
    }
}
