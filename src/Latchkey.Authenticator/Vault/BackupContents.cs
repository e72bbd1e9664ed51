using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Latchkey.Authenticator.Codes;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Vault;

/// <summary>
/// What a backup holds: the codes, and which accounts there were. It has types of its own, so that nothing is in it that nobody put there: no
/// passkey, no device key and no refresh token has a place here.
/// </summary>
/// <param name="MadeAt">When it was made.</param>
/// <param name="Accounts">The accounts.</param>
/// <param name="Codes">The codes, in the person's order.</param>
public sealed record BackupContents(DateTimeOffset MadeAt, ImmutableList<BackupAccount> Accounts, ImmutableList<BackupCode> Codes)
{
    /// <summary>What of a vault goes into a backup.</summary>
    public static BackupContents Of(VaultContents vault, DateTimeOffset now) => new(
        now,
        vault.Accounts.ConvertAll(account => new BackupAccount(account.Id, account.Server, account.Subject, account.UserName, account.DisplayName, account.Organisation, account.AddedAt)),
        vault.Codes.ConvertAll(code => new BackupCode(code.Key, code.AddedAt, code.AccountId)));

    /// <summary>The accounts.</summary>
    public ImmutableList<BackupAccount> Accounts { get; init => field = Whole(value); } = Whole(Accounts);

    /// <summary>The codes, in the person's order.</summary>
    public ImmutableList<BackupCode> Codes { get; init => field = Whole(value); } = Whole(Codes);

    /// <summary>A vault with all of this in it, each once: what is there already stays as it is.</summary>
    /// <returns>The contents; which accounts came in, to be signed in to again; how many codes did.</returns>
    public (VaultContents Contents, IReadOnlyList<VaultAccount> Accounts, int Codes) RestoreInto(VaultContents vault)
    {
        var (accounts, codes) = (vault.Accounts, vault.Codes);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var account in Accounts)
        {
            var known = accounts.Find(here => here.Server == account.Server && here.Subject == account.Subject);
            if (known is null)
            {
                known = new(
                    accounts.Exists(here => here.Id == account.Id) ? NewId(account.AddedAt) : account.Id,
                    account.Server, account.Subject, account.UserName, account.DisplayName, account.Organisation) { AddedAt = account.AddedAt };
                accounts = accounts.Add(known);
            }

            names[account.Id] = known.Id;
        }

        var here = codes.Select(code => Sameness(code.Key)).ToHashSet();
        foreach (var code in Codes.Where(code => here.Add(Sameness(code.Key))))
        {
            codes = codes.Add(new(NewId(code.AddedAt), code.Key, code.AddedAt) { AccountId = code.AccountId is { } id ? names.GetValueOrDefault(id) : null });
        }

        return (vault with { Accounts = accounts, Codes = codes }, accounts.GetRange(vault.Accounts.Count, accounts.Count - vault.Accounts.Count), codes.Count - vault.Codes.Count);
    }

    private static (ByteString Secret, TotpAlgorithm Algorithm, int Digits, int Period) Sameness(TotpKey key) => (key.Secret, key.Algorithm, key.Digits, key.Period);

    // An ID begins with its time, and has no room for one before 1970.
    private static string NewId(DateTimeOffset time) => Guid.CreateVersion7(time < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : time).ToString("N");

    private static ImmutableList<T> Whole<T>(ImmutableList<T> list)
        where T : class => list.TrueForAll(entry => entry is not null) ? list : throw new ArgumentException("A list has no gaps.", nameof(list));
}

/// <summary>An account as a backup knows it: who and where, and nothing that opens it.</summary>
/// <param name="Id">Names it in this backup.</param>
/// <param name="Server">The server's root.</param>
/// <param name="Subject">Who it is on that server.</param>
/// <param name="UserName">The name the person signs in with.</param>
/// <param name="DisplayName">The person's name.</param>
/// <param name="Organisation">The organisation's display name.</param>
/// <param name="AddedAt">When it was added.</param>
public sealed record BackupAccount(string Id, Uri Server, string Subject, string UserName, string DisplayName, string Organisation, DateTimeOffset AddedAt)
{
    /// <summary>The server's root: https, or plain http on this machine.</summary>
    /// <exception cref="ArgumentException">It is another address: nobody signs in there again because a file says so.</exception>
    public Uri Server { get; init => field = IsServer(value) ? value : throw new ArgumentException("A server is https, or http on this machine.", nameof(value)); }
        = IsServer(Server) ? Server : throw new ArgumentException("A server is https, or http on this machine.", nameof(Server));

    private static bool IsServer(Uri address) => address.AsciiHost() is { Length: > 0 } host && address.UserInfo.Length == 0
        && (address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && (host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal))));
}

/// <summary>Codes as a backup knows them.</summary>
/// <param name="Key">The secret, and what it is called.</param>
/// <param name="AddedAt">When they were added.</param>
/// <param name="AccountId">The <see cref="BackupAccount.Id"/> they belong to, if any.</param>
public sealed record BackupCode(TotpKey Key, DateTimeOffset AddedAt, string? AccountId = null);

/// <summary>The contents as JSON, which only ever exists encrypted.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    Converters = [typeof(ByteStringConverter)])]
[JsonSerializable(typeof(BackupContents))]
internal sealed partial class BackupJson : JsonSerializerContext;
