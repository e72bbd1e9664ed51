using System.Net.Sockets;
using System.Net.WebSockets;
using Latchkey.Client;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Linking;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tests.Meetings;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Latchkey.Hybrid.Tests.Tunnel;

public sealed class TunnelConnectorTests
{
    private static readonly TunnelDomain Domain = new(266);
    private static readonly TunnelId Id = new(ByteString.Random(16));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_passkey_is_made_through_the_real_tunnel_service()
    {
        await using var service = await Service.RelayAsync();
        var tunnels = new TunnelConnector(new() { Address = service.Address, CaFile = service.CaFile });
        using var meeting = new Meeting();
        var responder = new HybridResponder(meeting.Phone.Authenticator, meeting.Air, tunnels, Domain, meeting.Time);
        using var initiator = HybridInitiator.Begin(HybridOperation.MakeCredential, meeting.Time);

        var answering = responder.AnswerAsync(initiator.Code, null, meeting.Phone.DeliverOrDropAsync, Token);
        await using (var phone = await initiator.ConnectAsync(meeting.Air, tunnels, null, Token))
        {
            await meeting.Client(phone).CreateAsync(Meeting.CreationOptions, new(Origin.Of(new("https://example.org"))), Token);
        }

        Assert.True((await answering).Succeeded);
        Assert.Equal(0, meeting.Air.OnAir);
        Assert.Single(meeting.Keys);
    }

    [Fact]
    public async Task Messages_of_64_KiB_go_through_the_real_tunnel_service_both_ways()
    {
        await using var service = await Service.RelayAsync();
        var (phone, computer) = await PairAsync(new(new() { Address = service.Address, CaFile = service.CaFile }));
        await using (phone)
        await using (computer)
        {
            var message = ByteString.Random(16 + 32 + (64 * 1024));
            await computer.SendAsync(message, Token);
            Assert.Equal(message, await phone.ReceiveAsync(Token));
            await phone.SendAsync(message, Token);
            Assert.Equal(message, await computer.ReceiveAsync(Token));

            await phone.DisposeAsync();
            Assert.Null(await computer.ReceiveAsync(Token));
            await Assert.ThrowsAsync<HybridException>(async () => await computer.SendAsync(message, Token));
        }
    }

    [Fact]
    public async Task What_was_sent_just_before_the_goodbye_arrives()
    {
        await using var service = await Service.RelayAsync();
        var (phone, computer) = await PairAsync(new(new() { Address = service.Address, CaFile = service.CaFile }));
        await using (phone)
        {
            await computer.SendAsync(ByteString.FromHex("0102"), Token);
            await computer.DisposeAsync();

            Assert.Equal(ByteString.FromHex("0102"), await phone.ReceiveAsync(Token));
            Assert.Null(await phone.ReceiveAsync(Token));
        }
    }

