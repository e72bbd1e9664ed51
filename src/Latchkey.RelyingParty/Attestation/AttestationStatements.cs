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

/// <summary>
/// The attestation statement formats: one line a format.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-defined-attestation-formats"/>
/// </summary>
internal static class AttestationStatements
{
    public static RegistrationError? Verify(in StatementToVerify statement, CeremonyWorkspace workspace, out AttestationType type, out bool trusted)
    {
        type = AttestationType.None;
        trusted = false;
        return statement.Format switch
        {
            AttestationObject.FormatNone => NoneAttestation.Verify(statement),
            AttestationObject.FormatPacked => PackedAttestation.Verify(statement, workspace, out type, out trusted),
            // Known and not built yet: fido-u2f, tpm, android-key, android-safetynet, apple, compound.
            _ => RegistrationError.AttestationFormatUnsupported,
        };
    }
}
