namespace Latchkey.RelyingParty.Registration;

/// <summary>
/// Why a registration was refused. The member's name in snake_case is its code on every outer layer
/// (<see cref="ErrorCodes"/>); the set is closed.
/// </summary>
public enum RegistrationError
{
    /// <summary>The challenge is not one this server sealed, or it was sealed for another kind of ceremony.</summary>
    CeremonyUnknown = 1,

    /// <summary>The ceremony was begun too long ago.</summary>
    CeremonyExpired,

    /// <summary>The ceremony was begun for another account.</summary>
    CeremonyUserMismatch,

    /// <summary>The ceremony was begun in another session.</summary>
    CeremonySessionMismatch,

    /// <summary>The ceremony was completed before, with another response.</summary>
    CeremonyAlreadyUsed,

    /// <summary>The client data's type is not <c>webauthn.create</c>.</summary>
    TypeMismatch,

    /// <summary>The client data's challenge is not the one that was sent.</summary>
    ChallengeMismatch,

    /// <summary>The client data's origin is not one of the expected.</summary>
    OriginMismatch,

    /// <summary>The ceremony ran in a page inside another origin's page, which is not expected.</summary>
    CrossOriginNotAllowed,

    /// <summary>The page around it is not one of the expected.</summary>
    TopOriginMismatch,

    /// <summary>The authenticator signed for another RP ID.</summary>
    RpIdHashMismatch,

    /// <summary>The user-present flag is not set.</summary>
    UserNotPresent,

    /// <summary>The user-verified flag is not set, though it was required.</summary>
    UserNotVerified,

    /// <summary>Backup state is set without backup eligibility.</summary>
    BackupStateInvalid,

    /// <summary>The authenticator data holds no new credential.</summary>
    AttestedCredentialDataMissing,

    /// <summary>The key's algorithm is not one of those offered.</summary>
    AlgorithmNotOffered,

    /// <summary>The key's algorithm, or that of the attestation statement, cannot be checked here.</summary>
    AlgorithmUnsupported,

    /// <summary>The key does not fit its algorithm, or its numbers are out of range or off the curve.</summary>
    PublicKeyInvalid,

    /// <summary>The attestation statement format is not checked here (yet).</summary>
    AttestationFormatUnsupported,

    /// <summary>The attestation statement does not have the syntax of its format.</summary>
    AttestationStatementInvalid,

    /// <summary>The attestation statement names another algorithm than the key that signed it.</summary>
    AttestationAlgorithmMismatch,

    /// <summary>The attestation signature does not verify.</summary>
    AttestationSignatureInvalid,

    /// <summary>The attestation certificate breaks a requirement of its format.</summary>
    AttestationCertificateInvalid,

    /// <summary>The attestation certificate names another AAGUID than the authenticator data.</summary>
    AttestationAaguidMismatch,

    /// <summary>The attestation certificate, or one above it, is not valid at this time.</summary>
    AttestationCertificateExpired,

    /// <summary>The attestation certificate does not lead to a configured trust anchor.</summary>
    AttestationUntrusted,

    /// <summary>The attestation certificate, or the authority that issued it, was revoked.</summary>
    AttestationRevoked,

    /// <summary>The credential ID is empty or longer than 1023 bytes.</summary>
    CredentialIdLengthInvalid,

    /// <summary>The response names another credential ID than the authenticator data.</summary>
    CredentialIdMismatch,

    /// <summary>The credential ID is registered already, for this account or another.</summary>
    CredentialAlreadyRegistered,

    /// <summary>The policy lets nobody register passkeys by themselves.</summary>
    SelfServiceRegistrationDisabled,

    /// <summary>The policy does not allow synced passkeys, or does not allow device-bound ones.</summary>
    PasskeyTypeNotAllowed,

    /// <summary>The policy demands an attestation that leads to a trust anchor.</summary>
    AttestationRequired,

    /// <summary>The policy's list of allowed models does not name this model of authenticator.</summary>
    AaguidNotAllowed,

    /// <summary>The policy's list of refused models names this model of authenticator.</summary>
    AaguidBlocked,

    /// <summary>The policy has passkeys turned off.</summary>
    MethodDisabled,

    /// <summary>The policy offers passkeys to no group the person is in.</summary>
    MethodNotIncluded,

    /// <summary>The policy keeps passkeys from a group the person is in.</summary>
    MethodExcluded,
}
