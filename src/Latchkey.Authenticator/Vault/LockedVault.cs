using System.Security.Cryptography;

namespace Latchkey.Authenticator.Vault;

/// <summary>
/// A vault whose file this process holds and whose PIN nobody has given yet. It counts wrong PINs as CTAP does: eight in all until a right
/// one, three in a row until a restart. The count of eight is on disk before a PIN is checked; the count of three lives here, and goes on when
/// the vault is locked again (<see cref="FileCredentialStore.Lock"/>).
/// (Neither guards a stolen file: see docs/threat-model.md.)
/// </summary>
public sealed class LockedVault : IDisposable
{
    /// <summary>CTAP §6.5.5.7: wrong PINs in a row before a restart is needed.</summary>
    public const int MaxConsecutiveAttempts = 3;

    private readonly IVaultDisk _disk;
    private VaultFile _file;
    private int _wrongInARow;

    // What a PIN that is set from now on costs to guess.
    private readonly Argon2Cost _newCost;

    private LockedVault(IVaultDisk disk, VaultFile file, Argon2Cost newCost) => (_disk, _file, _newCost) = (disk, file, newCost);

    /// <summary>Wrong PINs that may still follow before the vault refuses for good.</summary>
    public int PinAttemptsLeft => _file.Header.AttemptsLeft;

    /// <summary>Three wrong PINs in a row: no other one is looked at before somebody has it start again.</summary>
    public bool NeedsNewStart => PinAttemptsLeft > 0 && _wrongInARow >= MaxConsecutiveAttempts;

    /// <summary>Does away with a directory's vault, damaged or not, and with everything in it.</summary>
    /// <param name="directory">Where the vault is.</param>
    /// <exception cref="VaultInUseException">Another process, or another object in this one, has it open.</exception>
    /// <exception cref="VaultWriteException">It cannot be deleted there.</exception>
    public static void Delete(string directory)
    {
        using var disk = new VaultDisk(directory);
        disk.Delete();
    }

    /// <summary>Whether a directory has a vault.</summary>
    public static bool Exists(string directory) => VaultDisk.Exists(directory);

    /// <summary>Takes the lock and reads the file.</summary>
    /// <param name="directory">Where the vault is.</param>
    /// <exception cref="VaultNotFoundException">There is none.</exception>
    /// <exception cref="VaultInUseException">Another process has it open.</exception>
    /// <exception cref="VaultDamagedException">The file is not as it was written.</exception>
    /// <exception cref="VaultNewerVersionException">A newer program wrote it.</exception>
    public static LockedVault Open(string directory)
    {
        if (!Exists(directory)) throw new VaultNotFoundException();
        return Open(new VaultDisk(directory));
    }

