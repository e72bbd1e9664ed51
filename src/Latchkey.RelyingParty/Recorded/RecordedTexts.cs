using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Recorded;

/// <summary>What a refusal means, for somebody who debugs a relying party.</summary>
internal static class RecordedTexts
{
    public static string Of(RegistrationError error) => error switch
    {
        RegistrationError.CeremonyUnknown => "The challenge was not made by this relying party.",
        RegistrationError.CeremonyExpired => "The ceremony was begun too long ago.",
        RegistrationError.CeremonyUserMismatch => "The ceremony was begun for another account.",
        RegistrationError.CeremonySessionMismatch => "The ceremony was begun in another session.",
        RegistrationError.CeremonyAlreadyUsed => "The ceremony was completed before with another response.",
        RegistrationError.TypeMismatch => "The client data's type is not webauthn.create.",
        RegistrationError.ChallengeMismatch => "The client data's challenge is not the one that was sent.",
        RegistrationError.OriginMismatch => "The client data's origin is not one of the expected origins.",
        RegistrationError.CrossOriginNotAllowed => "The ceremony ran inside another origin's page, which is not expected.",
        RegistrationError.TopOriginMismatch => "The client data's topOrigin is not one of the expected top origins.",
        RegistrationError.RpIdHashMismatch => "The authenticator data's rpIdHash is not the SHA-256 of the RP ID.",
        RegistrationError.UserNotPresent => "The UP flag is not set, though user presence is required.",
        RegistrationError.UserNotVerified => "The UV flag is not set, though user verification is required.",
        RegistrationError.BackupStateInvalid => "The BS flag is set without the BE flag.",
        RegistrationError.AttestedCredentialDataMissing => "The AT flag is not set, so there is no new credential in the authenticator data.",
        RegistrationError.AlgorithmNotOffered => "The algorithm of the credential public key is not one of those offered.",
        RegistrationError.AlgorithmUnsupported => "The algorithm of the credential public key is not supported.",
        RegistrationError.PublicKeyInvalid => "The credential public key does not fit its algorithm, is out of range, or is not on its curve.",
        RegistrationError.AttestationFormatUnsupported => "The attestation statement format is not supported.",
        RegistrationError.AttestationStatementInvalid => "The attestation statement does not have the syntax of its format.",
        RegistrationError.AttestationAlgorithmMismatch => "The attestation statement's alg is not the algorithm of the key that signed it.",
        RegistrationError.AttestationSignatureInvalid => "The attestation signature does not verify.",
        RegistrationError.AttestationCertificateInvalid => "The attestation certificate does not meet the requirements of its format.",
        RegistrationError.AttestationAaguidMismatch => "The attestation certificate names another AAGUID than the authenticator data.",
        RegistrationError.AttestationCertificateExpired => "A certificate on the way to the trust anchor is not valid at this time.",
        RegistrationError.AttestationUntrusted => "The attestation certificate does not lead to a configured trust anchor.",
        RegistrationError.CredentialIdLengthInvalid => "The credential ID is empty or longer than 1023 bytes.",
        RegistrationError.CredentialIdMismatch => "The response's id is not the credential ID in the authenticator data.",
        RegistrationError.CredentialAlreadyRegistered => "The credential ID is registered already.",
        RegistrationError.SelfServiceRegistrationDisabled => "The policy does not let people register passkeys themselves.",
        RegistrationError.PasskeyTypeNotAllowed => "The policy does not allow passkeys of this type.",
        RegistrationError.AttestationRequired => "The policy demands an attestation that leads to a trust anchor.",
        RegistrationError.AaguidNotAllowed => "The policy does not allow this model of authenticator.",
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };

    public static string Of(AuthenticationError error) => error switch
    {
        AuthenticationError.CeremonyUnknown => "The challenge was not made by this relying party.",
        AuthenticationError.CeremonyExpired => "The ceremony was begun too long ago.",
        AuthenticationError.CeremonyUserMismatch => "The ceremony was begun for another account.",
        AuthenticationError.CeremonySessionMismatch => "The ceremony was begun in another session.",
        AuthenticationError.CeremonyAlreadyUsed => "The ceremony was completed before with another response.",
        AuthenticationError.CredentialNotAllowed => "The credential is not one of the allowCredentials.",
        AuthenticationError.CredentialUnknown => "No such credential is registered.",
        AuthenticationError.UserHandleMissing => "The response has no userHandle, and the user was not identified beforehand.",
        AuthenticationError.UserHandleMismatch => "The response's userHandle is not the account's.",
        AuthenticationError.CredentialOwnerMismatch => "The credential belongs to another account than the one asked for.",
        AuthenticationError.TypeMismatch => "The client data's type is not webauthn.get.",
        AuthenticationError.ChallengeMismatch => "The client data's challenge is not the one that was sent.",
        AuthenticationError.OriginMismatch => "The client data's origin is not one of the expected origins.",
        AuthenticationError.CrossOriginNotAllowed => "The ceremony ran inside another origin's page, which is not expected.",
        AuthenticationError.TopOriginMismatch => "The client data's topOrigin is not one of the expected top origins.",
        AuthenticationError.RpIdHashMismatch => "The authenticator data's rpIdHash is not the SHA-256 of the RP ID, or of the AppID where that was used.",
        AuthenticationError.UserNotPresent => "The UP flag is not set, though user presence is required.",
        AuthenticationError.UserNotVerified => "The UV flag is not set, though user verification is required.",
        AuthenticationError.BackupStateInvalid => "The BS flag is set without the BE flag.",
        AuthenticationError.BackupEligibilityChanged => "The BE flag is not what it was at registration.",
        AuthenticationError.AttestedCredentialDataUnexpected => "The AT flag is set, which no assertion may have.",
        AuthenticationError.SignatureInvalid => "The signature does not verify with the stored public key.",
        AuthenticationError.SignCountNotIncreased => "The signature counter is not greater than the stored one.",
        AuthenticationError.PasskeyTypeNotAllowed => "The policy does not allow passkeys of this type.",
        AuthenticationError.AttestationRequired => "The policy demands an attestation that leads to a trust anchor.",
        AuthenticationError.AaguidNotAllowed => "The policy does not allow this model of authenticator.",
        _ => throw new ArgumentOutOfRangeException(nameof(error)),
    };
}
