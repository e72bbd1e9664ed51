using System.Net;
using System.Net.WebSockets;

namespace Latchkey.TunnelService.Tests;

/// <summary>Whom a tunnel is counted for, behind a proxy that was named and behind none.</summary>
public sealed class TrustedProxyTests
{
    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9")]
    [InlineData("::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::/64")]
    [InlineData("fe80::1%3", "fe80::/64")]
    [InlineData("::1", "::/64")]
    [InlineData(null, "unknown")]
    public void An_address_is_counted_whole_or_with_its_network(string? address, string expected) => Assert.Equal(expected, AddressKey.Of(address).ToString());

    [Fact]
    public async Task Behind_a_named_proxy_tunnels_are_counted_for_whom_it_speaks_for()
    {
        await using var relay = await RunningRelay.StartAsync("--trusted-proxy", "127.0.0.1", "--tunnels-per-address", "1");
        using var first = await relay.OpenForAsync("203.0.113.9");

        Assert.Equal(HttpStatusCode.TooManyRequests, await relay.RefusedForAsync("198.51.100.7, 203.0.113.9"));
        using var second = await relay.OpenForAsync("198.51.100.77");
        Assert.Equal(WebSocketState.Open, second.State);
        using var network = await relay.OpenForAsync("2001:db8:1:2::1");
        Assert.Equal(HttpStatusCode.TooManyRequests, await relay.RefusedForAsync("2001:db8:1:2:ffff::2"));
    }

    [Fact]
    public async Task What_anybody_else_says_of_itself_counts_for_nothing()
    {
        await using var relay = await RunningRelay.StartAsync("--trusted-proxy", "192.0.2.1", "--tunnels-per-address", "1");
        using var first = await relay.OpenForAsync("203.0.113.9");

        Assert.Equal(HttpStatusCode.TooManyRequests, await relay.RefusedForAsync("198.51.100.77"));
    }

    [Fact]
    public void Proxies_are_named_one_after_the_other() =>
        Assert.Equal(["127.0.0.1/32", "10.0.0.0/8"], RelayOptions.Parse(["--trusted-proxy", "127.0.0.1", "--trusted-proxy", "10.0.0.0/8"]).TrustedProxies.Select(proxy => proxy.ToString()));

    [Theory]
    [InlineData("0.0.0.0/0")]
    [InlineData("10.1.2.3/16")]
    [InlineData("proxy.example")]
    public void What_is_no_proxy_is_refused_in_words(string proxy) =>
        Assert.StartsWith("--trusted-proxy " + proxy, Assert.Throws<FormatException>(() => RelayOptions.Parse(["--trusted-proxy", proxy])).Message, StringComparison.Ordinal);
}
