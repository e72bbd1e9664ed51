using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Handshake;
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
    /// <summary>A code older than this, or this far in the future, is not answered: its computer has stopped waiting.</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(5);

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
    /// <exception cref="OperationCanceledException">The person gave up before an answer was handed over.</exception>
    public async Task<HybridOutcome> AnswerAsync(HybridQrCode code, IProgress<HybridProgress>? progress, Func<MakeCredentialResponse, bool, Task>? made, CancellationToken cancellationToken)
    {
        HybridConversation? conversation = null;
        try
        {
            if (code.Timestamp is { } drawn && (time.GetUtcNow() - drawn).Duration() > CodeLifetime)
            {
                throw new HybridException(HybridProblem.StaleCode, $"The code was drawn at {drawn:u}.");
            }

            var stage = new Stage(time);
            progress?.Report(HybridProgress.Connecting);
            var (tunnel, routingId) = await stage.RunAsync(
                Timeouts.Tunnel, HybridProblem.TunnelUnreachable, token => tunnels.OpenNewAsync(domain, TunnelId.Of(code), token), cancellationToken);
            await using var closing = tunnel;

            // "transport channels" came with CTAP 2.3, and so did the list of features: older computers get what they know
            var face = new HybridFace(authenticator);
            var info = await face.GetInfoAsync(cancellationToken);
            var first = new PostHandshakeMessage(info.Encode()) { Features = code.TransportChannels is null ? [] : [PostHandshakeMessage.FeatureCtap] };

            var advert = AdvertPlaintext.Create(routingId, domain);
            var handshake = HandshakeResponder.QrInitiated(Psk.Of(code, advert), code.IdentityKey);
            await using var channel = await MeetAsync(tunnel, SealedAdvert.Seal(advert, EidKey.Of(code)), handshake, first, stage, progress, cancellationToken);

            conversation = new(channel, new(face), Timeouts, time, progress, made);
            await conversation.ServeAsync(cancellationToken);
            return new() { Operation = conversation.Operation, Status = conversation.Status };
        }
        catch (HybridException e)
        {
            return new() { Problem = e.Problem, Detail = e.Message, Proximity = e.Proximity, Operation = conversation?.Operation, Status = conversation?.Status };
        }
        catch (OperationCanceledException) when (conversation?.Status is not null)
        {
            return new() { Operation = conversation.Operation, Status = conversation.Status };
        }
    }

    /// <summary>On the air until the computer has come and the handshake is over.</summary>
    private async Task<EncryptedChannel> MeetAsync(
        ITunnel tunnel, SealedAdvert advert, HandshakeResponder handshake, PostHandshakeMessage first, Stage stage, IProgress<HybridProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await using var onAir = await stage.RunAsync(Timeouts.Tunnel, HybridProblem.NoProximity, token => advertiser.AdvertiseAsync(advert.Bytes, token), cancellationToken);
            progress?.Report(HybridProgress.Waiting);
            var message = await stage.RunAsync(Timeouts.Meeting, HybridProblem.TimedOut, token => tunnel.ReceiveAsync(token).AsTask(), cancellationToken)
                ?? throw new HybridException(HybridProblem.PeerClosed, "The tunnel was closed before the computer came.");
            var channel = await stage.RunAsync(Timeouts.Handshake, HybridProblem.PeerSilent, token => EncryptedChannel.AnswerAsync(tunnel, handshake, message, first, token), cancellationToken);
            progress?.Report(HybridProgress.Connected);
            return channel;
        }
        catch (ProximityException e)
        {
            throw new HybridException(HybridProblem.NoProximity, e.Message, e);
        }
    }
}
