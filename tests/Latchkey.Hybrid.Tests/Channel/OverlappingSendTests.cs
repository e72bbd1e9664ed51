using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Handshake;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Channel;

public sealed class OverlappingSendTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sends_that_overlap_leave_one_after_the_other_and_open_in_that_order()
    {
        var (channel, tunnel, receiver) = await BeginAsync();
        tunnel.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        var sends = Enumerable.Range(0, 20).Select(i => channel.SendAsync(Message(i), Token)).ToList();
        Assert.Empty(tunnel.Sent);
        Assert.Equal(1, tunnel.Sending);
        tunnel.Gate.SetResult();
        await Task.WhenAll(sends);

        Assert.Equal(20, tunnel.Sent.Count);
        var opened = tunnel.Sent.Select(message => (int)receiver.Open(message).Span[^1]).ToList();
        Assert.Equal(Enumerable.Range(0, 20), opened.Order());
    }

    [Fact]
    public async Task After_a_message_that_was_sealed_and_did_not_leave_no_other_follows()
    {
        var (channel, tunnel, _) = await BeginAsync();
        tunnel.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var first = channel.SendAsync(Message(1), impatient.Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        tunnel.Gate.SetResult();

        Assert.Equal(HybridProblem.PeerClosed, (await Assert.ThrowsAsync<HybridException>(() => channel.SendAsync(Message(2), Token))).Problem);
        Assert.Empty(tunnel.Sent);
    }

    [Fact]
    public async Task Giving_up_before_ones_turn_costs_the_others_nothing()
    {
        var (channel, tunnel, receiver) = await BeginAsync();
        tunnel.Gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var first = channel.SendAsync(Message(1), Token);
        var second = channel.SendAsync(Message(2), impatient.Token);
        var third = channel.SendAsync(Message(3), Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        tunnel.Gate.SetResult();
        await Task.WhenAll(first, third);

        Assert.Equal([1, 3], tunnel.Sent.Select(message => (int)receiver.Open(message).Span[^1]));
    }

    private static ChannelMessage Message(int i) => new(ChannelMessageType.Ctap, new byte[] { (byte)i });

    /// <summary>The phone's end over a tunnel a test holds, and what opens the phone's messages.</summary>
    private static async Task<(EncryptedChannel Phone, HeldTunnel Tunnel, ChannelCipher Computer)> BeginAsync()
    {
        using var computer = P256KeyPair.Generate();
        var psk = ByteString.Random(32);
        var initiator = HandshakeInitiator.QrInitiated(new(psk), computer);
        var tunnel = new HeldTunnel();
        var phone = await EncryptedChannel.AnswerAsync(
            tunnel, HandshakeResponder.QrInitiated(new(psk), computer.Public), initiator.Message, new(ByteString.FromHex("a0")) { Features = [] }, Token);
        var keys = initiator.Complete(tunnel.Sent[0]);
        var cipher = new ChannelCipher(writeKey: keys.InitiatorKey, readKey: keys.ResponderKey);
        cipher.Open(tunnel.Sent[1]);
        tunnel.Sent.Clear();
        tunnel.Sending = 0;
        return (phone, tunnel, cipher);
    }

    private sealed class HeldTunnel : ITunnel
    {
        public List<ByteString> Sent { get; } = [];

        public int Sending { get; set; }

        public TaskCompletionSource? Gate { get; set; }

        public async ValueTask SendAsync(ByteString message, CancellationToken cancellationToken)
        {
            Sending++;
            if (Gate is { } gate) await gate.Task.WaitAsync(cancellationToken);
            Sent.Add(message);
        }

        public ValueTask<ByteString?> ReceiveAsync(CancellationToken cancellationToken) => new((ByteString?)null);

        public ValueTask DisposeAsync() => default;
    }
}
