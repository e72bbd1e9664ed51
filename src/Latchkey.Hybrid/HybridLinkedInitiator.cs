using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Handshake;
using Latchkey.Hybrid.Linking;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;

namespace Latchkey.Hybrid;

/// <summary>
/// The computer's end without a QR code: calls a phone it is linked to, through the tunnel service. The phone has to be near all the same.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-state-assisted"/>
/// </summary>
/// <param name="link">The phone.</param>
/// <param name="links">Told when the phone has forgotten this computer.</param>
/// <param name="time">The clock.</param>
public sealed class HybridLinkedInitiator(PhoneLink link, ILinkStore links, TimeProvider time)
{
    /// <summary>How long each stage may take.</summary>
    public HybridTimeouts Timeouts { get; init; } = new();

    /// <summary>Calls the phone, waits until it is heard, and connects to it.</summary>
    /// <param name="operation">What is going to be asked, for the phone to announce.</param>
    /// <param name="scanner">The way to hear adverts.</param>
    /// <param name="tunnels">The way to the tunnel service of the link.</param>
    /// <param name="progress">Hears where the meeting stands; also while the result is used.</param>
    /// <param name="cancellationToken">The person gave up.</param>
    /// <returns>The phone, as an authenticator; dispose it to say goodbye.</returns>
    /// <exception cref="HybridException">The phone did not come, or could not be reached.</exception>
    public async Task<HybridAuthenticator> ConnectAsync(
        HybridOperation operation, IProximityScanner scanner, ITunnelConnector tunnels, IProgress<HybridProgress>? progress, CancellationToken cancellationToken)
    {
        var stage = new Stage(time);
        var payload = ClientPayload.Create(link.LinkId, operation);
        var key = EidKey.Derive(link.Secret, payload.Nonce);

        // Listening begins before the phone is called: its advert may be on the air before the service's answer is here.
        progress?.Report(HybridProgress.Waiting);
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hearing = stage.RunAsync(Timeouts.Meeting, HybridProblem.TimedOut, token => HybridInitiator.ListenAsync(scanner, key, token), listening.Token);
        ITunnel? tunnel = null;
        try
        {
            tunnel = await stage.RunAsync(Timeouts.Tunnel, HybridProblem.TunnelUnreachable, token => tunnels.ContactAsync(link.Domain, link.ContactId, payload, token), cancellationToken);
            var advert = await hearing;

            progress?.Report(HybridProgress.Connecting);
            using var handshake = HandshakeInitiator.StateAssisted(Psk.Derive(link.Secret, advert), link.PhoneKey);
            var (channel, first) = await stage.RunAsync(Timeouts.Handshake, HybridProblem.PeerSilent, token => EncryptedChannel.BeginAsync(tunnel, handshake, token), cancellationToken);
            var info = HybridInitiator.ReadInfo(first);
            progress?.Report(HybridProgress.Connected);

            // A link is not renewed here: its signature is made with a QR code's key, and there was no QR code.
            return new(channel, info, (_, _) => Task.CompletedTask, Timeouts, time, progress);
        }
        catch (Exception e)
        {
            await listening.CancelAsync();
            await Task.WhenAny(hearing);
            _ = hearing.Exception;
            if (tunnel is not null) await tunnel.DisposeAsync();
            if (e is HybridException { Problem: HybridProblem.LinkGone }) await links.ForgetAsync(link, CancellationToken.None);
            throw;
        }
    }
}
