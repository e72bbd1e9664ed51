using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Handshake;
using Latchkey.Hybrid.Linking;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid;

/// <summary>
/// The computer's end, until a phone has come: has the QR code to draw, and waits for the phone that answers it.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-qr-initiated"/>
/// </summary>
public sealed class HybridInitiator : IDisposable
{
    private readonly P256KeyPair _identity;
    private readonly TimeProvider _time;

    private readonly ILinkStore? _links;

    private HybridInitiator(P256KeyPair identity, HybridQrCode code, TimeProvider time, ILinkStore? links) => (_identity, Code, _time, _links) = (identity, code, time, links);

    /// <summary>The QR code to draw: <see cref="HybridQrCode.Encode"/>.</summary>
    public HybridQrCode Code { get; }

    /// <summary>How long each stage may take.</summary>
    public HybridTimeouts Timeouts { get; init; } = new();

    /// <summary>Makes a fresh code.</summary>
    /// <param name="operation">What is going to be asked, for the phone to announce.</param>
    /// <param name="time">The clock.</param>
    /// <param name="links">Where linked phones are kept; without it, the code offers no linking.</param>
    public static HybridInitiator Begin(HybridOperation operation, TimeProvider time, ILinkStore? links = null)
    {
        var identity = P256KeyPair.Generate();
        var code = new HybridQrCode(identity.Public, ByteString.Random(HybridQrCode.SecretLength))
        {
            KnownTunnelDomains = TunnelDomain.AssignedCount,
            Timestamp = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds()),
            SupportsStateAssisted = links is not null,
            OperationHint = HybridOperationHints.Of(operation),
        };
        return new(identity, code, time, links);
    }

    /// <summary>Waits until a phone that has read the code is heard, and connects to it. The first phone heard counts, others are not met.</summary>
    /// <param name="scanner">The way to hear adverts.</param>
    /// <param name="tunnels">The way to the tunnel service the advert names.</param>
    /// <param name="progress">Hears where the meeting stands; also while the result is used.</param>
    /// <param name="cancellationToken">The person gave up.</param>
    /// <returns>The phone, as an authenticator; dispose it to say goodbye.</returns>
    /// <exception cref="HybridException">No phone came, or it could not be reached.</exception>
    public async Task<HybridAuthenticator> ConnectAsync(IProximityScanner scanner, ITunnelConnector tunnels, IProgress<HybridProgress>? progress, CancellationToken cancellationToken)
    {
        var stage = new Stage(_time);
        progress?.Report(HybridProgress.Waiting);
        var key = EidKey.Of(Code);
        var advert = await stage.RunAsync(Timeouts.Meeting, HybridProblem.TimedOut, token => ListenAsync(scanner, key, token), cancellationToken);

        progress?.Report(HybridProgress.Connecting);
        var tunnel = await stage.RunAsync(
            Timeouts.Tunnel, HybridProblem.TunnelUnreachable, token => tunnels.ConnectAsync(advert.Domain, advert.RoutingId, TunnelId.Of(Code), token), cancellationToken);
        try
        {
            using var handshake = HandshakeInitiator.QrInitiated(Psk.Of(Code, advert), _identity);
            var (channel, first) = await stage.RunAsync(Timeouts.Handshake, HybridProblem.PeerSilent, token => EncryptedChannel.BeginAsync(tunnel, handshake, token), cancellationToken);
            var info = ReadInfo(first);
            progress?.Report(HybridProgress.Connected);
            return new(channel, info, (update, token) => LinkAsync(update, advert.Domain, channel.HandshakeHash, token), Timeouts, _time, progress);
        }
        catch
        {
            await tunnel.DisposeAsync();
            throw;
        }
    }

    /// <summary>Frees the identity key. Phones that were connected may still be used; new links are not taken any more.</summary>
    public void Dispose() => _identity.Dispose();

    /// <summary>Keeps a link the phone offers, if it is the phone of this meeting that does. Anything else in an update is none of our business.</summary>
    private async Task LinkAsync(ByteString update, TunnelDomain domain, ByteString handshakeHash, CancellationToken cancellationToken)
    {
        if (_links is null) return;
        try
        {
            if (LinkingInformation.ParseUpdate(update) is { } linking && linking.IsFrom(_identity, handshakeHash))
            {
                await _links.KeepAsync(new(domain, linking.ContactId, linking.LinkId, linking.LinkSecret, linking.PhoneKey, linking.PhoneName), cancellationToken);
            }
        }
        catch (Exception e) when (e is WireFormatException or ObjectDisposedException)
        {
            // A link is a convenience: the sign-in it comes with goes on without it.
        }
    }

    /// <summary>Tries everything heard; what is on the air belongs to other people for the most part.</summary>
    internal static async Task<AdvertPlaintext> ListenAsync(IProximityScanner scanner, EidKey key, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var heard in scanner.ScanAsync(cancellationToken).WithCancellation(cancellationToken))
            {
                if (SealedAdvert.TryOpen(heard, key, out var advert)) return advert;
            }
        }
        catch (ProximityException e)
        {
            throw new HybridException(HybridProblem.NoProximity, e.Message, e);
        }

        cancellationToken.ThrowIfCancellationRequested();
        throw new HybridException(HybridProblem.NoProximity, "Bluetooth stopped listening.");
    }

    internal static GetInfoResponse ReadInfo(PostHandshakeMessage first)
    {
        try { return first.ParseGetInfo(); }
        catch (WireFormatException e) { throw new HybridException(HybridProblem.PeerMisbehaved, e.Message, e); }
    }
}
