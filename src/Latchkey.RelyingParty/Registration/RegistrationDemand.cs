using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;

namespace Latchkey.RelyingParty.Registration;

/// <summary>What a registration response must answer to: the options that were sent, and what the relying party knows.</summary>
public readonly ref struct RegistrationDemand
{
    /// <summary>User presence is required.</summary>
    public RegistrationDemand()
    {
    }

    /// <summary>The challenge that was sent.</summary>
    public required ReadOnlySpan<byte> Challenge { get; init; }

    /// <summary>Whether user verification was required.</summary>
    public bool UserVerificationRequired { get; init; }

    /// <summary>Whether user presence is required: always, but after a conditional create.</summary>
    public bool UserPresenceRequired { get; init; } = true;

    /// <summary>The algorithms offered; empty for all that can be checked.</summary>
    public ReadOnlySpan<CoseAlgorithm> Algorithms { get; init; }

    /// <summary>Whether an attestation certificate must lead to an anchor.</summary>
    public AttestationTrust AttestationTrust { get; init; }

    /// <summary>The certificates it may lead to.</summary>
    public TrustAnchors TrustAnchors { get; init; } = TrustAnchors.None;

    /// <summary>The time certificates must be valid at.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>Whether the credential ID is registered already, for any account.</summary>
    public bool CredentialIsRegistered { get; init; }
}

/// <summary>What a registration response says of the new credential. Byte strings are slices of the response.</summary>
public readonly record struct RegistrationFacts
{
    /// <summary>The credential ID.</summary>
    public CredentialId CredentialId { get; init; }

    /// <summary>The authenticator's model.</summary>
    public Aaguid Aaguid { get; init; }

    /// <summary>The public key, COSE as it arrived.</summary>
    public ByteString PublicKey { get; init; }

    /// <summary>The algorithm of the key.</summary>
    public CoseAlgorithm Algorithm { get; init; }

    /// <summary>The signature counter.</summary>
    public uint SignCount { get; init; }

    /// <summary>UP.</summary>
    public bool UserPresent { get; init; }

    /// <summary>UV.</summary>
    public bool UserVerified { get; init; }

    /// <summary>BE.</summary>
    public bool BackupEligible { get; init; }

    /// <summary>BS.</summary>
    public bool BackupState { get; init; }

    /// <summary>The attestation statement format.</summary>
    public string AttestationFormat { get; init; }

    /// <summary>What kind of attestation was given.</summary>
    public AttestationType AttestationType { get; init; }

    /// <summary>Whether it leads to a configured trust anchor.</summary>
    public bool AttestationTrusted { get; init; }

    /// <summary>The attestation certificate that leads there, DER; empty when none does.</summary>
    public ByteString AttestationCertificate { get; init; }

    /// <summary>The record to store; its byte strings are copies.</summary>
    /// <param name="user">The account.</param>
    /// <param name="response">The response these facts are from.</param>
    public CredentialRecord ToRecord(UserHandle user, in RegistrationResponseJson response) => new()
    {
        Id = new(ByteString.CopyOf(CredentialId.Bytes)),
        PublicKey = ByteString.CopyOf(PublicKey),
        SignCount = SignCount,
        UvInitialized = UserVerified,
        Transports = response.Transports,
        BackupEligible = BackupEligible,
        BackupState = BackupState,
        User = user,
        Algorithm = Algorithm,
        Aaguid = Aaguid,
        AttestationFormat = AttestationFormat,
        AttestationType = AttestationType,
        AttestationTrusted = AttestationTrusted,
        AttestationCertificate = ByteString.CopyOf(AttestationCertificate),
        Discoverable = response.CredPropsRk,
        AuthenticatorAttachment = response.AuthenticatorAttachment,
    };
}
