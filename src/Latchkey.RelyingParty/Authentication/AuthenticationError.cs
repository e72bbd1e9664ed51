namespace Latchkey.RelyingParty.Authentication;

/// <summary>
/// Why an authentication was refused. The member's name in snake_case is its code on every outer layer
/// (<see cref="ErrorCodes"/>); the set is closed.
/// </summary>
public enum AuthenticationError
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

    /// <summary>The credential is not one of those asked for.</summary>
    CredentialNotAllowed,

    /// <summary>No such credential is registered.</summary>
    CredentialUnknown,

    /// <summary>The user was not known beforehand and the response has no user handle.</summary>
    UserHandleMissing,

    /// <summary>The response's user handle is not the account's.</summary>
    UserHandleMismatch,

    /// <summary>The credential belongs to another account than the one the ceremony was begun for.</summary>
    CredentialOwnerMismatch,

    /// <summary>The client data's type is not <c>webauthn.get</c>.</summary>
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

    /// <summary>Backup eligibility is not what it was at registration.</summary>
    BackupEligibilityChanged,

    /// <summary>The authenticator data holds a new credential, which no assertion may.</summary>
    AttestedCredentialDataUnexpected,

    /// <summary>The stored key's algorithm cannot be checked here.</summary>
    AlgorithmUnsupported,

    /// <summary>The signature does not verify.</summary>
    SignatureInvalid,

    /// <summary>The signature counter did not grow: there may be a copy of the key.</summary>
    SignCountNotIncreased,

    /// <summary>The policy does not allow synced passkeys, or does not allow device-bound ones.</summary>
    PasskeyTypeNotAllowed,

    /// <summary>The policy demands an attestation that leads to a trust anchor.</summary>
    AttestationRequired,

    /// <summary>The policy demands an attestation, and the one this passkey was registered with was revoked since.</summary>
    AttestationRevoked,

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
