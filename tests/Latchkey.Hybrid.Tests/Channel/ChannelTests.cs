using CsCheck;
using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Tests.Vectors;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Channel;

public sealed class ChannelTests
{
    private static readonly ByteString Key = ByteString.Random(32), Other = ByteString.Random(32);

    [Fact]
    public void Any_message_comes_out_as_it_went_in_and_its_length_is_hidden() => Gen.Byte.Array[0, 200].Sample(message =>
    {
        using var sender = new ChannelCipher(Key, Other);
        using var receiver = new ChannelCipher(Other, Key);
        var sealedMessage = sender.Seal(message);

        Assert.Equal(new ByteString(message), receiver.Open(sealedMessage));
        Assert.Equal(16, sealedMessage.Length % 32);
    });

    [Fact]
    public void A_counter_that_runs_out_ends_the_channel()
    {
        using var sender = new ChannelCipher(Key, Other) { Written = (1 << 24) - 1 };
        using var receiver = new ChannelCipher(Other, Key) { Read = (1 << 24) - 1 };

        Assert.Equal(ByteString.FromHex("01"), receiver.Open(sender.Seal(ByteString.FromHex("01"))));
        Assert.Throws<HybridException>(() => sender.Seal(ByteString.FromHex("01")));
        Assert.Throws<HybridException>(() => receiver.Open(new byte[48]));
    }

    [Fact]
    public void No_two_messages_are_sealed_with_one_nonce_however_many_seal_at_once()
    {
        using var sender = new ChannelCipher(Key, Other);
        var message = new byte[4096];
        var sealedMessages = new ByteString[4000];

        Parallel.For(0, sealedMessages.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => sealedMessages[i] = sender.Seal(message));

        // The same message under the same nonce would be the same bytes.
        Assert.Equal(sealedMessages.Length, sealedMessages.Distinct().Count());
        Assert.Equal((uint)sealedMessages.Length, sender.Written);
    }

    [Fact]
    public void A_message_opens_in_its_own_direction_only()
    {
        using var sender = new ChannelCipher(Key, Other);

        using var mirror = new ChannelCipher(Key, Other);
        Assert.Throws<HybridException>(() => mirror.Open(sender.Seal(new byte[3])));
    }

    [Fact]
    public void The_older_first_message_is_read_and_means_messages_without_a_type()
    {
        var typed = PostHandshakeMessage.Parse(HybridVectors.Get("postHandshake", 0).Hex("cbor"));
        var older = typed with { Revision = ChannelRevision.Untyped };

        var encoded = older.Encode();
        var read = PostHandshakeMessage.Parse(encoded);

        Assert.Equal(0, encoded.Length % 512);
        Assert.Equal(ChannelRevision.Untyped, read.Revision);
        Assert.Equal(typed.GetInfo, read.GetInfo);
        Assert.Equal(new ChannelMessage(ChannelMessageType.Ctap, ByteString.FromHex("0042")), ChannelMessage.Parse(ByteString.FromHex("0042"), read.Revision));
        Assert.Null(new ChannelMessage(ChannelMessageType.Shutdown, ByteString.Empty).Encode(read.Revision));
    }

    [Fact]
    public void Types_we_do_not_know_are_kept() =>
        Assert.Equal((ChannelMessageType)9, ChannelMessage.Parse(ByteString.FromHex("09aa"), ChannelRevision.Typed).Type);

    [Fact]
    public void A_message_without_a_type_is_none() => Assert.Throws<WireFormatException>(() => ChannelMessage.Parse(ByteString.Empty, ChannelRevision.Typed));
}
