using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;

namespace Latchkey.RelyingParty;

/// <summary>
/// What the relying party keeps of a passkey. The first seven are the standard's; the rest is what policies and pages need.
/// <see href="https://www.w3.org/TR/webauthn-3/#credential-record"/>
/// </summary>
public sealed record CredentialRecord
{
    /// <summary>The credential ID.</summary>
    public required CredentialId Id { get; init; }

    /// <summary>The public key, COSE as it arrived.</summary>
    public required ByteString PublicKey { get; init; }

    /// <summary>The signature counter of the last ceremony; zero where there is none.</summary>
    public required uint SignCount { get; init; }

    /// <summary>Whether the user was verified in a ceremony that counted for it.</summary>
    public required bool UvInitialized { get; init; }

    /// <summary>How the authenticator can be reached, as the client believed at registration.</summary>
    public IReadOnlyList<string> Transports { get; init; } = [];

    /// <summary>BE: never changes.</summary>
    public required bool BackupEligible { get; init; }

    /// <summary>BS, as of the last ceremony.</summary>
    public required bool BackupState { get; init; }

    /// <summary>The account's user handle.</summary>
    public required UserHandle User { get; init; }

    /// <summary>The algorithm of the key.</summary>
    public required CoseAlgorithm Algorithm { get; init; }

    /// <summary>The authenticator's model; proven only if <see cref="AttestationTrusted"/>.</summary>
    public Aaguid Aaguid { get; init; }

    /// <summary>The attestation statement format, such as <c>none</c> or <c>packed</c>.</summary>
    public string AttestationFormat { get; init; } = AttestationObject.FormatNone;

    /// <summary>What kind of attestation was given.</summary>
    public AttestationType AttestationType { get; init; }

    /// <summary>Whether it leads to a configured trust anchor.</summary>
    public bool AttestationTrusted { get; init; }

    /// <summary>The attestation certificate that led there at registration, DER; empty when none did, and where it is not kept.</summary>
    public ByteString AttestationCertificate { get; init; }

    /// <summary>Whether that certificate, or its authority, was revoked since.</summary>
    public bool AttestationRevoked { get; init; }

    /// <summary>Whether the credential is discoverable, if the client said it (<c>credProps.rk</c>).</summary>
    public bool? Discoverable { get; init; }

    /// <summary><c>platform</c> or <c>cross-platform</c>, if the client said it.</summary>
    public string? AuthenticatorAttachment { get; init; }
}
