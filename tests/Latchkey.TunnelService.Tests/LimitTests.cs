using System.Net.WebSockets;

namespace Latchkey.TunnelService.Tests;

public sealed class LimitTests
{
    [Fact]
    public async Task A_tunnel_that_carries_nothing_is_closed_after_the_idle_time_and_not_before()
    {
        await using var relay = await RunningRelay.StartAsync("--idle", "60");
        var (phone, computer) = await relay.MeetAsync();
        relay.Time.Advance(TimeSpan.FromSeconds(59));
        await computer.SendAsync([1]);
        Assert.Equal([1], await phone.ReceiveAsync());
        relay.Time.Advance(TimeSpan.FromSeconds(59));
        await phone.SendAsync([2]);
        Assert.Equal([2], await computer.ReceiveAsync());

        relay.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.ClosedAsync());
        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await computer.ClosedAsync());
    }

    [Fact]
    public async Task Whoever_waits_in_vain_for_the_second_is_closed_after_the_idle_time()
    {
        await using var relay = await RunningRelay.StartAsync("--idle", "60");
        var (phone, _) = await relay.OpenAsync(RunningRelay.NewTunnelId());

        relay.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.ClosedAsync());
    }

    [Fact]
    public async Task A_busy_tunnel_ends_with_its_lifetime()
    {
        await using var relay = await RunningRelay.StartAsync("--idle", "60", "--lifetime", "100");
        var (phone, computer) = await relay.MeetAsync();
        relay.Time.Advance(TimeSpan.FromSeconds(50));
        await computer.SendAsync([1]);
        Assert.Equal([1], await phone.ReceiveAsync());

        relay.Time.Advance(TimeSpan.FromSeconds(50));

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.ClosedAsync());
    }

    [Fact]
    public async Task A_message_too_big_ends_the_tunnel_whole_or_in_parts()
    {
        await using var relay = await RunningRelay.StartAsync("--message-bytes", "1000");
        var (phone, computer) = await relay.MeetAsync();
        await computer.SendAsync(new byte[1000]);
        Assert.Equal(1000, (await phone.ReceiveAsync())!.Length);

        await computer.SendAsync(new byte[1001]);

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await computer.ClosedAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await phone.ClosedAsync());
    }

    [Fact]
    public async Task A_message_too_big_in_small_parts_ends_the_tunnel()
    {
        await using var relay = await RunningRelay.StartAsync("--message-bytes", "10");
        var (_, computer) = await relay.MeetAsync();

        for (var part = 0; part < 30; part++)
        {
            await computer.SendAsync(new byte[part % 2], WebSocketMessageType.Binary, endOfMessage: false, CancellationToken.None);
        }

        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await computer.ClosedAsync());
    }

    [Fact]
    public async Task Messages_of_both_directions_count_together()
    {
        await using var relay = await RunningRelay.StartAsync("--messages", "3");
        var (phone, computer) = await relay.MeetAsync();
        await computer.SendAsync([1]);
        Assert.Equal([1], await phone.ReceiveAsync());
        await phone.SendAsync([2]);
        Assert.Equal([2], await computer.ReceiveAsync());
        await computer.SendAsync([3]);
        Assert.Equal([3], await phone.ReceiveAsync());

        await phone.SendAsync([4]);

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.ClosedAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await computer.ClosedAsync());
    }

    [Fact]
    public async Task Text_ends_the_tunnel()
    {
        await using var relay = await RunningRelay.StartAsync();
        var (phone, computer) = await relay.MeetAsync();

        await phone.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

        Assert.Equal(WebSocketCloseStatus.InvalidMessageType, await phone.ClosedAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await computer.ClosedAsync());
    }

    [Fact]
    public async Task A_slow_reader_holds_up_the_sender()
    {
        const int Messages = 2000;
        await using var relay = await RunningRelay.StartAsync("--messages", "100000");
        var (phone, computer) = await relay.MeetAsync();
        var message = new byte[60_000];
        var sent = 0;
        var sending = Task.Run(async () =>
        {
            for (; sent < Messages; sent++)
            {
                await computer.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            }
        });

        // Nobody reads: sending stops, when the sockets on the way are full. 120 MB would be there otherwise.
        var before = -1;
        await WebSocketTalk.UntilAsync(() => before == (before = Volatile.Read(ref sent)) && before > 0, "sending stops");
        Assert.InRange(sent, 1, Messages - 1);

        for (var i = 0; i < Messages; i++)
        {
            Assert.Equal(message.Length, (await phone.ReceiveAsync())!.Length);
        }

        await sending;
    }
}
