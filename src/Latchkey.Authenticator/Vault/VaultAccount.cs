using System.Text.Json.Serialization;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator.Vault;

/// <summary>An account the app is signed in to.</summary>
/// <param name="Id">Names the account in this vault.</param>
/// <param name="Server">The server's root.</param>
/// <param name="Subject">The subject: who the account is on that server.</param>
/// <param name="UserName">The name the person signs in with.</param>
/// <param name="DisplayName">The person's name.</param>
/// <param name="Organisation">The organisation's display name.</param>
public sealed record VaultAccount(string Id, Uri Server, string Subject, string UserName, string DisplayName, string Organisation)
{
    // What its server calls itself and the person is shown and never compared: it is kept as it may be seen.

    /// <summary>The organisation, as its server calls it.</summary>
    public string Organisation { get; init => field = ForeignText.FirstOf(value, Server.Host).Plain; } = ForeignText.FirstOf(Organisation, Server.Host).Plain;

    /// <summary>The person, as their server calls them.</summary>
    public string DisplayName { get; init => field = ForeignText.FirstOf(value, UserName).Plain; } = ForeignText.FirstOf(DisplayName, UserName).Plain;

    /// <summary>The refresh token; absent when the person has to sign in again.</summary>
    public string? RefreshToken { get; init; }

    /// <summary>The organisation's own tunnel domain for the hybrid transport; absent when it has set none.</summary>
    public int? TunnelDomain { get; init; }

    /// <summary>This device's key for the account, by which it answers the server; absent until it is registered there.</summary>
    public VaultDevice? Device { get; init; }

    /// <summary>What vouches for new passkeys of this account at its server; absent until the server has issued it.</summary>
    public AttestationKey? Attestation { get; init; }

    /// <summary>When it was added.</summary>
    public required DateTimeOffset AddedAt { get; init; }

    /// <summary>What may be printed: never the token.</summary>
    public override string ToString() => $"{UserName} at {Server}";
}

/// <summary>Something the app owes a server; kept until the server has answered, across restarts. One of the types below.</summary>
/// <param name="AccountId">The account whose sign-in it needs.</param>
/// <param name="CredentialId">The passkey it is about.</param>
/// <param name="Since">Since when.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(OutstandingRegistration), "registration")]
[JsonDerivedType(typeof(OutstandingDeletion), "deletion")]
public abstract record VaultWork(string AccountId, CredentialId CredentialId, DateTimeOffset Since);

/// <summary>A registration response the server has not acknowledged: the same bytes are sent again until it answers.</summary>
/// <param name="AccountId">The account whose sign-in it needs.</param>
/// <param name="CredentialId">The new passkey.</param>
/// <param name="Since">Since when.</param>
/// <param name="ResponseJson">The registration response as it is posted, JSON in UTF-8.</param>
/// <param name="DisplayName">The display name to register it under, if the person gave one.</param>
/// <param name="Handoff">The portal's short code, if the person came with one.</param>
public sealed record OutstandingRegistration(string AccountId, CredentialId CredentialId, DateTimeOffset Since, ByteString ResponseJson, string? DisplayName, string? Handoff)
    : VaultWork(AccountId, CredentialId, Since)
{
    /// <summary>A passkey whose key is not here (another device's, or a lost vault's) and whose record goes once the server accepted this one; null when none does.</summary>
    public CredentialId? ReplacesElsewhere { get; init; }
}

/// <summary>A deletion the server has not acknowledged.</summary>
/// <param name="AccountId">The account whose sign-in it needs.</param>
/// <param name="CredentialId">The passkey to delete there.</param>
/// <param name="Since">Since when.</param>
public sealed record OutstandingDeletion(string AccountId, CredentialId CredentialId, DateTimeOffset Since) : VaultWork(AccountId, CredentialId, Since)
{
    /// <summary>The person was warned that it is their last way to sign in there, and means it.</summary>
    public bool EvenIfLast { get; init; }
}
