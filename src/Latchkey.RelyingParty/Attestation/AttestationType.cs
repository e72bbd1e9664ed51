namespace Latchkey.RelyingParty.Attestation;

/// <summary>What an attestation proved. <see href="https://www.w3.org/TR/webauthn-3/#sctn-attestation-types"/></summary>
public enum AttestationType
{
    /// <summary>No attestation: nothing is known of the authenticator.</summary>
    None,

    /// <summary>Self attestation: the key was there and signed, no more.</summary>
    Self,

    /// <summary>Certificates whose chain was not asked about; basic or by an attestation CA, which cannot be told apart.</summary>
    Unverified,

    /// <summary>Certificates that lead to a configured anchor; basic or by an attestation CA.</summary>
    Trusted,
}
