using System.Net;
using System.Net.WebSockets;
using Latchkey.Server.Hosting;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.Hosting;

public sealed class TunnelTests
{
    private const string Path = "/cable/new/00112233445566778899aabbccddeeff";

    [Fact]
    public async Task A_device_opens_a_tunnel_under_the_name_of_the_tunnel_domain()
    {
        await using var server = await RunningServer.StartAsync();
        var devices = server.NewWebSocketClient();
        devices.SubProtocols.Add("fido.cable");

        using var phone = await devices.ConnectAsync(new Uri("wss://cable.qz2ekwmnd332c.info" + Path), CancellationToken.None);

        Assert.Equal(WebSocketState.Open, phone.State);
        Assert.Equal("fido.cable", phone.SubProtocol);
    }

    [Fact]
    public async Task Under_that_name_there_is_nothing_but_tunnels()
    {
        await using var server = await RunningServer.StartAsync();
        using var http = server.NewClient();

        Assert.Equal(HttpStatusCode.UpgradeRequired, (await http.GetAsync("http://cable.qz2ekwmnd332c.info" + Path)).StatusCode);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await http.GetAsync("http://cable.qz2ekwmnd332c.info/sign-in")).StatusCode);
    }

    [Fact]
    public void The_relay_is_part_of_the_server_unless_it_is_told_otherwise()
    {
        Assert.True(ServerOptions.Parse(["--data", "d"]).HasTunnel);
        Assert.False(ServerOptions.Parse(["--data", "d", "--no-tunnel"]).HasTunnel);
    }
}
