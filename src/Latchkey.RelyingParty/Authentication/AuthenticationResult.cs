using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Ceremonies;

namespace Latchkey.RelyingParty.Authentication;

/// <summary>What a host asks for when somebody is to prove a passkey.</summary>
public sealed record AuthenticationRequest
{
    /// <summary>What it is for; any kind but <see cref="CeremonyKind.Registration"/>.</summary>
    public required CeremonyKind Kind { get; init; }

    /// <summary>The account, if it is known beforehand; null lets any discoverable credential answer.</summary>
    public UserHandle? User { get; init; }

    /// <summary>The session it is begun in, as the host names sessions, at most 64 bytes; completing it needs the same. Empty for none.</summary>
    public ByteString SessionBinding { get; init; }

    /// <summary>The passkeys that will do; empty for any discoverable one.</summary>
    public IReadOnlyList<PublicKeyCredentialDescriptor> AllowCredentials { get; init; } = [];

    /// <summary><c>required</c>, <c>preferred</c> or <c>discouraged</c>.</summary>
    public string UserVerification { get; init; } = Requirements.Required;

    /// <summary>Hints for the client's dialog.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];
}

/// <summary>An authentication that was begun: the options for the client, and the ceremony that is sealed in their challenge.</summary>
public sealed record AuthenticationBeginning(PublicKeyCredentialRequestOptions Options, PendingAuthentication Pending);

/// <summary>A response whose challenge was opened: what the host looks up before it completes the ceremony.</summary>
/// <param name="Pending">The ceremony that was begun.</param>
/// <param name="Response">The response, as parsed; its ID names the credential record to look up.</param>
/// <param name="ResponseHash">SHA-256 over the response's ID, client data, authenticator data, signature and user handle: the same response gets the same answer.</param>
public sealed record OpenedAuthentication(PendingAuthentication Pending, AuthenticationResponseJson Response, ByteString ResponseHash);

/// <summary>What the host knows when an authentication completes.</summary>
public sealed record AuthenticationContext
{
    /// <summary>The kind of ceremony that may complete here.</summary>
    public required CeremonyKind Kind { get; init; }

    /// <summary>The account the person at the other end has, if the host knows it; it must be the one the ceremony was begun for.</summary>
    public UserHandle? User { get; init; }

    /// <summary>The session it completes in.</summary>
    public ByteString SessionBinding { get; init; }

    /// <summary>The record of the response's credential ID; null when none is registered.</summary>
    public required CredentialRecord? Credential { get; init; }
}

/// <summary>How an authentication ended.</summary>
public abstract record AuthenticationResult
{
    private AuthenticationResult()
    {
    }

    /// <summary>Every rule holds.</summary>
    /// <param name="Credential">The record with what changed, to store in the transaction that marks the ceremony used.</param>
    /// <param name="Changed">Whether anything did change: a synced passkey's record usually needs no write.</param>
    /// <param name="UserVerified">Whether the user was verified.</param>
    /// <param name="SignCountFell">The counter of a synced passkey fell to zero: worth a line in a log.</param>
    public sealed record Accepted(CredentialRecord Credential, bool Changed, bool UserVerified, bool SignCountFell = false) : AuthenticationResult;

    /// <summary>A rule does not hold.</summary>
    public sealed record Refused(AuthenticationError Error, Aaguid? Model = null) : AuthenticationResult;
}
