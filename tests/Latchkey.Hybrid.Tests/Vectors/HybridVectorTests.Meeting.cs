using System.Text.Json;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Handshake;
using Latchkey.Hybrid.Linking;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Vectors;

public sealed partial class HybridVectorTests
{
    private static void Handshake(JsonElement vector)
    {
        if (vector.Maybe("kind")?.GetString() == "state-assisted keys")
        {
            StateAssistedKeys(vector);
            return;
        }

        var psk = new Psk(vector.Hex("psk"));
        var fromQrCode = vector.Text("protocol") == NoiseState.KnPsk0;
        using var responderEphemeral = P256KeyPair.FromPrivateKey(vector.Hex("responderEphemeralPrivateKey"));
        using var responderStatic = fromQrCode ? null : P256KeyPair.FromPrivateKey(vector.Hex("responderStaticPrivateKey"));
        var responder = fromQrCode
            ? HandshakeResponder.QrInitiated(psk, P256Point.ParseUncompressed(vector.Hex("initiatorStaticPublicKey")))
            : HandshakeResponder.StateAssisted(psk, responderStatic!);
        if (!vector.IsValid())
        {
            Assert.Equal(HybridProblem.HandshakeFailed, Assert.Throws<HybridException>(() => responder.Respond(vector.Hex("initialMessage"), responderEphemeral)).Problem);
            return;
        }

        using var initiatorEphemeral = P256KeyPair.FromPrivateKey(vector.Hex("initiatorEphemeralPrivateKey"));
        using var initiatorStatic = fromQrCode ? P256KeyPair.FromPrivateKey(vector.Hex("initiatorStaticPrivateKey")) : null;
        using var initiator = fromQrCode
            ? HandshakeInitiator.QrInitiated(psk, initiatorStatic!, initiatorEphemeral)
            : HandshakeInitiator.StateAssisted(psk, P256Point.ParseUncompressed(vector.Hex("responderStaticPublicKey")), initiatorEphemeral);
        Assert.Equal(vector.Hex("initialMessage"), initiator.Message);
        var (reply, result) = responder.Respond(initiator.Message, responderEphemeral);
        Assert.Equal(vector.Hex("response"), reply);
        Assert.Equal(result, initiator.Complete(reply));
        Assert.Equal(vector.Hex("handshakeHash"), result.HandshakeHash);
        Assert.Equal(vector.Hex("initiatorWriteKey"), result.InitiatorKey);
        Assert.Equal(vector.Hex("initiatorReadKey"), result.ResponderKey);

        Messages(vector, result, fromInitiator: "initiator");
    }

    /// <summary>Every message, sealed by its sender to the published bytes and opened by its receiver.</summary>
    private static void Messages(JsonElement vector, HandshakeResult keys, string fromInitiator)
    {
        using var computer = new ChannelCipher(keys.InitiatorKey, keys.ResponderKey);
        using var phone = new ChannelCipher(keys.ResponderKey, keys.InitiatorKey);
        foreach (var message in vector.GetProperty("messages").EnumerateArray())
        {
            var (sender, receiver) = message.Text("from") == fromInitiator ? (computer, phone) : (phone, computer);
            Assert.Equal(message.GetProperty("sequence").GetUInt32(), sender.Written);
            Assert.Equal(message.Hex("plaintext"), receiver.Open(message.Hex("ciphertext")));
            Assert.Equal(message.Hex("ciphertext"), sender.Seal(message.Hex("plaintext")));
        }
    }

    private static void StateAssistedKeys(JsonElement vector)
    {
        var payload = ClientPayload.Parse(vector.Hex("clientPayloadCbor"));
        Assert.Equal(vector.Hex("linkId"), payload.LinkId.Bytes);
        Assert.Equal(vector.Hex("clientNonce"), payload.Nonce);
        Assert.Equal(HybridOperationHints.GetAssertion, payload.OperationHint);
        Assert.Equal(vector.Hex("clientPayloadCbor"), payload.Encode());

        var eidKey = EidKey.Derive(vector.Hex("linkSecret"), payload.Nonce);
        Assert.Equal(vector.Hex("eidKey"), eidKey.Bytes);
        Assert.True(SealedAdvert.TryOpen(vector.Hex("advert"), eidKey, out var advert));
        Assert.Equal(vector.Hex("eidPlaintext"), advert.Encode());
        Assert.Equal(vector.Hex("psk"), Psk.Derive(vector.Hex("linkSecret"), advert).Bytes);
    }

