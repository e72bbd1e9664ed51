using System.Collections.Frozen;
using System.Globalization;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Registration;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Problems;

/// <summary>One failure, from end to end: its code, its HTTP status, what a person reads, and what they can do.</summary>
public sealed record Problem(string Code, int Status)
{
    public string Text => Texts(Code);

    public string NextStep => Texts(Code + "_next");

    /// <summary>Both, where they stand in one place.</summary>
    public string Whole => $"{Text} {NextStep}";

    private static string Texts(string key) => ProblemTexts.ResourceManager.GetString(key, CultureInfo.CurrentUICulture) ?? "";
}

/// <summary>The one table of problems. Every refusal the ceremonies know stands here, and the server's own.</summary>
public static class ProblemTable
{
    private static readonly FrozenDictionary<string, Problem> Rows = new Problem[]
    {
        Row(RegistrationError.CeremonyUnknown, 400),
        Row(RegistrationError.CeremonyExpired, 400),
        Row(RegistrationError.CeremonyUserMismatch, 403),
        Row(RegistrationError.CeremonySessionMismatch, 403),
        Row(RegistrationError.CeremonyAlreadyUsed, 409),
        Row(RegistrationError.TypeMismatch, 400),
        Row(RegistrationError.ChallengeMismatch, 400),
        Row(RegistrationError.OriginMismatch, 400),
        Row(RegistrationError.CrossOriginNotAllowed, 400),
        Row(RegistrationError.TopOriginMismatch, 400),
        Row(RegistrationError.RpIdHashMismatch, 400),
        Row(RegistrationError.UserNotPresent, 400),
        Row(RegistrationError.UserNotVerified, 400),
        Row(RegistrationError.BackupStateInvalid, 400),
        Row(RegistrationError.AttestedCredentialDataMissing, 400),
        Row(RegistrationError.AlgorithmNotOffered, 400),
        Row(RegistrationError.AlgorithmUnsupported, 400),
        Row(RegistrationError.PublicKeyInvalid, 400),
        Row(RegistrationError.AttestationFormatUnsupported, 400),
        Row(RegistrationError.AttestationStatementInvalid, 400),
        Row(RegistrationError.AttestationAlgorithmMismatch, 400),
        Row(RegistrationError.AttestationSignatureInvalid, 400),
        Row(RegistrationError.AttestationCertificateInvalid, 400),
        Row(RegistrationError.AttestationAaguidMismatch, 400),
        Row(RegistrationError.AttestationCertificateExpired, 400),
        Row(RegistrationError.AttestationUntrusted, 403),
        Row(RegistrationError.AttestationRevoked, 403),
        Row(RegistrationError.CredentialIdLengthInvalid, 400),
        Row(RegistrationError.CredentialIdMismatch, 400),
        Row(RegistrationError.CredentialAlreadyRegistered, 409),
        Row(RegistrationError.SelfServiceRegistrationDisabled, 403),
        Row(RegistrationError.PasskeyTypeNotAllowed, 403),
        Row(RegistrationError.AttestationRequired, 403),
        Row(RegistrationError.AaguidNotAllowed, 403),
        Row(RegistrationError.AaguidBlocked, 403),
        Row(RegistrationError.MethodDisabled, 403),
        Row(RegistrationError.MethodNotIncluded, 403),
        Row(RegistrationError.MethodExcluded, 403),
        Row(AuthenticationError.CredentialNotAllowed, 403),
        Row(AuthenticationError.CredentialUnknown, 404),
        Row(AuthenticationError.UserHandleMissing, 400),
        Row(AuthenticationError.UserHandleMismatch, 403),
        Row(AuthenticationError.CredentialOwnerMismatch, 403),
        Row(AuthenticationError.BackupEligibilityChanged, 403),
        Row(AuthenticationError.AttestedCredentialDataUnexpected, 400),
        Row(AuthenticationError.SignatureInvalid, 403),
        Row(AuthenticationError.SignCountNotIncreased, 403),
        new("response_malformed", 400),
        new("request_malformed", 400),
        new("challenge_timeout_invalid", 400),
        new("display_name_invalid", 400),
        new("sign_in_required", 401),
        new(AuthenticationDesk.Disabled, 403),
        new("scope_missing", 403),
        new("mfa_required", 403),
        new("step_up_required", 403),
        new("last_method", 409),
        new("session_not_found", 404),
        new("attestation_person_mismatch", 403),
        new("attestation_model_not_ours", 403),
        new("attestation_request_invalid", 400),
        new("attestation_key_revoked", 403),
        new("attestation_certificate_not_found", 404),
        new("attestation_certificate_limit_reached", 409),
        new("attestation_authority_unusable", 503),
        new("passkey_not_found", 404),
        new("passkey_limit_reached", 409),
        new("phone_sign_in_not_offered", 403),
        new("notifications_not_offered", 403),
        new("code_limit_reached", 409),
        new("code_wrong", 400),
        new("code_setup_expired", 400),
        new("code_method_not_found", 404),
        new("authenticator_not_found", 404),
        new("authenticator_limit_reached", 409),
        new("device_key_invalid", 400),
        new("device_key_in_use", 409),
        new("device_signature_invalid", 403),
        new("device_challenge_invalid", 400),
        new("approval_over", 409),
        new("approval_number_wrong", 403),
        new("approval_waiting", 409),
        new("approvals_quiet", 403),
        new("approvals_locked", 403),
        new("too_many_attempts", 429),
        new("pass_lifetime_not_allowed", 403),
        new("pass_reuse_not_allowed", 403),
        new("pass_start_invalid", 400),
        new("policy_malformed", 400),
        new("policy_member_unknown", 400),
        new("policy_member_missing", 400),
        new("policy_value_invalid", 400),
        new("policy_aaguid_invalid", 400),
        new("policy_group_unknown", 400),
        new("policy_profile_unknown", 400),
        new("policy_contradictory", 400),
        new("policy_version_mismatch", 412),
        new("policy_names_group", 409),
        new("internal_error", 500),
    }.ToFrozenDictionary(problem => problem.Code, StringComparer.Ordinal);

    public static IEnumerable<Problem> All => Rows.Values;

    /// <exception cref="KeyNotFoundException">The code stands in no row: a mistake of ours.</exception>
    public static Problem Of(string code) => Rows[code];

    public static bool Knows(string code) => Rows.ContainsKey(code);

    private static Problem Row(RegistrationError error, int status) => new(error.Code(), status);

    private static Problem Row(AuthenticationError error, int status) => new(error.Code(), status);
}
