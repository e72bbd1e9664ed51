namespace Latchkey.Authenticator.Vault;

/// <summary>
/// A vault whose file this process holds and whose PIN nobody has given yet. It counts wrong PINs as CTAP does: eight in all until a right
/// one, three in a row until a restart. The count of eight is on disk before a PIN is checked; the count of three lives here.
/// (Neither guards a stolen file: see docs/threat-model.md.)
/// </summary>
public sealed class LockedVault : IDisposable
{
    /// <summary>CTAP §6.5.5.7: wrong PINs in a row before a restart is needed.</summary>
    public const int MaxConsecutiveAttempts = 3;

    private readonly IVaultDisk _disk;
    private VaultFile _file;
    private int _wrongInARow;

    private LockedVault(IVaultDisk disk, VaultFile file) => (_disk, _file) = (disk, file);

    /// <summary>Wrong PINs that may still follow before the vault refuses for good.</summary>
    public int PinAttemptsLeft => _file.Header.AttemptsLeft;

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

    /// <summary>Opens the vault. The key derivation takes a good part of a second on purpose.</summary>
    /// <param name="pin">The PIN.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Stops waiting for the key derivation.</param>
    /// <returns>The store, which owns the file from now on; this object is used up.</returns>
    /// <exception cref="WrongPinException">The PIN is wrong.</exception>
    /// <exception cref="PinBlockedException">Too many wrong ones before.</exception>
    /// <exception cref="VaultDamagedException">The contents are not as they were written.</exception>
    public async Task<FileCredentialStore> UnlockAsync(string pin, TimeProvider time, CancellationToken cancellationToken)
    {
        var (check, dataKey) = await TryAsync(pin, cancellationToken);
        return check switch
        {
            PinCheck.Right => FileCredentialStore.Unlocked(this, _disk, dataKey!, _file.Open(dataKey), time),
            PinCheck.Wrong => throw new WrongPinException(PinAttemptsLeft),
            _ => throw new PinBlockedException(check == PinCheck.Blocked),
        };
    }

    /// <summary>Releases the file.</summary>
    public void Dispose() => _disk.Dispose();

    internal static LockedVault Open(IVaultDisk disk)
    {
        try
        {
            return new(disk, VaultFile.Parse(disk.Read() ?? throw new VaultNotFoundException()));
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
        var vault = new LockedVault(disk, VaultFile.Seal(VaultHeader.Wrap(pin, dataKey, cost), dataKey, contents));
        vault.Save(vault._file);
        return vault;
    }

    /// <summary>Checks a PIN, counting. The data key comes with <see cref="PinCheck.Right"/> only; the caller erases it.</summary>
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
        var dataKey = await Task.Run(() => header.Unwrap(pin), cancellationToken);
        if (dataKey is null) return (PinAttemptsLeft == 0 ? PinCheck.Blocked : _wrongInARow >= MaxConsecutiveAttempts ? PinCheck.BlockedUntilRestart : PinCheck.Wrong, null);

        // "The authenticator sets the pinRetries counter to maximum value"
        _wrongInARow = 0;
        Save(_file with { Header = header with { AttemptsLeft = VaultHeader.MaxAttempts } });
        return (PinCheck.Right, dataKey);
    }

    internal void SaveContents(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> contents) => Save(VaultFile.Seal(_file.Header, dataKey, contents));

    internal void SavePin(string pin, ReadOnlySpan<byte> dataKey) => Save(_file with { Header = VaultHeader.Wrap(pin, dataKey, _file.Header.Cost) });

    // Killed at any byte, the vault is the old one or the new one: the name changes only after the new bytes are down.
    private void Save(VaultFile file)
    {
        _disk.WriteTemporary(file.Encode());
        _disk.FlushTemporary();
        _disk.Replace();
        _disk.FlushDirectory();
        _file = file;
    }
}
