using System.Net;
using System.Net.WebSockets;

namespace Latchkey.TunnelService.Tests;

public sealed class RefusalTests
{
    private const string SomeId = "00112233445566778899aabbccddeeff";

    [Theory]
    [InlineData("/cable/new/00112233445566778899aabbccddeef")]
    [InlineData("/cable/new/00112233445566778899aabbccddeefff")]
    [InlineData("/cable/new/00112233445566778899aabbccddeexx")]
    [InlineData("/cable/new/+0112233445566778899aabbccddeeff")]
    [InlineData("/cable/new/%200112233445566778899aabbccddeef")]
    [InlineData("/cable/connect/12345/00112233445566778899aabbccddeeff")]
    [InlineData("/cable/connect/1234567/00112233445566778899aabbccddeeff")]
    [InlineData("/cable/connect/zzzzzz/00112233445566778899aabbccddeeff")]
    [InlineData("/cable/connect/123456/0011")]
    public async Task An_address_that_is_not_hex_of_the_right_length_is_a_bad_request(string path)
    {
        await using var relay = await RunningRelay.StartAsync();

        await AssertRefusedAsync(relay, path, HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Without_the_protocol_nobody_is_let_in()
    {
        await using var relay = await RunningRelay.StartAsync();

        var (status, _) = await relay.RefusedAsync("/cable/new/" + SomeId, protocol: "chat");

        Assert.Equal(HttpStatusCode.BadRequest, status);
    }

    [Theory]
    [InlineData("/cable/new/" + SomeId)]
    [InlineData("/cable/connect/123456/" + SomeId)]
    public async Task A_plain_request_is_told_to_speak_WebSocket(string path)
    {
        await using var relay = await RunningRelay.StartAsync();
        using var http = new HttpClient { BaseAddress = relay.Address };

        var response = await http.GetAsync(path);

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("websocket", response.Headers.Upgrade.ToString());
    }

    [Fact]
    public async Task A_tunnel_nobody_opened_is_not_found_whichever_number_is_wrong()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (_, routingId) = await relay.OpenAsync(id);
        var otherRoutingId = TunnelPath.WriteRoutingId(Convert.ToInt32(routingId, 16) ^ 1);

        await AssertRefusedAsync(relay, $"/cable/connect/{routingId}/{SomeId}", HttpStatusCode.NotFound);
        await AssertRefusedAsync(relay, $"/cable/connect/{otherRoutingId}/{id}", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_tunnel_is_for_two()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        var computer = await relay.JoinAsync(routingId, id);

        await AssertRefusedAsync(relay, $"/cable/connect/{routingId}/{id}", HttpStatusCode.Conflict);

        await computer.SendAsync([5]);
        Assert.Equal([5], await phone.ReceiveAsync());
    }

    [Fact]
    public async Task A_second_phone_with_the_same_code_is_refused()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        await relay.OpenAsync(id);

        await AssertRefusedAsync(relay, "/cable/new/" + id, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_tunnel_that_is_over_is_not_found()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        await phone.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

        await AssertRefusedAsync(relay, $"/cable/connect/{routingId}/{id}", HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("--tunnels")]
    [InlineData("--tunnels-per-address")]
    public async Task Beyond_the_number_of_tunnels_nobody_is_let_in_until_one_ends(string limit)
    {
        await using var relay = await RunningRelay.StartAsync(limit, "2");
        await relay.OpenAsync(RunningRelay.NewTunnelId());
        var (second, _) = await relay.OpenAsync(RunningRelay.NewTunnelId());

        await AssertRefusedAsync(relay, "/cable/new/" + SomeId, HttpStatusCode.TooManyRequests);

        await second.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        await WebSocketTalk.UntilAsync(() => CanOpenAsync(relay), "a place after one ended");
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    public void An_address_counts_with_its_own_kind(string first, string second, bool together) =>
        Assert.Equal(together, AddressKey.Of(IPAddress.Parse(first)) == AddressKey.Of(IPAddress.Parse(second)));

    private static async Task<bool> CanOpenAsync(RunningRelay relay)
    {
        try
        {
            await relay.OpenAsync(RunningRelay.NewTunnelId());
            return true;
        }
        catch (WebSocketException)
        {
            return false;
        }
    }

    private static async Task AssertRefusedAsync(RunningRelay relay, string path, HttpStatusCode expected)
    {
        var (status, line) = await relay.RefusedAsync(path);

        Assert.Equal(expected, status);
        Assert.Equal(1, line.Count(c => c == '\n'));
        Assert.DoesNotContain(path[^8..], line, StringComparison.OrdinalIgnoreCase);
    }
}