    private static void Transaction(JsonElement vector)
    {
        var code = HybridQrCode.Parse(vector.Text("qrUrl"));
        Assert.Equal(vector.Hex("clientStaticPublicKeyCompressed"), code.IdentityKey.Compressed);
        Assert.Equal(vector.Hex("eidKey"), EidKey.Of(code).Bytes);
        Assert.True(SealedAdvert.TryOpen(vector.Hex("advert"), EidKey.Of(code), out var advert));
        Assert.Equal(vector.Hex("eidPlaintext"), advert.Encode());
        Assert.Equal(vector.Text("tunnelDomain"), advert.Domain.HostName);
        Assert.Equal(vector.Text("routingId"), advert.RoutingId.ToString());
        Assert.Equal(vector.Hex("tunnelId"), TunnelId.Of(code).Bytes);
        var psk = Psk.Of(code, advert);
        Assert.Equal(vector.Hex("psk"), psk.Bytes);

        using var identity = P256KeyPair.FromPrivateKey(vector.Hex("clientStaticPrivateKey"));
        using var ephemeral = P256KeyPair.FromPrivateKey(vector.Hex("clientEphemeralPrivateKey"));
        Assert.Equal(code.IdentityKey, identity.Public);
        using var initiator = HandshakeInitiator.QrInitiated(psk, identity, ephemeral);
        Assert.Equal(vector.Hex("initialMessage"), initiator.Message);
        var result = initiator.Complete(vector.Hex("response"));
        Assert.Equal(vector.Hex("handshakeHash"), result.HandshakeHash);
        Assert.Equal(vector.Hex("writeKey"), result.InitiatorKey);
        Assert.Equal(vector.Hex("readKey"), result.ResponderKey);

        Messages(vector, result, fromInitiator: "client");
    }

    private static void Padding(JsonElement vector)
    {
        if (vector.IsValid()) Assert.Equal(vector.Hex("plaintext"), MessagePadding.Unpad(vector.Hex("padded")));
        else Assert.Throws<WireFormatException>(() => MessagePadding.Unpad(vector.Hex("padded")));
    }

    private static void PostHandshake(JsonElement vector)
    {
        var message = PostHandshakeMessage.Parse(vector.Hex("cbor"));
        Assert.Equal(vector.Hex("cbor"), message.Encode());
        Assert.Equal(ChannelRevision.Typed, message.Revision);
        Assert.Equal(Texts(vector.GetProperty("features")), message.Features);

        var expected = vector.GetProperty("expectedGetInfo");
        var info = message.ParseGetInfo();
        Assert.Equal(Texts(expected.GetProperty("versions")), info.Versions);
        Assert.Equal(Texts(expected.GetProperty("extensions")), info.Extensions);
        Assert.Equal(expected.Text("aaguid"), info.Aaguid.ToString());
        Assert.Equal(expected.GetProperty("options").EnumerateObject().ToDictionary(option => option.Name, option => option.Value.GetBoolean()), info.Options);
        Assert.Equal(Texts(expected.GetProperty("transports")), info.Transports);

        static IEnumerable<string?> Texts(JsonElement array) => array.EnumerateArray().Select(text => text.GetString());
    }

    private static void LinkSignature(JsonElement vector)
    {
        using var phone = P256KeyPair.FromPrivateKey(vector.Hex("authenticatorPrivateKey"));
        using var computer = P256KeyPair.FromPrivateKey(vector.Hex("clientPrivateKey"));
        Assert.Equal(vector.Hex("authenticatorPublicKey"), phone.Public.Uncompressed);
        Assert.Equal(vector.Hex("clientPublicKey"), computer.Public.Uncompressed);
        Assert.Equal(vector.Hex("signature"), LinkingSignature.Compute(phone, computer.Public, vector.Hex("handshakeHash")));
        Assert.Equal(vector.Hex("signature"), LinkingSignature.Compute(computer, phone.Public, vector.Hex("handshakeHash")));
    }
}
