namespace Latchkey.RelyingParty.Attestation;

/// <summary>What is asked of an attestation by certificates.</summary>
public enum AttestationTrust
{
    /// <summary>It must lead to a configured anchor, valid at the time given.</summary>
    Verify,

    /// <summary>Statement and certificate contents are checked; where the certificate leads, and validity dates, are not.</summary>
    Skip,

    /// <summary>The same, and what cannot be judged here (another format, algorithm, or form of certificate) counts as no attestation.</summary>
    Optional,
}
