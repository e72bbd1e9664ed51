using System.Net;
using System.Net.WebSockets;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Linking;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tunnel;

/// <summary>
/// Tunnels over WebSocket.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-tunnel-service"/>
/// </summary>
/// <param name="options">Where the service is, when that is not what its domain says.</param>
public sealed class TunnelConnector(TunnelOptions options) : ITunnelConnector
{
    // Keeps middle boxes from forgetting the connection. Nobody has to answer: a service that is waiting for the other device may not read.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(15);

    /// <summary>Another way to a connection than the name service and TCP, for tests of names that are not ours.</summary>
    internal Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? Dial { get; init; }

    /// <inheritdoc/>
    public async Task<(ITunnel Tunnel, RoutingId RoutingId)> OpenNewAsync(TunnelDomain domain, TunnelId tunnelId, CancellationToken cancellationToken)
    {
        var socket = await ConnectAsync(TunnelUrl.New(ServiceOf(domain), tunnelId), payload: null, cancellationToken);
        try
        {
            var header = socket.HttpResponseHeaders?.TryGetValue(TunnelUrl.RoutingIdHeader, out var values) is true ? values.First() : "";
            return (new WebSocketTunnel(socket), RoutingId.Parse(header));
        }
        catch (WireFormatException e)
        {
            socket.Dispose();
            throw new HybridException(HybridProblem.TunnelProtocol, "The answer to a new tunnel has no routing ID.", e);
        }
    }

    /// <inheritdoc/>
    public async Task<ITunnel> ConnectAsync(TunnelDomain domain, RoutingId routingId, TunnelId tunnelId, CancellationToken cancellationToken) =>
        new WebSocketTunnel(await ConnectAsync(TunnelUrl.Connect(ServiceOf(domain), routingId, tunnelId), payload: null, cancellationToken));

    /// <inheritdoc/>
    public async Task<ITunnel> ContactAsync(TunnelDomain domain, ContactId contactId, ClientPayload payload, CancellationToken cancellationToken) =>
        new WebSocketTunnel(await ConnectAsync(TunnelUrl.Contact(ServiceOf(domain), contactId), payload, cancellationToken));

    /// <summary>
    /// Whether a computer could reach the service under its public name: the name resolves, somebody answers at port 443, and the certificate
    /// is trusted here. No tunnel is opened, and <see cref="TunnelOptions.Address"/> plays no part.
    /// </summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public async Task<HybridProblem?> CheckAsync(TunnelDomain domain, CancellationToken cancellationToken)
    {
        var trust = new TunnelTrust(options.CaFile);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckLimit);
        try
        {
            using var invoker = Invoker(trust);
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://{domain.HostName}/"));
            using var response = await invoker.SendAsync(request, limit.Token);
            return null;
        }
        catch (HttpRequestException e)
        {
            return ProblemOf(e, trust);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HybridProblem.TunnelUnreachable;
        }
    }

    private Uri ServiceOf(TunnelDomain domain) => options.Address ?? TunnelUrl.Of(domain);

    private HttpMessageInvoker Invoker(TunnelTrust trust) => new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        ConnectCallback = Dial,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.Validate(certificate, chain, errors) },
    });

    private async Task<ClientWebSocket> ConnectAsync(Uri address, ClientPayload? payload, CancellationToken cancellationToken)
    {
        var trust = new TunnelTrust(options.CaFile);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(TunnelUrl.Subprotocol);
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.KeepAliveInterval = KeepAlive;
        if (payload is not null) socket.Options.SetRequestHeader(TunnelUrl.ClientPayloadHeader, payload.Encode().ToHex());
        try
        {
            await socket.ConnectAsync(address, Invoker(trust), cancellationToken);
            if (socket.SubProtocol == TunnelUrl.Subprotocol) return socket;
            throw new HybridException(HybridProblem.TunnelProtocol, $"{address.Host} does not speak {TunnelUrl.Subprotocol}.");
        }
        catch (WebSocketException e)
        {
            var problem = e.InnerException is HttpRequestException inner ? ProblemOf(inner, trust) : ProblemOf(socket.HttpStatusCode, isContact: payload is not null);
            socket.Dispose();
            throw new HybridException(problem, $"{address.Host}: {e.InnerException?.Message ?? e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static HybridProblem ProblemOf(HttpRequestException e, TunnelTrust trust) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => HybridProblem.TunnelNameUnknown,
        HttpRequestError.SecureConnectionError => trust.Refused ? HybridProblem.TunnelCertificate : HybridProblem.TunnelProtocol,
        HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => HybridProblem.TunnelUnreachable,
        _ => HybridProblem.TunnelProtocol,
    };

    private static HybridProblem ProblemOf(HttpStatusCode status, bool isContact) => status switch
    {
        HttpStatusCode.Gone when isContact => HybridProblem.LinkGone,
        >= HttpStatusCode.BadRequest => HybridProblem.TunnelRefused,
        _ => HybridProblem.TunnelProtocol,
    };
}
