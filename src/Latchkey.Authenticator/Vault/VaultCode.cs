using Latchkey.Authenticator.Codes;

namespace Latchkey.Authenticator.Vault;

/// <summary>Codes this vault can show: for one of its accounts, or for any other.</summary>
/// <param name="Id">Names them in this vault.</param>
/// <param name="Key">The secret, and what it is called.</param>
/// <param name="AddedAt">When they were added.</param>
public sealed record VaultCode(string Id, TotpKey Key, DateTimeOffset AddedAt)
{
    /// <summary>The <see cref="VaultAccount.Id"/> they belong to, when the app registered them there itself.</summary>
    public string? AccountId { get; init; }

    /// <summary>The sign-in method they are on that account's server.</summary>
    public Guid? MethodId { get; init; }

    /// <summary>New ones, with an ID of their own.</summary>
    public static VaultCode Of(TotpKey key, DateTimeOffset now) => new(Guid.CreateVersion7(now).ToString("N"), key, now);
}

/// <summary>Codes that were deleted, and can be brought back for as long as a passkey can.</summary>
/// <param name="Code">The codes, as they were.</param>
/// <param name="DeletedAt">When.</param>
public sealed record DeletedCode(VaultCode Code, DateTimeOffset DeletedAt);
