using System.Text.Json.Serialization;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

/// <summary>
/// How far a new credential has come. It is offered for sign-in only once it is delivered, and the credential it replaces is
/// kept until it is confirmed.
/// </summary>
public enum CredentialState
{
    /// <summary>Stored with its response, before the answer leaves. Never offered.</summary>
    Staged,

    /// <summary>The client has the answer. Offered.</summary>
    Delivered,

    /// <summary>The relying party keeps it. Offered.</summary>
    Confirmed,

    /// <summary>The person deleted it, and its server has not been told yet. Never offered; until then the person can keep it after all.</summary>
    Deleting,

    /// <summary>Deleted; kept for <see cref="PublicKeyCredentialSource.DeletedLifetime"/> in case it was a mistake. Never offered.</summary>
    RecentlyDeleted,
}

/// <summary>
/// What the authenticator keeps of a passkey; the relying party's half is a credential record.
/// <see href="https://www.w3.org/TR/webauthn-3/#public-key-credential-source"/>
/// </summary>
public sealed record PublicKeyCredentialSource
{
    /// <summary>How long a deleted credential can be brought back.</summary>
    public static readonly TimeSpan DeletedLifetime = TimeSpan.FromDays(30);

    /// <summary>The credential ID, 32 random bytes.</summary>
    public required CredentialId Id { get; init; }

    /// <summary>The RP ID it is bound to.</summary>
    public required string RpId { get; init; }

    /// <summary>The relying party's name, if it gave one.</summary>
    public string? RpName { get; init; }

    /// <summary>The user handle.</summary>
    public required UserHandle UserHandle { get; init; }

    /// <summary>The account's name, if the relying party gave one.</summary>
    public string? UserName { get; init; }

    /// <summary>The person's name, if the relying party gave one.</summary>
    public string? UserDisplayName { get; init; }

    /// <summary>The signature algorithm.</summary>
    public required CoseAlgorithm Algorithm { get; init; }

    /// <summary>The private key as <see cref="CredentialKey"/> writes it. Stays in this library.</summary>
    [JsonInclude]
    internal ByteString PrivateKey { get; init; }

    /// <summary>Found without an allow list.</summary>
    public required bool Discoverable { get; init; }

    /// <summary>How hidden it is from someone who was not verified.</summary>
    public CredentialProtection Protection { get; init; } = CredentialProtection.UserVerificationOptional;

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it last signed with the person present; absent when it never did.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>How far it has come.</summary>
    public required CredentialState State { get; init; }

    /// <summary>The answer to makeCredential, CBOR; kept until it is confirmed.</summary>
    public ByteString? Response { get; init; }

    /// <summary>The credential it replaces once it is confirmed.</summary>
    public CredentialId? Replaces { get; init; }

    /// <summary>
    /// Its answer goes to another device by itself, so that one found staged after a kill may be in somebody's hands already: losing a
    /// passkey that its relying party keeps is worse than holding one that nobody asks for.
    /// </summary>
    public bool MayHaveLeft { get; init; }

    /// <summary>When it was deleted; only when <see cref="CredentialState.RecentlyDeleted"/>.</summary>
    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>When the relying party said that it does not know this passkey, which nobody could prove; absent while it is shown.</summary>
    public DateTimeOffset? HiddenAt { get; init; }

    /// <summary>The display name the relying party keeps for it, when the app knows it.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The <see cref="Vault.VaultAccount.Id"/> it belongs to, when the app knows that its server keeps it.</summary>
    public string? AccountId { get; init; }

    /// <summary>Whether its server says that it vouches for this Authenticator having made it.</summary>
    public bool IsVouchedFor { get; init; }

    /// <summary>The server of ours that said that it keeps it, where no account of the vault answers for it.</summary>
    public Uri? Server { get; init; }

    /// <summary>Deleted here, while its server still lists it: the person has to say which of the two is right.</summary>
    public bool StillRegistered { get; init; }

    /// <summary>Its server keeps it no longer, and so bringing it back must fail.</summary>
    public bool GoneAtServer { get; init; }

    /// <summary>It was deleted at its server, by its owner or an administrator, and went here for that.</summary>
    public bool DeletedThere { get; init; }

    /// <summary>Why its server would not delete it, in the server's words; absent when it was not asked, or did.</summary>
    public string? DeletionRefused { get; init; }

    /// <summary>May be used to sign in.</summary>
    [JsonIgnore]
    public bool IsOffered => IsKept && HiddenAt is null;

    /// <summary>Is there to stay: offered, or only hidden.</summary>
    [JsonIgnore]
    public bool IsKept => State is CredentialState.Delivered or CredentialState.Confirmed;

    /// <summary>The relying party, as a person may see it: its name, else its RP ID.</summary>
    [JsonIgnore]
    public string ShownRp => ForeignText.FirstOf(RpName, RpId).ToString();

    /// <summary>The account's name, as a person may see it; null when there is none.</summary>
    [JsonIgnore]
    public string? ShownUserName => ForeignText.Of(UserName) is { IsBlank: false } name ? name.ToString() : null;

    /// <summary>What it is called, as a person may see it: by its relying party's list, else by the account.</summary>
    [JsonIgnore]
    public string ShownName => ForeignText.FirstOf(DisplayName, UserName, RpId).ToString();

    /// <summary>The account as CTAP names it.</summary>
    [JsonIgnore]
    public CtapUser User => new(UserHandle, UserName, UserDisplayName);

    /// <summary>What may be printed: never the key.</summary>
    public override string ToString() => $"passkey {Id} for {RpId} ({State})";
}
