namespace Latchkey.RelyingParty.Attestation;

/// <summary>What kind of attestation was given; whether it leads to an anchor is told apart. <see href="https://www.w3.org/TR/webauthn-3/#sctn-attestation-types"/></summary>
public enum AttestationType
{
    /// <summary>No attestation: nothing is known of the authenticator.</summary>
    None,

    /// <summary>Self attestation: the key was there and signed, no more.</summary>
    Self,

    /// <summary>A certificate shared by many authenticators of a model, or one by an attestation CA that cannot be told from it.</summary>
    Basic,

    /// <summary>A certificate by an attestation CA, as a TPM has it.</summary>
    AttCA,

    /// <summary>A certificate by an anonymization CA, made for one credential.</summary>
    AnonCA,
}
