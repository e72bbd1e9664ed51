using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;

namespace Latchkey.RelyingParty.Recorded;

/// <summary>The three ways a case can end.</summary>
public enum RecordedOutcome
{
    /// <summary>Every rule holds.</summary>
    Valid,

    /// <summary>What was sent can be read, and a rule does not hold.</summary>
    Refused,

    /// <summary>The case, or something in it, cannot be read.</summary>
    Malformed,
}

/// <summary>What was found out about a case; members that are not known, or that the kind does not have, are null.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Error">The code of the first rule that does not hold, or of what is malformed; null when valid.</param>
/// <param name="Detail">A sentence for a person.</param>
public sealed record RecordedVerdict(RecordedOutcome Outcome, string? Error, string Detail)
{
    /// <summary>Codes of what is odd and breaks no rule here.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The signature counter.</summary>
    public uint? SignCount { get; init; }

    /// <summary>UP.</summary>
    public bool? UserPresent { get; init; }

    /// <summary>UV.</summary>
    public bool? UserVerified { get; init; }

    /// <summary>BE.</summary>
    public bool? BackupEligible { get; init; }

    /// <summary>BS.</summary>
    public bool? BackupState { get; init; }

    /// <summary>The credential ID.</summary>
    public CredentialId? CredentialId { get; init; }

    /// <summary>The authenticator's model; of a registration.</summary>
    public Aaguid? Aaguid { get; init; }

    /// <summary>The algorithm of the new key, or of the stored one.</summary>
    public CoseAlgorithm? Algorithm { get; init; }

    /// <summary>The attestation statement format; of a registration.</summary>
    public string? AttestationFormat { get; init; }

    /// <summary>What kind of attestation was given; of a registration that is valid.</summary>
    public AttestationType? AttestationType { get; init; }
}
