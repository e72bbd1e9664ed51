using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;

namespace Latchkey.TunnelService.Tests;

public sealed class StoppingTests
{
    [Fact]
    public async Task While_it_stops_open_tunnels_finish_and_nothing_new_is_let_in()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        using var http = new HttpClient { BaseAddress = relay.Address };
        Assert.Equal("healthy", await http.GetStringAsync("/health"));

        var stopping = relay.StopAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync("/health")).StatusCode);
        var (status, _) = await relay.RefusedAsync("/cable/new/" + RunningRelay.NewTunnelId());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        var computer = await relay.JoinAsync(routingId, id); // whoever is awaited may still come
        await computer.SendAsync([1]);
        Assert.Equal([1], await phone.ReceiveAsync());
        Assert.False(stopping.IsCompleted);

        await computer.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await phone.ClosedAsync();
        await stopping;
    }

    [Fact]
    public async Task After_the_time_to_drain_the_rest_is_told_to_go()
    {
        await using var relay = await RunningRelay.StartAsync("--drain", "20");
        var (phone, computer) = await relay.MeetAsync();
        var stopping = relay.StopAsync();
        relay.Time.Advance(TimeSpan.FromSeconds(19));
        await computer.SendAsync([1]);
        Assert.Equal([1], await phone.ReceiveAsync());

        relay.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await phone.ClosedAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await computer.ClosedAsync());
        await stopping;
    }

    [Fact]
    public async Task Counts_are_measured_and_nothing_that_names_a_tunnel_is_logged()
    {
        await using var relay = await RunningRelay.StartAsync();
        var counts = new ConcurrentDictionary<string, long>();
        using var listener = relay.Listen((name, value, reason) =>
            counts.AddOrUpdate(reason is null ? name : $"{name} {reason}", value, (_, before) => before + value));
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        var computer = await relay.JoinAsync(routingId, id);
        await relay.RefusedAsync($"/cable/connect/{routingId}/{id}");
        await computer.SendAsync(new byte[208]);
        await phone.ReceiveAsync();
        await computer.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await phone.ClosedAsync();
        relay.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(
            new SortedDictionary<string, long>(StringComparer.Ordinal)
            {
                ["latchkey.tunnels.bytes"] = 208,
                ["latchkey.tunnels.ended closed"] = 1,
                ["latchkey.tunnels.joined"] = 1,
                ["latchkey.tunnels.messages"] = 1,
                ["latchkey.tunnels.open"] = 0,
                ["latchkey.tunnels.opened"] = 1,
                ["latchkey.tunnels.refused taken"] = 1,
            },
            new SortedDictionary<string, long>(counts, StringComparer.Ordinal));
        await WebSocketTalk.UntilAsync(() => relay.Log.Lines.Any(line => line.StartsWith("Tunnels: ", StringComparison.Ordinal)), "a line of counts");
        Assert.DoesNotContain(relay.Log.Lines, line => line.Contains(id, StringComparison.OrdinalIgnoreCase) || line.Contains("/cable", StringComparison.Ordinal));
    }
}
