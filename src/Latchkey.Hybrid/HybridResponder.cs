using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid;

/// <summary>
/// The phone's end: answers a QR code with any authenticator.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#sctn-hybrid"/>
/// </summary>
/// <param name="authenticator">Who answers.</param>
/// <param name="advertiser">The way onto the air.</param>
/// <param name="tunnels">The way to the tunnel service.</param>
/// <param name="domain">Which tunnel service: the computer goes to its public name.</param>
/// <param name="time">The clock.</param>
public sealed class HybridResponder(ICtapAuthenticator authenticator, IProximityAdvertiser advertiser, ITunnelConnector tunnels, TunnelDomain domain, TimeProvider time)
{
    /// <summary>How long each stage may take.</summary>
    public HybridTimeouts Timeouts { get; init; } = new();

    /// <summary>
    /// Opens a tunnel, broadcasts the advert, waits for the computer, and answers what it asks until it says goodbye. Whatever ends it,
    /// the advert is off the air and the tunnel closed when this returns.
    /// </summary>
    /// <param name="code">What the QR code said.</param>
    /// <param name="progress">Hears where the meeting stands.</param>
    /// <param name="made">
    /// Called for each passkey the authenticator made, once it is known what became of the answer: true when it was handed to the tunnel
    /// (deliver the key), false when it was not (roll it back).
    /// </param>
    /// <param name="cancellationToken">The person gave up.</param>
    /// <returns>What was answered, or the problem; problems of the meeting are never thrown.</returns>
    public Task<HybridOutcome> AnswerAsync(HybridQrCode code, IProgress<HybridProgress>? progress, Func<MakeCredentialResponse, bool, Task>? made, CancellationToken cancellationToken)
    {
        _ = (authenticator, advertiser, tunnels, domain, time);
        throw new NotImplementedException();
    }
}
