using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;

namespace Latchkey.Hybrid;

/// <summary>
/// The computer's end, until a phone has come: has the QR code to draw, and waits for the phone that answers it.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-qr-initiated"/>
/// </summary>
public sealed class HybridInitiator : IDisposable
{
    private readonly P256KeyPair _identity;

    private HybridInitiator(P256KeyPair identity, HybridQrCode code)
    {
        _identity = identity;
        Code = code;
    }

    /// <summary>The QR code to draw: <see cref="HybridQrCode.Encode"/>.</summary>
    public HybridQrCode Code { get; }

    /// <summary>How long each stage may take.</summary>
    public HybridTimeouts Timeouts { get; init; } = new();

    /// <summary>Makes a fresh code.</summary>
    /// <param name="operation">What is going to be asked, for the phone to announce.</param>
    /// <param name="time">The clock.</param>
    public static HybridInitiator Begin(HybridOperation operation, TimeProvider time)
    {
        _ = (operation, time);
        throw new NotImplementedException();
    }

    /// <summary>Waits until a phone that has read the code is heard, and connects to it.</summary>
    /// <param name="scanner">The way to hear adverts.</param>
    /// <param name="tunnels">The way to the tunnel service the advert names.</param>
    /// <param name="progress">Hears where the meeting stands; also while the result is used.</param>
    /// <param name="cancellationToken">The person gave up.</param>
    /// <returns>The phone, as an authenticator; dispose it to say goodbye.</returns>
    /// <exception cref="HybridException">No phone came, or it could not be reached.</exception>
    public Task<HybridAuthenticator> ConnectAsync(IProximityScanner scanner, ITunnelConnector tunnels, IProgress<HybridProgress>? progress, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => _identity.Dispose();
}
