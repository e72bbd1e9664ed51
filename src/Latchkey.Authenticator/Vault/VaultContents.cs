using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Latchkey.Authenticator.Codes;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator.Vault;

/// <summary>All a vault holds, and how it may change. Immutable: a change makes new contents, and <see cref="FileCredentialStore"/> puts them on disk.</summary>
public sealed record VaultContents
{
    /// <summary>A new vault's contents.</summary>
    public static VaultContents Empty { get; } = new();

    /// <summary>The passkeys in every state, newest first.</summary>
    public ImmutableList<PublicKeyCredentialSource> Credentials { get; init; } = [];

    /// <summary>The accounts the app is signed in to, oldest first.</summary>
    public ImmutableList<VaultAccount> Accounts { get; init; } = [];

    /// <summary>What the app owes servers, oldest first.</summary>
    public ImmutableList<VaultWork> Work { get; init; } = [];

    /// <summary>The codes it can show, in the person's own order.</summary>
    // The generated reader sets every member, with null for those a vault of older days does not have.
    public ImmutableList<VaultCode> Codes { get; init => field = value ?? []; } = [];

    /// <summary>The codes deleted in the last 30 days, newest first.</summary>
    public ImmutableList<DeletedCode> DeletedCodes { get; init => field = value ?? []; } = [];

    /// <summary>The accounts whose setting up has not ended, oldest first.</summary>
    public ImmutableList<VaultSetup> Setups { get; init => field = value ?? []; } = [];

    /// <summary>The codes whose registration no server has acknowledged yet.</summary>
    public ImmutableList<VaultPendingCode> PendingCodes { get; init => field = value ?? []; } = [];

    /// <summary>The sign-ins of accounts that were removed here, as far as their servers have not been told.</summary>
    public ImmutableList<VaultSignOut> SignOuts { get; init => field = value ?? []; } = [];

    /// <summary>After how long without anybody at it the vault is locked.</summary>
    public LockAfter LockAfter { get; init; }

    /// <summary>The names the person goes by in these accounts: no PIN of theirs is one of them.</summary>
    [JsonIgnore]
    public IEnumerable<string> OwnNames => Accounts.SelectMany(account => (string[])[account.UserName, account.DisplayName, account.Organisation]);

    /// <summary>A passkey by its ID; null when there is none.</summary>
    public PublicKeyCredentialSource? Find(CredentialId id) => Credentials.Find(credential => credential.Id == id);

    internal VaultContents Stage(PublicKeyCredentialSource credential) => this with { Credentials = Credentials.Insert(0, credential) };

    internal VaultContents Deliver(CredentialId id) => Change(id, credential => credential.State == CredentialState.Staged ? credential with { State = CredentialState.Delivered } : credential);

    internal VaultContents Confirm(CredentialId id, DateTimeOffset now)
    {
        // The answer came while the person was deleting it: it goes all the same, and what it was to replace stays.
        if (Find(id) is { State: CredentialState.Deleting }) return Change(id, credential => credential with { Response = null, Replaces = null }) with { Work = WithoutRegistration(id) };

        var replaced = Find(id)?.Replaces;
        var owed = Work.OfType<OutstandingRegistration>().FirstOrDefault(work => work.CredentialId == id);
        var confirmed = Change(id, credential => credential.State is CredentialState.Staged or CredentialState.Delivered
            ? credential with { State = CredentialState.Confirmed, Response = null, Replaces = null }
            : credential) with { Work = WithoutRegistration(id) };
        if (replaced is { } old && Find(old) is not null)
        {
            // The old one is gone here; that it goes on the server too is owed from the same moment on.
            confirmed = confirmed.MoveToDeleted(old, now);
            if (owed is not null) confirmed = confirmed with { Work = confirmed.Work.Add(new OutstandingDeletion(owed.AccountId, old, now)) };
        }

        return owed?.ReplacesElsewhere is { } elsewhere ? confirmed with { Work = confirmed.Work.Add(new OutstandingDeletion(owed.AccountId, elsewhere, now)) } : confirmed;
    }

    internal VaultContents RollBack(CredentialId id, DateTimeOffset now)
    {
        var dropped = this with { Work = WithoutRegistration(id) };
        return Find(id)?.State == CredentialState.Staged
            ? dropped with { Credentials = Credentials.RemoveAll(credential => credential.Id == id) }
            : dropped.MoveToDeleted(id, now);
    }

    /// <summary>Nothing half-made for this user is left: its answer went nowhere.</summary>
    internal VaultContents DropStaged(string rpId, UserHandle user)
    {
        var left = Credentials.RemoveAll(credential => credential.State == CredentialState.Staged && credential.RpId == rpId && credential.UserHandle == user);
        return left.Count == Credentials.Count ? this : this with { Credentials = left };
    }

