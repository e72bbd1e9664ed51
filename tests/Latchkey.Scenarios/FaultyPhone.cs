using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Hybrid;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Linking;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Phone.Computer;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Scenarios;

/// <summary>What goes wrong on the phone's side of one meeting.</summary>
internal sealed record Fault
{
    /// <summary>Nobody is where the tunnel service should be.</summary>
    public bool NoTunnelService { get; init; }

    /// <summary>The code was drawn ten minutes ago.</summary>
    public bool OldCode { get; init; }

    /// <summary>So many messages come in before the line is cut; all when absent. The first is the handshake, the second the request.</summary>
    public int? Received { get; init; }

    /// <summary>So many messages go out before the line is cut. The first is the handshake, the second what the phone can do, the third its answer.</summary>
    public int? Sent { get; init; }

    /// <summary>The line is not cut, it carries nothing more.</summary>
    public bool IsSilent { get; init; }

    /// <summary>The authenticator does not say that it verified the person.</summary>
    public bool NotVerified { get; init; }
}

/// <summary>
/// The Authenticator's own libraries in this process, on the stage's air and relay: a vault in a file, a person who says yes, and one
/// thing wrong.
/// </summary>
internal sealed class FaultyPhone(Stage stage, FileCredentialStore vault) : IAuthorizationGesture
{
    public bool CanChoose => false;

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken) =>
        Task.FromResult<AuthorizationAnswer>(new AuthorizationAnswer.Granted { Pin = Stage.Pin, Replace = true });

    public async Task<HybridOutcome> AnswerAsync(string text, Fault fault, CancellationToken cancellationToken)
    {
        var code = HybridQrCode.Parse(text);
        if (fault.OldCode) code = code with { Timestamp = code.Timestamp - TimeSpan.FromMinutes(10) };
        using var keys = new CtapAuthenticator(vault, this, vault, TimeProvider.System) { Transports = ["internal", "hybrid"], IsAttached = false };
        var connector = new TunnelConnector(new()
        {
            // port 1 on loopback: nobody listens there
            Address = new Uri(fault.NoTunnelService ? "wss://127.0.0.1:1" : stage.MeetingPoint.Address),
            CaFile = stage.MeetingPoint.Authority.AuthorityFile,
        });
        var responder = new HybridResponder(
            fault.NotVerified ? new Unverified(keys) : keys, new BlueZAdvertiser(stage.PhoneBus), new Connector(connector, fault), MeetingPoint.Domain, TimeProvider.System)
        // Only who says nothing is waited for in vain.
        { Timeouts = new() { Tunnel = Running.Patience, Meeting = Running.Patience, Handshake = Running.Patience, Request = fault.IsSilent ? TimeSpan.FromSeconds(2) : Running.Patience, Send = Running.Patience } };
        return await responder.AnswerAsync(code, progress: null, MadeAsync, cancellationToken);
    }

    private Task MadeAsync(MakeCredentialResponse made, bool written)
    {
        var id = AuthenticatorData.Parse(made.AuthData).AttestedCredentialData!.Value.CredentialId;
        return written ? vault.DeliverAsync(id, CancellationToken.None) : vault.RollBackAsync(id, CancellationToken.None);
    }

    private sealed class Connector(TunnelConnector connector, Fault fault) : ITunnelConnector
    {
        public async Task<(ITunnel Tunnel, RoutingId RoutingId)> OpenNewAsync(TunnelDomain domain, TunnelId tunnelId, CancellationToken cancellationToken)
        {
            var (tunnel, routingId) = await connector.OpenNewAsync(domain, tunnelId, cancellationToken);
            return (new Line(tunnel, fault), routingId);
        }

        public Task<ITunnel> ConnectAsync(TunnelDomain domain, RoutingId routingId, TunnelId tunnelId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ITunnel> ContactAsync(TunnelDomain domain, ContactId contactId, ClientPayload payload, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Line(ITunnel tunnel, Fault fault) : ITunnel
    {
        private int _received;
        private int _sent;

        public async ValueTask SendAsync(ByteString message, CancellationToken cancellationToken)
        {
            if (_sent++ >= fault.Sent)
            {
                await EndAsync(cancellationToken);
                throw new HybridException(HybridProblem.PeerClosed, "The line was cut.");
            }

            await tunnel.SendAsync(message, cancellationToken);
        }

        public async ValueTask<ByteString?> ReceiveAsync(CancellationToken cancellationToken)
        {
            if (_received++ < (fault.Received ?? int.MaxValue)) return await tunnel.ReceiveAsync(cancellationToken);
            await EndAsync(cancellationToken);
            return null;
        }

        public ValueTask DisposeAsync() => tunnel.DisposeAsync();

        private async Task EndAsync(CancellationToken cancellationToken)
        {
            if (fault.IsSilent) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            await tunnel.DisposeAsync();
        }
    }

    /// <summary>Clears the flag, which browsers pass on as it is; nothing is signed where the format is none.</summary>
    private sealed class Unverified(CtapAuthenticator keys) : ICtapAuthenticator
    {
        public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => keys.GetInfoAsync(cancellationToken);

        public async Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken)
        {
            var made = await keys.MakeCredentialAsync(request, cancellationToken);
            var authData = (AuthenticatorData.Parse(made.AuthData) with { UserVerified = false }).Encode();
            return new(AttestationObject.FormatNone, authData, AttestationObject.None(authData).AttStmt);
        }

        public Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken) => keys.GetAssertionAsync(request, cancellationToken);

        public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => keys.GetNextAssertionAsync(cancellationToken);

        public Task SelectionAsync(CancellationToken cancellationToken) => keys.SelectionAsync(cancellationToken);
    }
}
