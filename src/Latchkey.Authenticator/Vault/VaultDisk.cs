using System.Runtime.InteropServices;
using Latchkey.Protocol;
using Microsoft.Win32.SafeHandles;

namespace Latchkey.Authenticator.Vault;

/// <summary>The few things a vault does to a disk, in the order an atomic replace needs them; tests let it die at each.</summary>
internal interface IVaultDisk : IDisposable
{
    /// <summary>All bytes of the vault file; null when there is none.</summary>
    ByteString? Read();

    /// <summary>Writes the temporary file, from its first byte.</summary>
    void WriteTemporary(ReadOnlySpan<byte> bytes);

    /// <summary>Makes sure that the temporary file's bytes survive a power cut.</summary>
    void FlushTemporary();

    /// <summary>Puts the temporary file in the vault file's place: all of it or nothing.</summary>
    void Replace();

    /// <summary>Makes sure that the replacement survives a power cut.</summary>
    void FlushDirectory();
}

/// <summary>A directory with the vault file, kept by one process at a time.</summary>
internal sealed partial class VaultDisk : IVaultDisk
{
    private const string FileName = "vault.latchkey", TemporaryName = "vault.latchkey.new", LockName = "vault.lock";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory;
    private readonly FileStream _lock;

    /// <summary>Makes the directory if it is not there and takes the lock.</summary>
    /// <exception cref="VaultInUseException">Another process, or another object in this one, holds it.</exception>
    /// <exception cref="VaultWriteException">Nothing can be written there.</exception>
    public VaultDisk(string directory)
    {
        _directory = directory;
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
            else Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);

            // The lock file stays: removing it would let two processes lock two files of one name.
            _lock = Open(LockName, FileMode.OpenOrCreate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw IsHeldByAnother(e) ? new VaultInUseException(e) : new VaultWriteException(e);
        }
    }

    /// <summary>
    /// Before a vault is made in a directory that was there already: nobody else may so much as list it.
    /// </summary>
    /// <exception cref="VaultDirectoryException">It is shared, or somebody else's.</exception>
    public static void KeepToOwner(string directory)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(directory)) return;
        try
        {
            var mode = File.GetUnixFileMode(directory);
            if (mode.HasFlag(UnixFileMode.StickyBit)) throw new VaultDirectoryException(directory);
            if ((mode & ~(OwnerOnly | UnixFileMode.UserExecute)) == 0) return;
            File.SetUnixFileMode(directory, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new VaultDirectoryException(directory, e);
        }
    }

    public static bool Exists(string directory) => File.Exists(Path.Combine(directory, FileName));

    /// <exception cref="VaultReadException">The system does not let it be read.</exception>
    /// <exception cref="VaultDamagedException">It is too long to be a vault.</exception>
    public ByteString? Read()
    {
        try
        {
            using var file = new FileStream(Path.Combine(_directory, FileName), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > VaultFile.MaxLength) throw new VaultDamagedException("is far longer than any vault");
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VaultReadException(e);
        }
    }

    /// <summary>The vault, and what an end in the middle of writing left of another.</summary>
    /// <exception cref="VaultWriteException">It cannot be deleted.</exception>
    public void Delete()
    {
        try
        {
            File.Delete(Path.Combine(_directory, FileName));
            File.Delete(Path.Combine(_directory, TemporaryName));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VaultWriteException(e);
        }
    }

    public void WriteTemporary(ReadOnlySpan<byte> bytes)
    {
        using var file = Open(TemporaryName, FileMode.Create);
        file.Write(bytes);
    }

    public void FlushTemporary()
    {
        using var file = Open(TemporaryName, FileMode.Open);
        file.Flush(flushToDisk: true);
    }

    public void Replace() => File.Move(Path.Combine(_directory, TemporaryName), Path.Combine(_directory, FileName), overwrite: true);

    public void FlushDirectory()
    {
        // Windows writes a rename through; elsewhere the directory is a file of its own.
        if (OperatingSystem.IsWindows()) return;
        using var handle = OpenDirectory(_directory, 0);
        if (handle.IsInvalid || FSync(handle) != 0) throw new IOException($"The vault's directory could not be flushed (error {Marshal.GetLastPInvokeError()}).");
    }

    public void Dispose() => _lock.Dispose();

    // A full disk and a folder nobody may write to are IOExceptions too; only the lock itself says that somebody holds it.
    private static bool IsHeldByAnother(Exception e)
    {
        const int TryAgainOnLinux = 11, WouldBlockOnMac = 35, SharingViolation = unchecked((int)0x80070020), LockViolation = unchecked((int)0x80070021);
        return e.HResult == (OperatingSystem.IsLinux() ? TryAgainOnLinux : WouldBlockOnMac) || e.HResult is SharingViolation or LockViolation;
    }

    private FileStream Open(string name, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open) options.UnixCreateMode = OwnerOnly;
        return new(Path.Combine(_directory, name), options);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int FSync(SafeFileHandle handle);
}