    /// <summary>Opens the vault, and brings one of an older format up to today's. The key derivation takes a good part of a second on purpose.</summary>
    /// <param name="pin">The PIN.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops waiting for the key derivation.</param>
    /// <returns>The store, which owns the file from now on; this object is used up.</returns>
    /// <exception cref="WrongPinException">The PIN is wrong.</exception>
    /// <exception cref="PinBlockedException">Too many wrong ones before.</exception>
    /// <exception cref="VaultDamagedException">The contents are not as they were written.</exception>
    /// <exception cref="VaultWriteException">The attempt cannot be counted: nothing can be written there.</exception>
    public async Task<FileCredentialStore> UnlockAsync(string pin, TimeProvider time, CancellationToken cancellationToken)
    {
        await OneAtATime.WaitAsync(cancellationToken);
        try
        {
            var (check, dataKey) = await TryAsync(pin, cancellationToken);
            if (check != PinCheck.Right) throw check == PinCheck.Wrong ? new WrongPinException(PinAttemptsLeft) : new PinBlockedException(check == PinCheck.Blocked);
            return Unlocked(dataKey!, time);
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>Releases the file.</summary>
    public void Dispose() => _disk.Dispose();

    /// <summary>Held by whoever checks a PIN or writes.</summary>
    internal SemaphoreSlim OneAtATime { get; } = new(1);

    internal static LockedVault Open(IVaultDisk disk, Argon2Cost? newCost = null)
    {
        try
        {
            return new(disk, VaultFile.Parse(disk.Read() ?? throw new VaultNotFoundException()), newCost ?? Argon2Cost.Default);
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>A new vault's file, on disk.</summary>
    internal static LockedVault Create(IVaultDisk disk, string pin, byte[] dataKey, ReadOnlySpan<byte> contents, Argon2Cost cost)
    {
        var vault = new LockedVault(disk, VaultFile.Seal(VaultHeader.Wrap(pin, dataKey, cost), dataKey, contents), Argon2Cost.Default);
        vault.Save(vault._file);
        return vault;
    }

    /// <summary>Checks a PIN, counting; the caller is the one at a time. The data key comes with <see cref="PinCheck.Right"/> only; the caller erases it.</summary>
    internal async Task<(PinCheck Check, byte[]? DataKey)> TryAsync(string pin, CancellationToken cancellationToken)
    {
        // CTAP §6.5.5.7.2: "If the pinRetries counter is 0, return CTAP2_ERR_PIN_BLOCKED error. If the authenticator sees 3 consecutive
        // mismatches, it returns CTAP2_ERR_PIN_AUTH_BLOCKED, indicating that power cycling is needed for further operations."
        if (PinAttemptsLeft == 0) return (PinCheck.Blocked, null);
        if (_wrongInARow >= MaxConsecutiveAttempts) return (PinCheck.BlockedUntilRestart, null);

        // "The authenticator decrements the pinRetries counter by 1" before it looks.
        var header = _file.Header;
        Save(_file with { Header = header with { AttemptsLeft = (byte)(header.AttemptsLeft - 1) } });
        _wrongInARow++;
        var unwrapping = Task.Run(() => header.Unwrap(pin), CancellationToken.None);
        byte[]? dataKey;
        try
        {
            dataKey = await unwrapping.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for it any more. The attempt counts: it was one.
            _ = unwrapping.ContinueWith(done => CryptographicOperations.ZeroMemory(done.Result), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }

        if (dataKey is null) return (PinAttemptsLeft == 0 ? PinCheck.Blocked : _wrongInARow >= MaxConsecutiveAttempts ? PinCheck.BlockedUntilRestart : PinCheck.Wrong, null);

        try
        {
            // "The authenticator sets the pinRetries counter to maximum value"
            _wrongInARow = 0;
            if (_file.Version == VaultFile.CurrentVersion) Save(_file with { Header = header with { AttemptsLeft = VaultHeader.MaxAttempts } });
            else dataKey = await Task.Run(() => Upgrade(pin, dataKey), CancellationToken.None);
            return (PinCheck.Right, dataKey);
        }
        catch
        {
            CryptographicOperations.ZeroMemory(dataKey);
            throw;
        }
    }

    internal void SaveContents(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> contents) => Save(VaultFile.Seal(_file.Header, dataKey, contents));

    /// <summary>Another PIN, and with it another data key at today's cost: an earlier copy of the file opens nothing that comes after.</summary>
    internal void SavePin(string pin, ReadOnlySpan<byte> newDataKey, ReadOnlySpan<byte> contents) => Save(VaultFile.Seal(VaultHeader.Wrap(pin, newDataKey, _newCost), newDataKey, contents));

    private FileCredentialStore Unlocked(byte[] dataKey, TimeProvider time)
    {
        try
        {
            return FileCredentialStore.Unlocked(this, dataKey, _file.Open(dataKey), time);
        }
        catch
        {
            CryptographicOperations.ZeroMemory(dataKey);
            throw;
        }
    }

    // An older format may have had other PINs for the same data key: it gets another one.
    private byte[] Upgrade(string pin, byte[] dataKey)
    {
        var plaintext = _file.Open(dataKey);
        var newDataKey = RandomNumberGenerator.GetBytes(VaultHeader.KeyLength);
        try
        {
            SavePin(pin, newDataKey, plaintext);
            return newDataKey;
        }
        catch
        {
            CryptographicOperations.ZeroMemory(newDataKey);
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plaintext);
            CryptographicOperations.ZeroMemory(dataKey);
        }
    }

    // Killed at any byte, the vault is the old one or the new one: the name changes only after the new bytes are down.
    private void Save(VaultFile file)
    {
        try
        {
            _disk.WriteTemporary(file.Encode());
            _disk.FlushTemporary();
            _disk.Replace();
            _disk.FlushDirectory();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VaultWriteException(e);
        }

        _file = file;
    }
}
