using System.Security.Cryptography;
using System.Text.Json;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator.Vault;

/// <summary>
/// The vault: one encrypted file with the passkeys, the accounts and the work owed to servers. Every change is a whole new file in the old
/// one's place, on disk before its task completes. Reading is safe at any time; changes wait for each other.
/// </summary>
public sealed class FileCredentialStore : ICredentialStore, IPinVerifier, IDisposable
{
    private readonly LockedVault _vault;
    private readonly TimeProvider _time;

    // Held while the data key is used or erased: it is never erased under somebody who is about to seal with it.
    private readonly Lock _key = new();
    private byte[] _dataKey;
    private volatile bool _isLocked;
    private VaultContents _contents;

    private FileCredentialStore(LockedVault vault, byte[] dataKey, VaultContents contents, TimeProvider time) =>
        (_vault, _dataKey, _contents, _time) = (vault, dataKey, contents, time);

    /// <summary>All the vault holds, as of now.</summary>
    public VaultContents Contents => Volatile.Read(ref _contents);

    /// <inheritdoc/>
    public IReadOnlyList<PublicKeyCredentialSource> Credentials => Contents.Credentials;

    /// <inheritdoc/>
    public int PinAttemptsLeft => _vault.PinAttemptsLeft;

    /// <summary>That the PIN which opened this vault was right; null for a vault that was made just now. Void once this is disposed.</summary>
    public PinProof? Opening { get; private init; }

    /// <summary>Makes a new vault.</summary>
    /// <param name="directory">Where; made if it is not there, for its owner only.</param>
    /// <param name="pin">The PIN; <see cref="Pin.Judge"/> says beforehand whether it will do.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops waiting for the key derivation.</param>
    /// <exception cref="VaultExistsException">There is one already.</exception>
    /// <exception cref="VaultInUseException">Another process is at it.</exception>
    /// <exception cref="VaultDirectoryException">The directory is shared, or somebody else's.</exception>
    /// <exception cref="ArgumentException">The PIN breaks the rules.</exception>
    public static Task<FileCredentialStore> CreateAsync(string directory, string pin, TimeProvider time, CancellationToken cancellationToken)
    {
        Pin.ThrowIfBad(pin);
        VaultDisk.KeepToOwner(directory);
        return CreateAsync(new VaultDisk(directory), pin, time, Argon2Cost.Default, cancellationToken);
    }