    /// <summary>The person deletes a passkey, and its server has to be told first: it is not offered from now on.</summary>
    internal VaultContents BeginDeletion(OutstandingDeletion work) => Work.Exists(known => known is OutstandingDeletion && known.CredentialId == work.CredentialId)
        ? this
        : Change(work.CredentialId, credential => credential.IsKept
            ? credential with { State = CredentialState.Deleting, DeletionRefused = null }
            : credential with { DeletionRefused = null }) with { Work = Work.Add(work) };

    /// <summary>The deletion is owed no longer, and was not done: a passkey that was being deleted is kept as it was before.</summary>
    /// <param name="id">The passkey.</param>
    /// <param name="refused">The server's words, when it was the server that would not.</param>
    internal VaultContents EndDeletion(CredentialId id, string? refused)
    {
        var free = this with { Work = Work.RemoveAll(work => work is OutstandingDeletion && work.CredentialId == id) };
        return Find(id) is null ? free : free.Change(id, credential => credential with
        {
            // The answer is kept until the passkey is confirmed.
            State = credential.State != CredentialState.Deleting ? credential.State : credential.Response is null ? CredentialState.Confirmed : CredentialState.Delivered,
            StillRegistered = credential.State == CredentialState.RecentlyDeleted && refused is not null,
            DeletionRefused = refused,
        });
    }

    /// <summary>The server deleted it: nothing is owed for it any more, and it goes here too, unless it has gone already.</summary>
    internal VaultContents Deleted(CredentialId id, DateTimeOffset now) => Find(id) is null
        ? this with { Work = Work.RemoveAll(work => work.CredentialId == id) }
        : MoveToDeleted(id, now).Change(id, credential => credential with { StillRegistered = false, DeletionRefused = null, GoneAtServer = true });

    /// <summary>Its server, which knew it, does not any more: somebody deleted it there.</summary>
    internal VaultContents Dropped(CredentialId id, DateTimeOffset now) => Find(id) is { IsKept: true }
        ? MoveToDeleted(id, now).Change(id, credential => credential with { GoneAtServer = true, DeletedThere = true })
        : this;

    /// <summary>
    /// The same without an account: its passkeys and codes stay, what was owed to its server is not sent any more; that the sign-in is over, and this
    /// device with it, is owed from now on.
    /// </summary>
    internal VaultContents WithoutAccount(string accountId, DateTimeOffset now)
    {
        if (Accounts.Find(account => account.Id == accountId) is not { } gone) return this;
        var contents = this;
        foreach (var credential in Credentials.Where(credential => credential.AccountId == accountId))
        {
            if (credential.State == CredentialState.Deleting) contents = contents.MoveToDeleted(credential.Id, now);
            contents = contents.Change(credential.Id, kept => kept with { AccountId = null, Server = gone.Server, StillRegistered = false, DeletionRefused = null });
        }

        return contents with
        {
            Accounts = Accounts.Remove(gone),
            SignOuts = gone.RefreshToken is { } token ? SignOuts.Add(new(gone.Server, gone.Subject, token, gone.Device is { Id: not null } device ? device : null, now)) : SignOuts,
            Work = contents.Work.RemoveAll(work => work.AccountId == accountId),
            Setups = Setups.RemoveAll(setup => setup.AccountId == accountId),
            PendingCodes = PendingCodes.RemoveAll(pending => pending.AccountId == accountId),
            Codes = Codes.ConvertAll(code => code.AccountId == accountId ? code with { AccountId = null } : code),
        };
    }

    /// <summary>A deleted passkey owes nobody anything and replaces nothing.</summary>
    internal VaultContents MoveToDeleted(CredentialId id, DateTimeOffset now) => Change(id, credential => credential.State == CredentialState.RecentlyDeleted
        ? credential
        : credential with { State = CredentialState.RecentlyDeleted, DeletedAt = now, Response = null, Replaces = null }) with { Work = Work.RemoveAll(work => work.CredentialId == id) };

    /// <summary>The same, with a sign-out as far as it has come; null when nothing of it is owed any more.</summary>
    public VaultContents Owed(VaultSignOut signOut, VaultSignOut? left) => SignOuts.IndexOf(signOut) is var index and >= 0
        ? this with { SignOuts = left is null ? SignOuts.RemoveAt(index) : SignOuts.SetItem(index, left) }
        : this;

    /// <summary>The same, with the display name the relying party keeps for a passkey.</summary>
    public VaultContents Named(CredentialId id, string? displayName) => Tell(id, credential => credential.DisplayName == displayName ? credential : credential with { DisplayName = displayName });

    /// <summary>The same, with what its server says of who made a passkey.</summary>
    public VaultContents VouchedFor(CredentialId id, bool isVouchedFor) => Tell(id, credential => credential.IsVouchedFor == isVouchedFor ? credential : credential with { IsVouchedFor = isVouchedFor });

