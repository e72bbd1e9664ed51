using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Latchkey.TunnelService.Tests;

/// <summary>Clients that speak the frames themselves, and wrongly.</summary>
public sealed class HostileClientTests
{
    [Theory]
    [InlineData("C2", "80", "00000000", "reserved bit set")]
    [InlineData("82", "05", "0102030405", "not masked")]
    [InlineData("83", "80", "00000000", "reserved opcode")]
    [InlineData("80", "80", "00000000", "continuation of nothing")]
    [InlineData("89", "FE", "007E00000000", "ping of 126 bytes")]
    [InlineData("82", "FF", "FFFFFFFFFFFFFFFF00000000", "length with the sign bit")]
    public async Task A_wrong_frame_ends_the_tunnel_and_the_other_end_is_told(string first, string second, string rest, string what)
    {
        Assert.NotEmpty(what);
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        using var hostile = await ConnectRawAsync(relay, $"/cable/connect/{routingId}/{id}");

        await hostile.GetStream().WriteAsync(Convert.FromHexString(first + second + rest));

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await phone.ClosedAsync());
    }

    [Fact]
    public async Task Whoever_does_not_answer_a_close_is_cut_off()
    {
        await using var relay = await RunningRelay.StartAsync();
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        using var mute = await ConnectRawAsync(relay, $"/cable/connect/{routingId}/{id}");
        await phone.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        var stream = mute.GetStream();
        Assert.Equal(0x88, stream.ReadByte()); // the close frame, unanswered
        var end = Task.Run(async () =>
        {
            try
            {
                while (await stream.ReadAsync(new byte[64]) > 0)
                {
                }
            }
            catch (IOException)
            {
                // Cut off is what is expected.
            }
        });

        await WebSocketTalk.UntilAsync(
            () =>
            {
                relay.Time.Advance(TimeSpan.FromSeconds(1));
                return end.IsCompleted;
            },
            "the connection is cut");
    }

    [Fact]
    public async Task A_header_without_its_payload_neither_reaches_the_other_nor_stays_for_ever()
    {
        await using var relay = await RunningRelay.StartAsync("--idle", "60");
        var id = RunningRelay.NewTunnelId();
        var (phone, routingId) = await relay.OpenAsync(id);
        using var slow = await ConnectRawAsync(relay, $"/cable/connect/{routingId}/{id}");
        await slow.GetStream().WriteAsync(Convert.FromHexString("82FE010000000000"));

        relay.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await phone.ClosedAsync());
    }

    private static async Task<TcpClient> ConnectRawAsync(RunningRelay relay, string path)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", relay.Address.Port);
        var request = $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: fido.cable\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await client.GetStream().ReadExactlyAsync(one);
            answer.Append((char)one[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", answer.ToString(), StringComparison.Ordinal);
        return client;
    }
}
