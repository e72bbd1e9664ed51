using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Handshake;
using Latchkey.Hybrid.Linking;
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

    /// <summary>Offered to each computer that says it would keep it; null when this phone cannot be called.</summary>
    public LinkOffer? Link { get; init; }

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
        if (code.Timestamp is { } drawn && (time.GetUtcNow() - drawn).Duration() > CodeLifetime)
        {
            return new() { Problem = HybridProblem.StaleCode, Detail = $"The code was drawn at {drawn:u}." };
        }

        // "transport channels" came with CTAP 2.3, and so did the list of features: older computers get what they know
        IReadOnlyList<string> features = code.TransportChannels is null ? [] : [PostHandshakeMessage.FeatureCtap];
        return await AnswerAsync(
            TunnelId.Of(code),
            EidKey.Of(code),
            features,
            advert => HandshakeResponder.QrInitiated(Psk.Of(code, advert), code.IdentityKey),
            Link is { } offer && code.SupportsStateAssisted is true ? (channel, token) => LinkAsync(offer, code.IdentityKey, channel, token) : null,
            progress,
            made,
            cancellationToken);
    }

    /// <summary>Answers a computer that is linked to this phone, as <see cref="AnswerAsync(HybridQrCode, IProgress{HybridProgress}?, Func{MakeCredentialResponse, bool, Task}?, CancellationToken)"/> does a QR code.</summary>
    /// <param name="tunnelId">The tunnel the service wants the phone to open.</param>
    /// <param name="payload">What the computer sent by way of the service.</param>
    /// <param name="link">The link it names.</param>
    /// <param name="progress">Hears where the meeting stands.</param>
    /// <param name="made">What became of each passkey that was made.</param>
    /// <param name="cancellationToken">The person gave up.</param>
    /// <exception cref="ArgumentException">The payload names another link.</exception>
    public async Task<HybridOutcome> AnswerAsync(
        TunnelId tunnelId, ClientPayload payload, ComputerLink link, IProgress<HybridProgress>? progress, Func<MakeCredentialResponse, bool, Task>? made, CancellationToken cancellationToken)
    {
        if (payload.LinkId != link.LinkId) throw new ArgumentException("The payload names another link.", nameof(link));
        using var identity = P256KeyPair.FromPrivateKey(link.PrivateKey);
        return await AnswerAsync(
            tunnelId,
            EidKey.Derive(link.Secret, payload.Nonce),
            features: [],
            advert => HandshakeResponder.StateAssisted(Psk.Derive(link.Secret, advert), identity),
            offerLink: null,
            progress,
            made,
            cancellationToken);
    }

    private async Task<HybridOutcome> AnswerAsync(
        TunnelId tunnelId,
        EidKey key,
        IReadOnlyList<string> features,
        Func<AdvertPlaintext, HandshakeResponder> shakeHands,
        Func<EncryptedChannel, CancellationToken, Task>? offerLink,
        IProgress<HybridProgress>? progress,
        Func<MakeCredentialResponse, bool, Task>? made,
        CancellationToken cancellationToken)
    {
        HybridConversation? conversation = null;
        try
        {
            var stage = new Stage(time);
            progress?.Report(HybridProgress.Connecting);
            var (tunnel, routingId) = await stage.RunAsync(Timeouts.Tunnel, HybridProblem.TunnelUnreachable, token => tunnels.OpenNewAsync(domain, tunnelId, token), cancellationToken);
            await using var closing = tunnel;

            var face = new HybridFace(authenticator);
            var info = await face.GetInfoAsync(cancellationToken);
            var advert = AdvertPlaintext.Create(routingId, domain);
            await using var channel = await MeetAsync(
                tunnel, SealedAdvert.Seal(advert, key), shakeHands(advert), new(info.Encode()) { Features = features }, stage, progress, cancellationToken);

            conversation = new(channel, new(face), Timeouts, time, progress, made) { BeforeFirstSuccess = offerLink is null ? null : token => offerLink(channel, token) };
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

    /// <summary>The link is kept here before the computer hears of it, so that it can be used from then on.</summary>
    private static async Task LinkAsync(LinkOffer offer, P256Point computer, EncryptedChannel channel, CancellationToken cancellationToken)
    {
        var (link, information) = offer.Make(computer, channel.HandshakeHash);
        await offer.KeepAsync(link, cancellationToken);
        await channel.SendAsync(new(ChannelMessageType.Update, information.EncodeUpdate()), cancellationToken);
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
