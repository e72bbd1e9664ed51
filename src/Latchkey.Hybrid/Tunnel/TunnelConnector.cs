using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Linking;

namespace Latchkey.Hybrid.Tunnel;

/// <summary>
/// Tunnels over WebSocket.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-tunnel-service"/>
/// </summary>
/// <param name="options">Where the service is, when that is not what its domain says.</param>
public sealed class TunnelConnector(TunnelOptions options) : ITunnelConnector
{
    /// <inheritdoc/>
    public Task<(ITunnel Tunnel, RoutingId RoutingId)> OpenNewAsync(TunnelDomain domain, TunnelId tunnelId, CancellationToken cancellationToken) =>
        throw new NotImplementedException(options.CaFile);

    /// <inheritdoc/>
    public Task<ITunnel> ConnectAsync(TunnelDomain domain, RoutingId routingId, TunnelId tunnelId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<ITunnel> ContactAsync(TunnelDomain domain, ContactId contactId, ClientPayload payload, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Whether a computer could reach the service under its public name: the name resolves, somebody answers at port 443, and the certificate
    /// is trusted here. No tunnel is opened, and <see cref="TunnelOptions.Address"/> plays no part.
    /// </summary>
    /// <returns>What is wrong; null when nothing is.</returns>
    public Task<HybridProblem?> CheckAsync(TunnelDomain domain, CancellationToken cancellationToken) => throw new NotImplementedException();
}