    [Fact]
    public async Task An_authority_that_is_not_trusted_is_told_apart()
    {
        await using var service = await Service.RelayAsync();
        await using var other = await Service.RelayAsync();

        Assert.Equal(HybridProblem.TunnelCertificate, await ProblemAsync(new(new() { Address = service.Address })));
        Assert.Equal(HybridProblem.TunnelCertificate, await ProblemAsync(new(new() { Address = service.Address, CaFile = other.CaFile })));
        Assert.Equal(HybridProblem.TunnelCertificate, await ProblemAsync(new(new() { Address = service.Address, CaFile = "/nowhere" })));
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_refused_even_from_our_own_authority()
    {
        await using var service = await Service.RelayAsync("elsewhere.example");

        Assert.Equal(HybridProblem.TunnelCertificate, await ProblemAsync(new(new() { Address = service.Address, CaFile = service.CaFile })));
    }

    [Fact]
    public async Task A_name_nobody_knows_is_told_apart()
    {
        var tunnels = new TunnelConnector(new()) { Dial = (_, _) => throw new SocketException((int)SocketError.HostNotFound) };

        Assert.Equal(HybridProblem.TunnelNameUnknown, await ProblemAsync(tunnels));
        Assert.Equal(HybridProblem.TunnelNameUnknown, await tunnels.CheckAsync(Domain, Token));
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_told_apart()
    {
        await using var service = await Service.RelayAsync();
        var address = service.Address;
        await service.DisposeAsync();

        Assert.Equal(HybridProblem.TunnelUnreachable, await ProblemAsync(new(new() { Address = address })));
    }

    [Fact]
    public async Task A_tunnel_that_is_not_there_is_a_refusal()
    {
        await using var service = await Service.RelayAsync();
        var tunnels = new TunnelConnector(new() { Address = service.Address, CaFile = service.CaFile });

        var failure = await Assert.ThrowsAsync<HybridException>(() => tunnels.ConnectAsync(Domain, RoutingId.Parse("a1b2c3"), Id, Token));

        Assert.Equal(HybridProblem.TunnelRefused, failure.Problem);
    }

    [Fact]
    public async Task A_contact_that_is_gone_is_a_link_that_is_gone()
    {
        await using var service = await Service.StartAsync("localhost", app => app.Run(context =>
        {
            context.Response.StatusCode = StatusCodes.Status410Gone;
            return Task.CompletedTask;
        }));
        var tunnels = new TunnelConnector(new() { Address = service.Address, CaFile = service.CaFile });
        var payload = ClientPayload.Create(new(ByteString.Random(8)), HybridOperation.GetAssertion);

        var failure = await Assert.ThrowsAsync<HybridException>(() => tunnels.ContactAsync(Domain, new(ByteString.Random(8)), payload, Token));

        Assert.Equal(HybridProblem.LinkGone, failure.Problem);
    }

    [Theory]
    [InlineData("a web page")]
    [InlineData("no protocol")]
    [InlineData("no routing ID")]
    [InlineData("no TLS")]
    public async Task What_is_no_tunnel_service_is_told_apart(string what)
    {
        await using var service = await Service.StartAsync(
            "localhost",
            app => app.Run(async context =>
            {
                if (what == "no protocol") context.Response.Headers["X-caBLE-Routing-ID"] = "a1b2c3";
                if (what == "a web page") await context.Response.WriteAsync("Hello.");
                else (await context.WebSockets.AcceptWebSocketAsync(what == "no protocol" ? null : "fido.cable")).Dispose();
            }),
            tls: what != "no TLS");

        Assert.Equal(HybridProblem.TunnelProtocol, await ProblemAsync(new(new() { Address = service.Address, CaFile = service.CaFile })));
    }

    [Theory]
    [InlineData(WebSocketMessageType.Binary, ITunnel.MaxMessageLength + 1)]
    [InlineData(WebSocketMessageType.Text, 5)]
    public async Task A_message_that_is_too_long_or_text_ends_it(WebSocketMessageType type, int length)
    {
        await using var service = await Service.StartAsync("localhost", app => app.Run(async context =>
        {
            context.Response.Headers["X-caBLE-Routing-ID"] = "a1b2c3";
            using var socket = await context.WebSockets.AcceptWebSocketAsync("fido.cable");
            await socket.SendAsync(new byte[length], type, endOfMessage: true, CancellationToken.None);
            await socket.ReceiveAsync(new byte[1], CancellationToken.None);
        }));
        var (tunnel, _) = await new TunnelConnector(new() { Address = service.Address, CaFile = service.CaFile }).OpenNewAsync(Domain, Id, Token);
        await using var closing = tunnel;

        Assert.Equal(HybridProblem.PeerMisbehaved, (await Assert.ThrowsAsync<HybridException>(async () => await tunnel.ReceiveAsync(Token))).Problem);
    }

    [Fact]
    public async Task The_check_looks_at_the_public_name_and_opens_no_tunnel()
    {
        await using var service = await Service.StartAsync(Domain.HostName, app => app.Run(context => context.WebSockets.IsWebSocketRequest
            ? throw new NotSupportedException("No tunnel may be opened.")
            : Task.CompletedTask));
        string? host = null;
        TunnelConnector Connector(string? caFile) => new(new() { CaFile = caFile, Address = new("wss://localhost:1") })
        {
            Dial = (context, token) =>
            {
                host = $"{context.DnsEndPoint.Host}:{context.DnsEndPoint.Port}";
                return service.DialAsync(token);
            },
        };

        Assert.Null(await Connector(service.CaFile).CheckAsync(Domain, Token));
        Assert.Equal($"{Domain.HostName}:443", host);
        Assert.Equal(HybridProblem.TunnelCertificate, await Connector(null).CheckAsync(Domain, Token));
        Assert.Equal(HybridProblem.TunnelCertificate, await Connector(service.CaFile).CheckAsync(new(267), Token));
    }

    private static async Task<HybridProblem> ProblemAsync(TunnelConnector tunnels) =>
        (await Assert.ThrowsAsync<HybridException>(() => tunnels.OpenNewAsync(Domain, Id, Token))).Problem;

    private static async Task<(ITunnel Phone, ITunnel Computer)> PairAsync(TunnelConnector tunnels)
    {
        var (phone, routingId) = await tunnels.OpenNewAsync(Domain, Id, Token);
        return (phone, await tunnels.ConnectAsync(Domain, routingId, Id, Token));
    }
}
