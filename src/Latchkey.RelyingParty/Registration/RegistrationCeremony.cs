using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Ceremonies;

namespace Latchkey.RelyingParty.Registration;

/// <summary>
/// The registration ceremony, in the standard's order. A refusal is a result and costs no exception; a success allocates
/// nothing. <see href="https://www.w3.org/TR/webauthn-3/#sctn-registering-a-new-credential"/>
/// </summary>
public static class RegistrationCeremony
{
    /// <summary>Verifies a response from its JSON.</summary>
    /// <param name="scope">Who the relying party is.</param>
    /// <param name="demand">What the response must answer to.</param>
    /// <param name="responseJson">The WebAuthn JSON form, UTF-8.</param>
    /// <param name="workspace">Memory to work in; the facts borrow it.</param>
    /// <param name="facts">What the response says; complete only when accepted.</param>
    /// <returns>Null when every rule holds, else the first that does not.</returns>
    /// <exception cref="WireFormatException">The response, or something inside it, is malformed.</exception>
    public static RegistrationError? Verify(
        RelyingPartyScope scope, in RegistrationDemand demand, ReadOnlySpan<byte> responseJson, CeremonyWorkspace workspace, out RegistrationFacts facts) =>
        Verify(scope, demand, RegistrationResponseJson.Parse(responseJson, workspace.Decoded(responseJson.Length)), workspace, out facts);

    /// <summary>Verifies a response that is already parsed.</summary>
    /// <inheritdoc cref="Verify(RelyingPartyScope, in RegistrationDemand, ReadOnlySpan{byte}, CeremonyWorkspace, out RegistrationFacts)"/>
    public static RegistrationError? Verify(
        RelyingPartyScope scope, in RegistrationDemand demand, in RegistrationResponseJson response, CeremonyWorkspace workspace, out RegistrationFacts facts)
    {
        facts = default;

        // "Let C … be the result of running an implementation-specific JSON parser on JSONtext"
        var clientData = CollectedClientData.Parse(response.ClientDataJson);

        // "Verify that the value of C.type is webauthn.create"
        if (!clientData.Type.SequenceEqual("webauthn.create"u8))
        {
            return RegistrationError.TypeMismatch;
        }

        // "Verify that the value of C.challenge equals the base64url encoding of pkOptions.challenge"
        if (!Base64Url.Equals(clientData.Challenge, demand.Challenge))
        {
            return RegistrationError.ChallengeMismatch;
        }

        // "Verify that the value of C.origin is an origin expected by the Relying Party"
        if (!scope.ExpectsOrigin(clientData.Origin))
        {
            return RegistrationError.OriginMismatch;
        }

        // "If C.crossOrigin is present and set to true", "If C.topOrigin is present: Verify that the Relying Party expects
        // that this credential would have been created within an iframe that is not same-origin with its ancestors"
        if ((clientData.CrossOrigin || clientData.HasTopOrigin) && !scope.AllowCrossOrigin)
        {
            return RegistrationError.CrossOriginNotAllowed;
        }

        // "Verify that the value of C.topOrigin matches the origin of a page that the Relying Party expects to be sub-framed within"
        if (clientData.HasTopOrigin && !scope.ExpectsTopOrigin(clientData.TopOrigin))
        {
            return RegistrationError.TopOriginMismatch;
        }

        // "Perform CBOR decoding on the attestationObject field"
        var attestation = AttestationObject.Parse(response.AttestationObject, workspace.Cbor);
        var authenticatorData = AuthenticatorData.Parse(attestation.AuthData, workspace.Cbor);
        facts = new()
        {
            SignCount = authenticatorData.SignCount,
            UserPresent = authenticatorData.UserPresent,
            UserVerified = authenticatorData.UserVerified,
            BackupEligible = authenticatorData.BackupEligible,
            BackupState = authenticatorData.BackupState,
            AttestationFormat = attestation.Format,
        };

        // "Verify that the rpIdHash in authData is the SHA-256 hash of the RP ID expected by the Relying Party"
        if (!scope.IsRpIdHash(authenticatorData.RpIdHash))
        {
            return RegistrationError.RpIdHashMismatch;
        }

        // "If options.mediation is not set to conditional, verify that the UP bit of the flags in authData is set"
        if (demand.UserPresenceRequired && !authenticatorData.UserPresent)
        {
            return RegistrationError.UserNotPresent;
        }

        // "If the Relying Party requires user verification for this registration, verify that the UV bit … is set"
        if (demand.UserVerificationRequired && !authenticatorData.UserVerified)
        {
            return RegistrationError.UserNotVerified;
        }

        // "If the BE bit of the flags in authData is not set, verify that the BS bit is not set"
        if (!authenticatorData.BackupEligible && authenticatorData.BackupState)
        {
            return RegistrationError.BackupStateInvalid;
        }

        if (authenticatorData.AttestedCredentialData is not { } attested)
        {
            return RegistrationError.AttestedCredentialDataMissing;
        }

        workspace.Cbor.Reset("credential public key", attested.CredentialPublicKey.Memory);
        var key = CoseKey.Read(workspace.Cbor);
        facts = facts with
        {
            CredentialId = attested.CredentialId,
            Aaguid = attested.Aaguid,
            PublicKey = attested.CredentialPublicKey,
            Algorithm = key.Algorithm,
        };

        // "Verify that the "alg" parameter in the credential public key in authData matches the alg attribute of one of the
        // items in pkOptions.pubKeyCredParams"
        if (!demand.Algorithms.IsEmpty && !demand.Algorithms.Contains(key.Algorithm))
        {
            return RegistrationError.AlgorithmNotOffered;
        }

        // A key that can never verify would lock its owner out; one off its curve might verify for others too.
        if (!SignatureVerifier.IsSupported(key.Algorithm))
        {
            return RegistrationError.AlgorithmUnsupported;
        }

        if (!SignatureVerifier.IsUsable(key))
        {
            return RegistrationError.PublicKeyInvalid;
        }

        // "Verify that attStmt is a correct attestation statement, conveying a valid attestation signature", "Assess the
        // attestation trustworthiness"
        var statement = new StatementToVerify
        {
            Format = attestation.Format,
            Statement = attestation.AttStmt,
            CredentialKey = key,
            Aaguid = attested.Aaguid,
            AuthenticatorData = attestation.AuthData,
            ClientDataJson = response.ClientDataJson,
            Trust = demand.AttestationTrust,
            Anchors = demand.TrustAnchors,
            Now = demand.Now,
        };
        if (AttestationStatements.Verify(statement, workspace, out var verdict) is { } refused)
        {
            return refused;
        }

        facts = facts with { AttestationType = verdict.Type, AttestationTrusted = verdict.IsTrusted, AttestationCertificate = verdict.Certificate };

        // "Verify that the credentialId is ≤ 1023 bytes"
        if (attested.CredentialId.Bytes.Length is 0 or > CredentialId.MaxLength)
        {
            return RegistrationError.CredentialIdLengthInvalid;
        }

        // credential.id is the same credential ID, told outside what was signed
        if (response.Id != attested.CredentialId)
        {
            return RegistrationError.CredentialIdMismatch;
        }

        // "Verify that the credentialId is not yet registered for any user"
        if (demand.CredentialIsRegistered)
        {
            return RegistrationError.CredentialAlreadyRegistered;
        }

        // "Process the client extension outputs …": all that is asked for (credProps) is told by the client alone and
        // changes no verdict; unsolicited outputs are ignored, as the standard allows.
        return null;
    }
}
