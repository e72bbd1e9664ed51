using System.Text.Json;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Recorded;

/// <summary>
/// Judges recorded responses by the very ceremonies that run live, and gathers what can be read of them even when a rule
/// does not hold: for anyone who debugs a relying party. Not safe for concurrent use.
/// </summary>
/// <param name="time">The clock for cases that name no time.</param>
/// <param name="strict">Takes CBOR in the canonical form alone, and no counter that falls.</param>
public sealed class RecordedCeremony(TimeProvider time, bool strict = false)
{
    private const string CaseInvalid = "case_invalid";
    private const string AnchorUnreadable = "trust_anchor_unreadable";
    private const string CounterFell = "sign_count_fell_to_zero";

    private readonly CeremonyWorkspace _workspace = new(strict ? CborForm.Canonical : CborForm.AnyOrder);
    private readonly WireCborReader _canonical = new("nothing", default);

    /// <summary>Judges one case; never throws for what stands in it.</summary>
    public RecordedVerdict Judge(JsonElement json)
    {
        RecordedCase recorded;
        try
        {
            recorded = RecordedCase.Parse(json);
        }
        catch (WireFormatException e)
        {
            return new(RecordedOutcome.Malformed, CaseInvalid, e.Message);
        }

        try
        {
            return recorded.IsRegistration ? JudgeRegistration(recorded) : JudgeAuthentication(recorded);
        }
        catch (WireFormatException e)
        {
            // The response is a member of the case; what it carries has names of its own.
            return new(RecordedOutcome.Malformed, CaseInvalid, e.Message);
        }
    }

    private RecordedVerdict JudgeRegistration(RecordedCase recorded)
    {
        var response = RegistrationResponseJson.Parse(recorded.Response.Span);
        var known = Known(response) with { Warnings = [.. NotCanonical(response.AttestationObject, isRegistration: true), .. Unreadable(recorded)] };
        var demand = new RegistrationDemand
        {
            Challenge = recorded.Challenge,
            UserVerificationRequired = recorded.UserVerificationRequired,
            UserPresenceRequired = recorded.UserPresenceRequired,
            // An empty list offers nothing; the ceremony reads an empty span as "all".
            Algorithms = recorded.Algorithms is { } algorithms ? algorithms.Count > 0 ? [.. algorithms] : [default] : [],
            AttestationTrust = recorded.AttestationTrust,
            TrustAnchors = recorded.TrustAnchors,
            Now = recorded.AtTime ?? time.GetUtcNow(),
        };
        try
        {
            return RegistrationCeremony.Verify(recorded.Scope, demand, response, _workspace, out var facts) is { } error
                ? known with { Outcome = RecordedOutcome.Refused, Error = error.Code(), Detail = RecordedTexts.Of(error) }
                : known with { Outcome = RecordedOutcome.Valid, Detail = "Every rule of the registration ceremony holds.", AttestationType = facts.AttestationType };
        }
        catch (WireFormatException e)
        {
            return known with { Outcome = RecordedOutcome.Malformed, Error = CodeOf(e), Detail = e.Message, Warnings = [] };
        }
    }