    /// <inheritdoc/>
    public Task StageAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken) =>
        UpdateAsync(contents => contents.Stage(credential), cancellationToken);

    /// <inheritdoc/>
    public Task DeliverAsync(CredentialId id, CancellationToken cancellationToken) => UpdateAsync(contents => contents.Deliver(id), cancellationToken);

    /// <summary>Delivered to our own client: the key is offered, and the response is kept until the server has answered, in one change.</summary>
    /// <param name="work">The response to post, again after a restart if need be.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    public Task DeliverAsync(OutstandingRegistration work, CancellationToken cancellationToken) => UpdateAsync(
        contents => contents.Deliver(work.CredentialId).Change(work.CredentialId, credential => credential with { AccountId = work.AccountId }) is var delivered
            ? delivered with { Work = delivered.Work.Add(work) }
            : contents,
        cancellationToken);

    /// <inheritdoc/>
    public async Task<PublicKeyCredentialSource?> ConfirmAsync(CredentialId id, CancellationToken cancellationToken)
    {
        PublicKeyCredentialSource? replaced = null;
        await UpdateAsync(
            contents =>
            {
                replaced = contents.Find(id)?.Replaces is { } old ? contents.Find(old) : null;
                return contents.Confirm(id, _time.GetUtcNow());
            },
            cancellationToken);
        return replaced;
    }

    /// <inheritdoc/>
    public Task RollBackAsync(CredentialId id, CancellationToken cancellationToken) => UpdateAsync(contents => contents.RollBack(id, _time.GetUtcNow()), cancellationToken);

    /// <inheritdoc/>
    public Task RecordUseAsync(CredentialId id, CancellationToken cancellationToken) =>
        UpdateAsync(contents => contents.Change(id, credential => credential with { LastUsedAt = _time.GetUtcNow() }), cancellationToken);

    /// <summary>Moves a passkey to <see cref="CredentialState.RecentlyDeleted"/>, from where it can be brought back for 30 days.</summary>
    public Task DeleteAsync(CredentialId id, CancellationToken cancellationToken) => UpdateAsync(contents => contents.MoveToDeleted(id, _time.GetUtcNow()), cancellationToken);

    /// <summary>Moves a passkey to <see cref="CredentialState.RecentlyDeleted"/> because its server does not keep it any more.</summary>
    public Task DropAsync(CredentialId id, CancellationToken cancellationToken) => UpdateAsync(contents => contents.Dropped(id, _time.GetUtcNow()), cancellationToken);

    /// <summary>The person deletes a passkey whose server has to be told first: not offered from now on, and owed, in one change.</summary>
    public Task DeleteAsync(OutstandingDeletion work, CancellationToken cancellationToken) => UpdateAsync(contents => contents.BeginDeletion(work), cancellationToken);

    /// <summary>The server was told: the debt and the passkey go, in one change.</summary>
    public Task DeletedAsync(CredentialId id, CancellationToken cancellationToken) => UpdateAsync(contents => contents.Deleted(id, _time.GetUtcNow()), cancellationToken);

    /// <summary>The deletion is not to be, or the server would not: the passkey is kept as it was.</summary>
    /// <param name="id">The passkey.</param>
    /// <param name="refused">The server's words, when it was the server.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    public Task KeepAsync(CredentialId id, string? refused, CancellationToken cancellationToken) => UpdateAsync(contents => contents.EndDeletion(id, refused), cancellationToken);

    /// <summary>Drops what was staged for one user of a relying party: the client did not take the answer.</summary>
    public Task DropStagedAsync(string rpId, UserHandle user, CancellationToken cancellationToken) => UpdateAsync(contents => contents.DropStaged(rpId, user), cancellationToken);

    /// <summary>Forgets an account and what is owed to its server; its passkeys stay.</summary>
    public Task RemoveAccountAsync(string accountId, CancellationToken cancellationToken) => UpdateAsync(contents => contents.WithoutAccount(accountId, _time.GetUtcNow()), cancellationToken);

    /// <summary>Does away with a recently deleted passkey for good.</summary>
    public Task ForgetAsync(CredentialId id, CancellationToken cancellationToken) => UpdateAsync(contents => contents.Forget(id), cancellationToken);

    /// <summary>Brings a recently deleted passkey back. Whether its relying party still knows it is another question, to be asked after this.</summary>
    public Task RestoreAsync(CredentialId id, CancellationToken cancellationToken) => UpdateAsync(contents => contents.Restore(id), cancellationToken);

    /// <summary>Changes the contents; nothing is written when the change gives the same contents back.</summary>
    /// <param name="change">Gets the contents as they are, gives them as they are to be. Must not call this store.</param>
    /// <param name="cancellationToken">Gives up before the change begins.</param>
    /// <exception cref="VaultWriteException">The change is not on the disk, and did not happen.</exception>
    /// <exception cref="ObjectDisposedException">The vault was locked meanwhile.</exception>
    public async Task UpdateAsync(Func<VaultContents, VaultContents> change, CancellationToken cancellationToken)
    {
        await _vault.OneAtATime.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isLocked, this);
            var before = Contents;
            var after = change(before).Purge(_time.GetUtcNow());
            if (ReferenceEquals(before, after)) return;
            Save(after, plaintext => _vault.SaveContents(_dataKey, plaintext));
            Volatile.Write(ref _contents, after);
        }
        finally
        {
            _vault.OneAtATime.Release();
        }
    }

    /// <inheritdoc/>
    public async Task<PinCheck> CheckPinAsync(string pin, CancellationToken cancellationToken)
    {
        await _vault.OneAtATime.WaitAsync(cancellationToken);
        try
        {
            return await CheckAsync(pin, cancellationToken);
        }
        finally
        {
            _vault.OneAtATime.Release();
        }
    }

    /// <summary>Sets another PIN; only whoever knows the old one can. What was sealed before the change does not lead to what is sealed after it.</summary>
    /// <returns><see cref="PinCheck.Right"/> when the PIN was changed; else what is wrong with the old one.</returns>
    /// <exception cref="ArgumentException">The new PIN breaks the rules.</exception>
    /// <exception cref="VaultWriteException">The change is not on the disk, and did not happen.</exception>
    public async Task<PinCheck> ChangePinAsync(string oldPin, string newPin, CancellationToken cancellationToken)
    {
        Pin.ThrowIfBad(newPin, Contents.OwnNames);
        await _vault.OneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (await CheckAsync(oldPin, cancellationToken) is var check and not PinCheck.Right) return check;
            await Task.Run(() => ChangePin(newPin), cancellationToken);
            return PinCheck.Right;
        }
        finally
        {
            _vault.OneAtATime.Release();
        }
    }

    /// <summary>Erases the key, and gives the vault back as it was before it was opened: it goes on counting wrong PINs where this one was.</summary>
    public LockedVault Lock()
    {
        Opening?.Void();
        lock (_key)
        {
            _isLocked = true;
            CryptographicOperations.ZeroMemory(_dataKey);
        }

        return _vault;
    }

    /// <summary>Erases the key and releases the file.</summary>
    public void Dispose() => Lock().Dispose();

    internal static async Task<FileCredentialStore> CreateAsync(IVaultDisk disk, string pin, TimeProvider time, Argon2Cost cost, CancellationToken cancellationToken)
    {
        try
        {
            if (disk.Read() is not null) throw new VaultExistsException();
            var dataKey = RandomNumberGenerator.GetBytes(VaultHeader.KeyLength);
            var contents = JsonSerializer.SerializeToUtf8Bytes(VaultContents.Empty, VaultJson.Default.VaultContents);
            var vault = await Task.Run(() => LockedVault.Create(disk, pin, dataKey, contents, cost), cancellationToken);
            return new(vault, dataKey, VaultContents.Empty, time);
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    internal static FileCredentialStore Unlocked(LockedVault vault, byte[] dataKey, byte[] plaintext, TimeProvider time)
    {
        try
        {
            var contents = JsonSerializer.Deserialize(plaintext, VaultJson.Default.VaultContents) ?? throw new JsonException();
            // An algorithm or a key this program cannot use was written by another one: better said at once than at a sign-in.
            return contents.Credentials.TrueForAll(credential => CredentialKey.IsUsable(credential.Algorithm, credential.PrivateKey))
                && contents.Accounts.TrueForAll(account => account.Device is null || CredentialKey.IsUsable(CoseAlgorithm.ES256, account.Device.PrivateKey))
                && contents.Accounts.TrueForAll(account => account.Attestation is null || CredentialKey.IsUsable(CoseAlgorithm.ES256, account.Attestation.PrivateKey))
                ? new(vault, dataKey, contents, time) { Opening = new(time) }
                : throw new VaultDamagedException("holds a key nobody can use");
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException or NotSupportedException or OverflowException)
        {
            throw new VaultDamagedException("holds contents nobody wrote", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }

    private async Task<PinCheck> CheckAsync(string pin, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isLocked, this);
        var (check, dataKey) = await _vault.TryAsync(pin, cancellationToken);
        CryptographicOperations.ZeroMemory(dataKey);
        return check;
    }

    private void ChangePin(string pin)
    {
        var newKey = RandomNumberGenerator.GetBytes(VaultHeader.KeyLength);
        try
        {
            Save(Contents, plaintext =>
            {
                _vault.SavePin(pin, newKey, plaintext);
                (_dataKey, newKey) = (newKey, _dataKey);
            });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(newKey);
        }
    }

    private void Save(VaultContents contents, Action<byte[]> seal)
    {
        var plaintext = JsonSerializer.SerializeToUtf8Bytes(contents, VaultJson.Default.VaultContents);
        try
        {
            lock (_key)
            {
                ObjectDisposedException.ThrowIf(_isLocked, this);
                seal(plaintext);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
        }
    }
}
