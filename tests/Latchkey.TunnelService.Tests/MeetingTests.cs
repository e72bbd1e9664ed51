using System.Net.WebSockets;
using System.Security.Cryptography;

namespace Latchkey.TunnelService.Tests;

public sealed class MeetingTests
{
    [Fact]
    public async Task Two_who_meet_hear_each_others_messages_byte_for_byte()
    {
        await using var relay = await RunningRelay.StartAsync();
        var (phone, computer) = await relay.MeetAsync();

        foreach (var length in (int[])[0, 1, 125, 126, 4095, 4096, 4097, 65_535, 65_792])
        {
            var message = RandomNumberGenerator.GetBytes(length);
            await computer.SendAsync(message);
            Assert.Equal(message, await phone.ReceiveAsync());
            await phone.SendAsync(message);
            Assert.Equal(message, await computer.ReceiveAsync());
        }
    }

    [Fact]
    public async Task The_protocol_is_chosen_compression_is_not_and_the_opener_is_told_the_routing_ID()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        var computer = await relay.JoinAsync(routingId, id);

        Assert.Matches("^[0-9a-f]{6}$", routingId);
        foreach (var socket in (ClientWebSocket[])[(ClientWebSocket)phone, computer])
        {
            Assert.Equal("fido.cable", socket.SubProtocol);
            Assert.False(socket.HttpResponseHeaders!.ContainsKey("Sec-WebSocket-Extensions"));
        }

        Assert.False(computer.HttpResponseHeaders!.ContainsKey("X-caBLE-Routing-ID"));
    }

    [Fact]
    public async Task Hex_in_upper_case_names_the_same_tunnel()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);

        var computer = await relay.JoinAsync(routingId.ToUpperInvariant(), id.ToUpperInvariant());

        await computer.SendAsync([1, 2, 3]);
        Assert.Equal([1, 2, 3], await phone.ReceiveAsync());
    }

    [Fact]
    public async Task What_the_opener_says_early_waits_for_the_second()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        await phone.SendAsync([7]);

        var computer = await relay.JoinAsync(routingId, id);

        Assert.Equal([7], await computer.ReceiveAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_one_closes_the_other_is_closed_at_once(bool phoneCloses)
    {
        await using var relay = await RunningRelay.StartAsync();
        var (phone, computer) = await relay.MeetAsync();
        var (closing, other) = phoneCloses ? (phone, computer) : (computer, phone);

        await closing.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await other.ClosedAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_one_is_lost_the_other_is_closed_at_once(bool phoneIsLost)
    {
        await using var relay = await RunningRelay.StartAsync();
        var (phone, computer) = await relay.MeetAsync();
        var (lost, other) = phoneIsLost ? (phone, computer) : (computer, phone);

        lost.Abort();

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await other.ClosedAsync());
    }

    [Fact]
    public async Task A_message_sent_just_before_closing_still_arrives()
    {
        await using var relay = await RunningRelay.StartAsync();
        var (phone, computer) = await relay.MeetAsync();

        await computer.SendAsync([9]);
        await computer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        Assert.Equal([9], await phone.ReceiveAsync());
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await phone.ClosedAsync());
    }

    [Fact]
    public async Task After_its_end_a_tunnel_ID_can_be_used_again()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (first, routingId) = await relay.OpenAsync(id);
        await first.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        var (_, again) = await relay.OpenAsync(id);

        Assert.NotEqual(routingId, again);
    }
}
