using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>An attestation statement and all its verification procedure may look at.</summary>
internal readonly ref struct StatementToVerify
{
    public required string Format { get; init; }

    public required ByteString Statement { get; init; }

    public required CoseKey CredentialKey { get; init; }

    public required Aaguid Aaguid { get; init; }

    public required ByteString AuthenticatorData { get; init; }

    public required ByteString ClientDataJson { get; init; }

    public required AttestationTrust Trust { get; init; }

    public required TrustAnchors Anchors { get; init; }

    public required DateTimeOffset Now { get; init; }
}

/// <summary>What a statement that was accepted says.</summary>
/// <param name="Type">What kind of attestation it is.</param>
/// <param name="Certificate">The attestation certificate, DER, of one that leads to an anchor; empty else.</param>
internal readonly record struct Attested(AttestationType Type, ByteString Certificate)
{
    /// <summary>It leads to an anchor.</summary>
    public bool IsTrusted => !Certificate.IsEmpty;
}

/// <summary>
/// The attestation statement formats: one line a format.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-defined-attestation-formats"/>
/// </summary>
internal static class AttestationStatements
{
    public static RegistrationError? Verify(in StatementToVerify statement, CeremonyWorkspace workspace, out Attested attested)
    {
        var error = VerifyFormat(statement, workspace, out attested);
        if (statement.Trust is AttestationTrust.Optional && error is RegistrationError.AttestationFormatUnsupported
                or RegistrationError.AttestationCertificateInvalid or RegistrationError.AlgorithmUnsupported)
        {
            attested = default;
            return null;
        }

        return error;
    }

    private static RegistrationError? VerifyFormat(in StatementToVerify statement, CeremonyWorkspace workspace, out Attested attested)
    {
        attested = default;
        return statement.Format switch
        {
            AttestationObject.FormatNone => NoneAttestation.Verify(statement, workspace),
            AttestationObject.FormatPacked => PackedAttestation.Verify(statement, workspace, out attested),
            // Known and not built yet: fido-u2f, tpm, android-key, android-safetynet, apple, compound.
            _ => RegistrationError.AttestationFormatUnsupported,
        };
    }
}
