using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Ceremonies;

namespace Latchkey.RelyingParty.Registration;

/// <summary>What a host asks for when a person wants to register a passkey.</summary>
public sealed record RegistrationRequest
{
    /// <summary>The account, as authenticators store it.</summary>
    public required PublicKeyCredentialUserEntity User { get; init; }

    /// <summary>The session it is begun in, as the host names sessions, at most 64 bytes; completing it needs the same. Empty for none.</summary>
    public ByteString SessionBinding { get; init; }

    /// <summary>The passkeys the account has: an authenticator that holds one makes no second.</summary>
    public IReadOnlyList<PublicKeyCredentialDescriptor> ExcludeCredentials { get; init; } = [];

    /// <summary>What kind of authenticator is asked for; a discoverable credential with user verification when absent.</summary>
    public AuthenticatorSelectionCriteria AuthenticatorSelection { get; init; } = new()
    {
        ResidentKey = Requirements.Required,
        RequireResidentKey = true,
        UserVerification = Requirements.Required,
    };

    /// <summary>How long it can be completed.</summary>
    public TimeSpan Life { get; init; } = WebAuthnRelyingParty.CeremonyLife;

    /// <summary>Begun with mediation <c>conditional</c>: the user need not be present.</summary>
    public bool Conditional { get; init; }

    /// <summary>Attestation conveyance: <c>none</c>, <c>indirect</c>, <c>direct</c> or <c>enterprise</c>.</summary>
    public string Attestation { get; init; } = Requirements.None;

    /// <summary>Where an attestation may lead: one nobody here can check is not begun.</summary>
    public TrustAnchors TrustAnchors { get; init; } = TrustAnchors.None;

    /// <summary>Hints for the client's dialog.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];
}

/// <summary>A registration that was begun, or why it was not.</summary>
public abstract record RegistrationBeginning
{
    private RegistrationBeginning()
    {
    }

    /// <summary>It was begun: the options for the client, and the ceremony that is sealed in their challenge.</summary>
    public sealed record Begun(PublicKeyCredentialCreationOptions Options, PendingRegistration Pending) : RegistrationBeginning;

    /// <summary>The policy would refuse it.</summary>
    public sealed record Refused(RegistrationError Error) : RegistrationBeginning;
}

/// <summary>A response whose challenge was opened: what the host looks up before it completes the ceremony.</summary>
/// <param name="Pending">The ceremony that was begun.</param>
/// <param name="Response">The response, as parsed.</param>
/// <param name="ResponseHash">SHA-256 over the response's ID, client data and attestation object: the same response gets the same answer.</param>
public sealed record OpenedRegistration(PendingRegistration Pending, RegistrationResponseJson Response, ByteString ResponseHash);

/// <summary>What the host knows when a registration completes.</summary>
public sealed record RegistrationContext
{
    /// <summary>The account the person at the other end has, if the host knows it; it must be the one the ceremony was begun for.</summary>
    public UserHandle? User { get; init; }

    /// <summary>The session it completes in.</summary>
    public ByteString SessionBinding { get; init; }

    /// <summary>Whether the response's credential ID is registered already, for any account.</summary>
    public required bool CredentialIsRegistered { get; init; }

    /// <summary>The certificates an attestation may lead to, and what was revoked of them, as of now.</summary>
    public TrustAnchors TrustAnchors { get; init; } = TrustAnchors.None;
}

/// <summary>How a registration ended.</summary>
public abstract record RegistrationResult
{
    private RegistrationResult()
    {
    }

    /// <summary>Every rule holds: the record to store, in the transaction that marks the ceremony used.</summary>
    public sealed record Accepted(CredentialRecord Credential) : RegistrationResult;

    /// <summary>A rule does not hold.</summary>
    public sealed record Refused(RegistrationError Error, Aaguid? Model = null) : RegistrationResult;
}