    /// <summary>The same, with a passkey that a browser or another device asked for linked to the account it turned out to belong to.</summary>
    public VaultContents Linked(CredentialId id, string accountId) => Tell(id, credential => credential.AccountId is null ? credential with { AccountId = accountId } : credential);

    /// <summary>The same, with a passkey hidden: it is not offered until it is shown again.</summary>
    public VaultContents Hidden(CredentialId id, DateTimeOffset now) => Tell(id, credential => credential.IsOffered ? credential with { HiddenAt = now } : credential);

    /// <summary>The same, with a hidden passkey offered again.</summary>
    public VaultContents Shown(CredentialId id) => Tell(id, credential => credential.HiddenAt is null ? credential : credential with { HiddenAt = null });

    /// <summary>The same, with a passkey that a server of ours keeps: shown again, whatever a page said of it, and remembered as that server's.</summary>
    public VaultContents KeptBy(CredentialId id, Uri server) => Tell(id, credential => credential.HiddenAt is null && (credential.AccountId is not null || credential.Server == server)
        ? credential
        : credential with { HiddenAt = null, Server = credential.AccountId is null ? server : credential.Server });

    /// <summary>The same, with what an account's server lists of the passkeys deleted here.</summary>
    public VaultContents Listed(CredentialId id, bool isListed) => Tell(id, credential =>
        credential.State != CredentialState.RecentlyDeleted || (credential.StillRegistered == isListed && credential.GoneAtServer == !isListed)
            ? credential
            : credential with { StillRegistered = isListed, GoneAtServer = !isListed });

    /// <summary>The same, with the account called as the relying party calls it now.</summary>
    public VaultContents Renamed(CredentialId id, string userName, string userDisplayName) => Tell(id, credential =>
        credential.UserName == userName && credential.UserDisplayName == userDisplayName ? credential : credential with { UserName = userName, UserDisplayName = userDisplayName });

    /// <summary>The codes that a key gives, if they are here already; null when they are not.</summary>
    public VaultCode? FindSame(TotpKey key) => Codes.Find(code => code.Key.GivesSameCodes(key));

    /// <summary>The same, with codes added at the end.</summary>
    public VaultContents Added(VaultCode code) => this with { Codes = Codes.Add(code) };

    /// <summary>The same, with codes called something else. (They may be gone meanwhile: then it is the same.)</summary>
    public VaultContents RenamedCode(string id, string issuer, string accountName) =>
        ChangeCode(id, code => code with { Key = code.Key with { Issuer = issuer, AccountName = accountName } });

    /// <summary>The same, with codes said to belong to one of the vault's accounts, or to none.</summary>
    public VaultContents LinkedCode(string id, string? accountId) => ChangeCode(id, code => code with { AccountId = accountId });

    /// <summary>The same, without these codes; they can be brought back for 30 days.</summary>
    public VaultContents DeletedCode(string id, DateTimeOffset now) => Codes.Find(code => code.Id == id) is { } gone
        ? RemovedCode(id) with { DeletedCodes = DeletedCodes.Insert(0, new(gone, now)) }
        : this;

    /// <summary>The same, with deleted codes brought back, at the end; once, if they were added anew meanwhile.</summary>
    public VaultContents RestoredCode(string id) => DeletedCodes.Find(deleted => deleted.Code.Id == id) is { } deleted
        ? (FindSame(deleted.Code.Key) is null ? Added(deleted.Code) : this) with { DeletedCodes = DeletedCodes.Remove(deleted) }
        : this;

    /// <summary>The same, without deleted codes that nobody wants back.</summary>
    public VaultContents ForgottenCode(string id) => DeletedCodes.Exists(deleted => deleted.Code.Id == id) ? this with { DeletedCodes = DeletedCodes.RemoveAll(deleted => deleted.Code.Id == id) } : this;

    /// <summary>The same, without codes that are good for nothing any more: their server keeps them no longer.</summary>
    public VaultContents RemovedCode(string id) => Codes.FindIndex(code => code.Id == id) is var index and >= 0 ? this with { Codes = Codes.RemoveAt(index) } : this;

    /// <summary>The same, with codes moved to another place in the order; a place beyond an end is that end.</summary>
    public VaultContents MovedCode(string id, int place)
    {
        var index = Codes.FindIndex(code => code.Id == id);
        var to = Math.Clamp(place, 0, Math.Max(0, Codes.Count - 1));
        return index < 0 || index == to ? this : this with { Codes = Codes.RemoveAt(index).Insert(to, Codes[index]) };
    }

    /// <summary>The same, with an account's setting up as it stands now; null when it has ended.</summary>
    public VaultContents SetUp(string accountId, VaultSetup? setup)
    {
        var others = Setups.RemoveAll(known => known.AccountId == accountId);
        return this with { Setups = setup is null ? others : others.Add(setup) };
    }

