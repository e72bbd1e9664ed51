using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Linking;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tunnel;

/// <summary>
/// One end of a tunnel: carries messages to the other end in order, and is not trusted with anything. One sender and one receiver at a time.
/// </summary>
public interface ITunnel : IAsyncDisposable
{
    /// <summary>The longest message a tunnel carries, in bytes: a CTAP message of 64 KiB with its type, padding and tag.</summary>
    const int MaxMessageLength = 65 * 1024;

    /// <summary>Sends one message; when this returns, the tunnel service's connection has it.</summary>
    /// <exception cref="HybridException"><see cref="HybridProblem.PeerClosed"/>: the tunnel is closed.</exception>
    ValueTask SendAsync(ByteString message, CancellationToken cancellationToken);

    /// <summary>The next message; null when the tunnel was closed.</summary>
    /// <exception cref="HybridException"><see cref="HybridProblem.PeerMisbehaved"/>: something that is no message, or too long a one.</exception>
    ValueTask<ByteString?> ReceiveAsync(CancellationToken cancellationToken);
}

/// <summary>The way to tunnels.</summary>
public interface ITunnelConnector
{
    /// <summary>The phone's way: opens a tunnel for somebody to come to.</summary>
    /// <exception cref="HybridException">It cannot be had, and why.</exception>
    Task<(ITunnel Tunnel, RoutingId RoutingId)> OpenNewAsync(TunnelDomain domain, TunnelId tunnelId, CancellationToken cancellationToken);

    /// <summary>The computer's way: goes to the tunnel an advert told of.</summary>
    /// <exception cref="HybridException">It cannot be had, and why.</exception>
    Task<ITunnel> ConnectAsync(TunnelDomain domain, RoutingId routingId, TunnelId tunnelId, CancellationToken cancellationToken);

    /// <summary>The computer's way without a QR code: asks the tunnel service to call a phone that is linked.</summary>
    /// <exception cref="HybridException">It cannot be had, and why; <see cref="HybridProblem.LinkGone"/> when the phone is not known there any more.</exception>
    Task<ITunnel> ContactAsync(TunnelDomain domain, ContactId contactId, ClientPayload payload, CancellationToken cancellationToken);
}
