using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.RelyingParty.Authentication;

/// <summary>What an authentication response must answer to: the options that were sent, and the credential record.</summary>
public readonly ref struct AuthenticationDemand
{
    /// <summary>User presence is required, and a synced passkey's counter may fall to zero.</summary>
    public AuthenticationDemand()
    {
    }

    /// <summary>The challenge that was sent.</summary>
    public required ReadOnlySpan<byte> Challenge { get; init; }

    /// <summary>Whether user verification was required.</summary>
    public bool UserVerificationRequired { get; init; }

    /// <summary>Whether user presence is required: always, but for a silent status assertion.</summary>
    public bool UserPresenceRequired { get; init; } = true;

    /// <summary>The credentials that were asked for; empty for any.</summary>
    public ReadOnlySpan<CredentialId> AllowCredentials { get; init; }

    /// <summary>The stored public key, COSE.</summary>
    public required ByteString PublicKey { get; init; }

    /// <summary>The stored signature counter.</summary>
    public uint SignCount { get; init; }

    /// <summary>
    /// Whether a synced passkey's counter may fall to zero. Providers that sync keep none, and one that took a passkey over from a device
    /// that counted writes zero from then on: that is told (<see cref="AuthenticationFacts.SignCountFell"/>), and no sign of a copy.
    /// </summary>
    public bool SyncedCounterMayFall { get; init; } = true;

    /// <summary>The stored backup eligibility; null when it was not kept.</summary>
    public bool? BackupEligible { get; init; }

    /// <summary>The account's user handle; null when it is not kept.</summary>
    public UserHandle? UserHandle { get; init; }
}

/// <summary>What an authentication response says.</summary>
public readonly record struct AuthenticationFacts
{
    /// <summary>The signature counter.</summary>
    public uint SignCount { get; init; }

    /// <summary>UP.</summary>
    public bool UserPresent { get; init; }

    /// <summary>UV.</summary>
    public bool UserVerified { get; init; }

    /// <summary>BE.</summary>
    public bool BackupEligible { get; init; }

    /// <summary>BS.</summary>
    public bool BackupState { get; init; }

    /// <summary>The counter of a synced passkey fell to zero, and was allowed to.</summary>
    public bool SignCountFell { get; init; }
}
