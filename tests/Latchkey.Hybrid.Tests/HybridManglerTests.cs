using System.Text;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Handshake;
using Latchkey.Hybrid.Linking;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tests.Vectors;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests;

public sealed class HybridManglerTests
{
    private static readonly P256KeyPair Identity = P256KeyPair.Generate();
    private static readonly Psk SomePsk = new(ByteString.Random(32));

    private static readonly Dictionary<string, (ByteString Good, Action<ByteString> Parse)> Parsers = new(StringComparer.Ordinal)
    {
        ["FIDO:/ code"] = (Encoding.ASCII.GetBytes(HybridVectors.Get("qr", 1).Text("url")), bytes => HybridQrCode.Parse(Encoding.Latin1.GetString(bytes.Span))),
        ["uncompressed point"] = (Identity.Public.Uncompressed, bytes => P256Point.ParseUncompressed(bytes)),
        ["compressed point"] = (Identity.Public.Compressed, bytes => P256Point.ParseCompressed(bytes)),
        ["advert plaintext"] = (AdvertPlaintext.Create(RoutingId.Parse("a1b2c3"), new(1)).Encode(), bytes => AdvertPlaintext.Parse(bytes)),
        ["advert suffix"] = (ByteString.FromHex("a101191234"), bytes => AdvertSuffix.Parse(bytes)),
        ["client payload"] = (ClientPayload.Create(new(ByteString.Random(8)), HybridOperation.GetAssertion).Encode(), bytes => ClientPayload.Parse(bytes)),
        ["linking information"] = (SomeLinking().EncodeUpdate(), bytes => LinkingInformation.ParseUpdate(bytes)),
        ["post-handshake message"] = (HybridVectors.Get("postHandshake", 0).Hex("cbor"), bytes => PostHandshakeMessage.Parse(bytes).ParseGetInfo()),
        ["channel message"] = (ByteString.FromHex("0104"), bytes => ChannelMessage.Parse(bytes, ChannelRevision.Typed)),
        ["padding"] = (MessagePadding.Pad(new byte[40]), bytes => MessagePadding.Unpad(bytes)),
        ["padding of revision 0"] = (MessagePadding.PadFirst(new byte[40]), bytes => MessagePadding.UnpadFirst(bytes)),
    };

    public static TheoryData<string> Names => [.. Parsers.Keys];

    private static LinkingInformation SomeLinking() =>
        new LinkOffer(new(ByteString.Random(20)), "Work phone", (_, _) => Task.CompletedTask).Make(Identity.Public, ByteString.Random(32)).Information;

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_cut_or_flipped_parses_or_is_refused(string name) => Assert.NotEqual(0, HybridMangler.Mangle(Parsers[name].Good, Parsers[name].Parse));

    [Fact]
    public void No_changed_first_message_of_a_handshake_is_answered()
    {
        using var initiator = HandshakeInitiator.QrInitiated(SomePsk, Identity);
        var responder = HandshakeResponder.QrInitiated(SomePsk, Identity.Public);

        var refused = HybridMangler.Mangle(initiator.Message, bytes => responder.Respond(bytes));

        Assert.Equal(HybridMangler.Changes(initiator.Message).Count(), refused);
    }

    [Fact]
    public void No_changed_reply_of_a_handshake_is_believed()
    {
        using var initiator = HandshakeInitiator.QrInitiated(SomePsk, Identity);
        var (reply, _) = HandshakeResponder.QrInitiated(SomePsk, Identity.Public).Respond(initiator.Message);

        foreach (var changed in HybridMangler.Changes(reply))
        {
            using var again = HandshakeInitiator.QrInitiated(SomePsk, Identity);
            Assert.Equal(HybridProblem.HandshakeFailed, Assert.Throws<HybridException>(() => again.Complete(changed)).Problem);
        }
    }

    [Fact]
    public void No_changed_message_of_a_channel_opens_and_nothing_opens_after_it()
    {
        ByteString key = ByteString.Random(32), other = ByteString.Random(32);
        using var sender = new ChannelCipher(key, other);
        var message = sender.Seal(new byte[50]);
        var next = sender.Seal(new byte[50]);

        foreach (var changed in HybridMangler.Changes(message))
        {
            using var receiver = new ChannelCipher(other, key);
            Assert.Equal(HybridProblem.PeerMisbehaved, Assert.Throws<HybridException>(() => receiver.Open(changed)).Problem);
            Assert.Throws<HybridException>(() => receiver.Open(message));
            Assert.Throws<HybridException>(() => receiver.Open(next));
        }
    }

    [Fact]
    public void No_changed_advert_is_heard()
    {
        var key = EidKey.Derive(ByteString.Random(16), ByteString.Empty);
        var advert = SealedAdvert.Seal(AdvertPlaintext.Create(RoutingId.Parse("a1b2c3"), new(266)), key).Bytes;

        foreach (var changed in HybridMangler.Changes(advert).Where(changed => changed.Length <= SealedAdvert.Length)) Assert.False(SealedAdvert.TryOpen(changed, key, out _));
    }
}