    /// <summary>The same, with codes the server keeps by now: they can be shown. Told twice, it is the same.</summary>
    public VaultContents Confirmed(VaultPendingCode pending, DateTimeOffset now) => Codes.Exists(code => code.MethodId == pending.MethodId)
        ? Without(pending)
        : Without(pending).Added(VaultCode.Of(pending.Key, now) with { AccountId = pending.AccountId, MethodId = pending.MethodId });

    /// <summary>The same, without codes the server will not keep.</summary>
    public VaultContents Without(VaultPendingCode pending) => this with { PendingCodes = PendingCodes.RemoveAll(known => known.MethodId == pending.MethodId) };

    /// <summary>A passkey that is brought back is no longer to be deleted on its server.</summary>
    internal VaultContents Restore(CredentialId id) => Find(id) is { State: CredentialState.RecentlyDeleted }
        ? Change(id, credential => credential with { State = CredentialState.Confirmed, DeletedAt = null, HiddenAt = null, StillRegistered = false, DeletionRefused = null, GoneAtServer = false, DeletedThere = false })
            with { Work = Work.RemoveAll(work => work is OutstandingDeletion && work.CredentialId == id) }
        : this;

    internal VaultContents Forget(CredentialId id) => Find(id)?.State == CredentialState.RecentlyDeleted
        ? this with { Credentials = Credentials.RemoveAll(credential => credential.Id == id) }
        : this;

    internal VaultContents Purge(DateTimeOffset now) => Credentials.Exists(credential => IsGone(credential, now)) || DeletedCodes.Exists(deleted => IsGone(deleted.DeletedAt, now))
        ? this with { Credentials = Credentials.RemoveAll(credential => IsGone(credential, now)), DeletedCodes = DeletedCodes.RemoveAll(deleted => IsGone(deleted.DeletedAt, now)) }
        : this;

    internal VaultContents Change(CredentialId id, Func<PublicKeyCredentialSource, PublicKeyCredentialSource> change)
    {
        var index = Credentials.FindIndex(credential => credential.Id == id);
        if (index < 0) throw new KeyNotFoundException("The vault holds no such passkey.");
        var changed = change(Credentials[index]);
        return ReferenceEquals(changed, Credentials[index]) ? this : this with { Credentials = Credentials.SetItem(index, changed) };
    }

    /// <summary>What a server or a page says of a passkey; it may be gone by then, and then it is the same.</summary>
    private VaultContents Tell(CredentialId id, Func<PublicKeyCredentialSource, PublicKeyCredentialSource> change) => Find(id) is null ? this : Change(id, change);

    private VaultContents ChangeCode(string id, Func<VaultCode, VaultCode> change)
    {
        var index = Codes.FindIndex(code => code.Id == id);
        if (index < 0) return this;
        var changed = change(Codes[index]);
        return changed == Codes[index] ? this : this with { Codes = Codes.SetItem(index, changed) };
    }

    private static bool IsGone(PublicKeyCredentialSource credential, DateTimeOffset now) =>
        credential.State == CredentialState.RecentlyDeleted && IsGone(credential.DeletedAt, now);

    private static bool IsGone(DateTimeOffset? deletedAt, DateTimeOffset now) => deletedAt + PublicKeyCredentialSource.DeletedLifetime <= now;

    private ImmutableList<VaultWork> WithoutRegistration(CredentialId id) => Work.RemoveAll(work => work is OutstandingRegistration && work.CredentialId == id);
}

/// <summary>After how long without anybody at it a vault is locked. The default comes first: vaults of older days say nothing of it.</summary>
public enum LockAfter
{
    /// <summary>Five minutes.</summary>
    FiveMinutes,

    /// <summary>One minute.</summary>
    OneMinute,

    /// <summary>A quarter of an hour.</summary>
    FifteenMinutes,

    /// <summary>Not while the program runs.</summary>
    Never,
}

/// <summary>The contents as JSON, which only ever exists encrypted.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    Converters = [typeof(ByteStringConverter), typeof(CredentialIdConverter), typeof(UserHandleConverter)])]
[JsonSerializable(typeof(VaultContents))]
internal sealed partial class VaultJson : JsonSerializerContext;

internal sealed class ByteStringConverter : JsonConverter<ByteString>
{
    public override ByteString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ByteString.FromBase64Url(reader.GetString());

    public override void Write(Utf8JsonWriter writer, ByteString value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToBase64Url());
}

internal sealed class CredentialIdConverter : JsonConverter<CredentialId>
{
    public override CredentialId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => CredentialId.Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, CredentialId value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

internal sealed class UserHandleConverter : JsonConverter<UserHandle>
{
    public override UserHandle Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => UserHandle.Parse(reader.GetString());

    public override void Write(Utf8JsonWriter writer, UserHandle value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
