using System.Collections.Immutable;
using Latchkey.Authenticator.Codes;

namespace Latchkey.Authenticator.Vault;

/// <summary>An account whose setting up was begun and has not ended: it goes on at the next start.</summary>
/// <param name="AccountId">The account.</param>
/// <param name="Since">Since when.</param>
public sealed record VaultSetup(string AccountId, DateTimeOffset Since)
{
    /// <summary>The portal's short code, if the person came with one.</summary>
    public string? Handoff { get; init; }

    /// <summary>The methods the person did not want, by the names a registration plan gives them: they are not asked again.</summary>
    public ImmutableList<string> Skipped { get; init => field = value ?? []; } = [];
}

/// <summary>
/// Codes the server made a secret for and has not acknowledged yet. The secret is here before the server hears that it arrived, so that what the
/// server keeps is never lost here.
/// </summary>
/// <param name="AccountId">The account they are for.</param>
/// <param name="MethodId">The sign-in method they will be on the server.</param>
/// <param name="Pending">What the server gave to be sent back with the first code.</param>
/// <param name="Key">The secret.</param>
/// <param name="Since">Since when.</param>
public sealed record VaultPendingCode(string AccountId, Guid MethodId, string Pending, TotpKey Key, DateTimeOffset Since)
{
    /// <summary>What may be printed: never the secret.</summary>
    public override string ToString() => $"pending {Key}";
}
