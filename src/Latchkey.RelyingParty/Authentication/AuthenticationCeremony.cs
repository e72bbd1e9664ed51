using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Ceremonies;

namespace Latchkey.RelyingParty.Authentication;

/// <summary>
/// The authentication ceremony, in the standard's order. A refusal is a result and costs no exception; a success
/// allocates nothing. <see href="https://www.w3.org/TR/webauthn-3/#sctn-verifying-assertion"/>
/// </summary>
public static class AuthenticationCeremony
{
    /// <summary>Verifies a response from its JSON.</summary>
    /// <param name="scope">Who the relying party is.</param>
    /// <param name="demand">What the response must answer to.</param>
    /// <param name="responseJson">The WebAuthn JSON form, UTF-8.</param>
    /// <param name="workspace">Memory to work in.</param>
    /// <param name="facts">What the response says; complete only when accepted.</param>
    /// <returns>Null when every rule holds, else the first that does not.</returns>
    /// <exception cref="WireFormatException">The response, something inside it, or the stored key is malformed.</exception>
    public static AuthenticationError? Verify(
        RelyingPartyScope scope, in AuthenticationDemand demand, ReadOnlySpan<byte> responseJson, CeremonyWorkspace workspace, out AuthenticationFacts facts) =>
        Verify(scope, demand, AuthenticationResponseJson.Parse(responseJson, workspace.Decoded(responseJson.Length)), workspace, out facts);

    /// <summary>Verifies a response that is already parsed.</summary>
    /// <inheritdoc cref="Verify(RelyingPartyScope, in AuthenticationDemand, ReadOnlySpan{byte}, CeremonyWorkspace, out AuthenticationFacts)"/>
    public static AuthenticationError? Verify(
        RelyingPartyScope scope, in AuthenticationDemand demand, in AuthenticationResponseJson response, CeremonyWorkspace workspace, out AuthenticationFacts facts)
    {
        facts = default;

        // "If pkOptions.allowCredentials is not empty, verify that credential.id identifies one of the public key
        // credentials listed"
        if (!demand.AllowCredentials.IsEmpty && !demand.AllowCredentials.Contains(response.Id))
        {
            return AuthenticationError.CredentialNotAllowed;
        }

        // "If response.userHandle is present, verify that it equals the user handle of the user account"
        if (demand.UserHandle is { } expected && response.UserHandle is { } given && expected != given)
        {
            return AuthenticationError.UserHandleMismatch;
        }

        // "Let C … be the result of running an implementation-specific JSON parser on JSONtext"
        var clientData = CollectedClientData.Parse(response.ClientDataJson);

        // "Verify that the value of C.type is the string webauthn.get"
        if (!clientData.Type.SequenceEqual("webauthn.get"u8))
        {
            return AuthenticationError.TypeMismatch;
        }

        // "Verify that the value of C.challenge equals the base64url encoding of pkOptions.challenge"
        if (!Base64Url.Equals(clientData.Challenge, demand.Challenge))
        {
            return AuthenticationError.ChallengeMismatch;
        }

        // "Verify that the value of C.origin is an origin expected by the Relying Party"
        if (!scope.ExpectsOrigin(clientData.Origin))
        {
            return AuthenticationError.OriginMismatch;
        }

        // "If C.crossOrigin is present and set to true", "If C.topOrigin is present: Verify that the Relying Party expects
        // this credential to be used within an iframe that is not same-origin with its ancestors"
        if ((clientData.CrossOrigin || clientData.HasTopOrigin) && !scope.AllowCrossOrigin)
        {
            return AuthenticationError.CrossOriginNotAllowed;
        }

        // "Verify that the value of C.topOrigin matches the origin of a page that the Relying Party expects to be sub-framed within"
        if (clientData.HasTopOrigin && !scope.ExpectsTopOrigin(clientData.TopOrigin))
        {
            return AuthenticationError.TopOriginMismatch;
        }

        var authenticatorData = AuthenticatorData.Parse(response.AuthenticatorData, workspace.Cbor);
        facts = new()
        {
            SignCount = authenticatorData.SignCount,
            UserPresent = authenticatorData.UserPresent,
            UserVerified = authenticatorData.UserVerified,
            BackupEligible = authenticatorData.BackupEligible,
            BackupState = authenticatorData.BackupState,
        };

        // "Verify that the rpIdHash in authData is the SHA-256 hash of the RP ID expected by the Relying Party"; §10.1.1
        // "If true, … MUST expect the rpIdHash to be the hash of the AppID, not the RP ID"
        if (!scope.IsRpIdHash(authenticatorData.RpIdHash, response.AppIdUsed is true))
        {
            return AuthenticationError.RpIdHashMismatch;
        }

        // "Verify that the UP bit of the flags in authData is set"
        if (demand.UserPresenceRequired && !authenticatorData.UserPresent)
        {
            return AuthenticationError.UserNotPresent;
        }

        // "If user verification was determined to be required, verify that the UV bit of the flags in authData is set"
        if (demand.UserVerificationRequired && !authenticatorData.UserVerified)
        {
            return AuthenticationError.UserNotVerified;
        }

        // "If the BE bit of the flags in authData is not set, verify that the BS bit is not set"
        if (!authenticatorData.BackupEligible && authenticatorData.BackupState)
        {
            return AuthenticationError.BackupStateInvalid;
        }

        // "Compare currentBe and currentBs with credentialRecord.backupEligible": it never changes
        if (demand.BackupEligible is { } backupEligible && backupEligible != authenticatorData.BackupEligible)
        {
            return AuthenticationError.BackupEligibilityChanged;
        }

        // §6.1 "For assertion signatures, the AT flag MUST NOT be set and the attestedCredentialData MUST NOT be included"
        if (authenticatorData.AttestedCredentialData is not null)
        {
            return AuthenticationError.AttestedCredentialDataUnexpected;
        }

        // "Using credentialRecord.publicKey, verify that sig is a valid signature over the binary concatenation of authData
        // and hash"
        workspace.Cbor.Reset("credential public key", demand.PublicKey.Memory);
        var key = CoseKey.Read(workspace.Cbor);
        workspace.Cbor.ExpectEnd();
        if (!SignatureVerifier.IsSupported(key.Algorithm))
        {
            return AuthenticationError.AlgorithmUnsupported;
        }

        if (!SignatureVerifier.Verify(key, workspace.Signed(response.AuthenticatorData, response.ClientDataJson), response.Signature))
        {
            return AuthenticationError.SignatureInvalid;
        }

        // "If authData.signCount is nonzero or credentialRecord.signCount is nonzero … greater than": refusing the rest is
        // this relying party's policy, and accepting what a provider that syncs does
        if ((authenticatorData.SignCount | demand.SignCount) != 0 && authenticatorData.SignCount <= demand.SignCount)
        {
            if (!demand.SyncedCounterMayFall || !authenticatorData.BackupEligible || authenticatorData.SignCount != 0)
            {
                return AuthenticationError.SignCountNotIncreased;
            }

            facts = facts with { SignCountFell = true };
        }

        return null;
    }
}