    private RecordedVerdict JudgeAuthentication(RecordedCase recorded)
    {
        _workspace.Cbor.Reset("COSE key", recorded.StoredPublicKey.Memory);
        var algorithm = CoseKey.Read(_workspace.Cbor).Algorithm;
        _workspace.Cbor.ExpectEnd();
        var response = AuthenticationResponseJson.Parse(recorded.Response.Span);
        var known = Known(response, algorithm) with { Warnings = [.. NotCanonical(response.AuthenticatorData, isRegistration: false)] };
        var demand = new AuthenticationDemand
        {
            Challenge = recorded.Challenge,
            UserVerificationRequired = recorded.UserVerificationRequired,
            UserPresenceRequired = recorded.UserPresenceRequired,
            AllowCredentials = [.. recorded.AllowCredentials],
            PublicKey = recorded.StoredPublicKey,
            SignCount = recorded.StoredSignCount,
            SyncedCounterMayFall = !strict,
            BackupEligible = recorded.StoredBackupEligible,
            UserHandle = recorded.StoredUserHandle,
        };
        try
        {
            return AuthenticationCeremony.Verify(recorded.Scope, demand, response, _workspace, out var facts) is { } error
                ? known with { Outcome = RecordedOutcome.Refused, Error = error.Code(), Detail = RecordedTexts.Of(error) }
                : known with
                {
                    Outcome = RecordedOutcome.Valid,
                    Detail = facts.SignCountFell
                        ? "Every rule of the authentication ceremony holds. The counter of a synced passkey fell to zero: its provider keeps none."
                        : "Every rule of the authentication ceremony holds.",
                    Warnings = facts.SignCountFell ? [.. known.Warnings, CounterFell] : known.Warnings,
                };
        }
        catch (WireFormatException e)
        {
            return known with { Outcome = RecordedOutcome.Malformed, Error = CodeOf(e), Detail = e.Message, Warnings = [] };
        }
    }

    // What can be read is told whatever the verdict: a ceremony stops at the first rule, a person wants to see the rest.
    private RecordedVerdict Known(in RegistrationResponseJson response)
    {
        var known = new RecordedVerdict(RecordedOutcome.Malformed, null, "") { CredentialId = response.Id };
        try
        {
            var attestation = AttestationObject.Parse(response.AttestationObject, _workspace.Cbor);
            known = known with { AttestationFormat = attestation.Format };
            var authenticatorData = AuthenticatorData.Parse(attestation.AuthData, _workspace.Cbor);
            known = WithAuthenticatorData(known, authenticatorData);
            if (authenticatorData.AttestedCredentialData is { } attested)
            {
                known = known with { CredentialId = attested.CredentialId, Aaguid = attested.Aaguid };
                _workspace.Cbor.Reset("credential public key", attested.CredentialPublicKey.Memory);
                known = known with { Algorithm = CoseKey.Read(_workspace.Cbor).Algorithm };
            }
        }
        catch (WireFormatException)
        {
            // What comes after it is not known; the ceremony says whether that matters.
        }

        return known;
    }

    private RecordedVerdict Known(in AuthenticationResponseJson response, CoseAlgorithm algorithm)
    {
        var known = new RecordedVerdict(RecordedOutcome.Malformed, null, "") { CredentialId = response.Id, Algorithm = algorithm };
        try
        {
            return WithAuthenticatorData(known, AuthenticatorData.Parse(response.AuthenticatorData, _workspace.Cbor));
        }
        catch (WireFormatException)
        {
            return known;
        }
    }

    private static string[] Unreadable(RecordedCase recorded) => recorded.TrustAnchors.Unreadable > 0 ? [AnchorUnreadable] : [];

    // What is read in any form all the same is worth knowing: another relying party may refuse it.
    private string[] NotCanonical(ByteString bytes, bool isRegistration)
    {
        try
        {
            var data = isRegistration ? AttestationObject.Parse(bytes, _canonical).AuthData : bytes;
            AuthenticatorData.Parse(data, _canonical);
            return [];
        }
        catch (WireFormatException e)
        {
            return [$"{Name(e)}_not_canonical"];
        }
    }

    private static RecordedVerdict WithAuthenticatorData(RecordedVerdict known, in AuthenticatorData data) => known with
    {
        SignCount = data.SignCount,
        UserPresent = data.UserPresent,
        UserVerified = data.UserVerified,
        BackupEligible = data.BackupEligible,
        BackupState = data.BackupState,
    };

    private static string CodeOf(WireFormatException e) => $"{Name(e)}_malformed";

    private static string Name(WireFormatException e) => e.Structure.Replace(' ', '_').ToLowerInvariant();
}
