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
    public VaultDisk(string directory)
    {
        _directory = directory;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);

        try
        {
            // The lock file stays: removing it would let two processes lock two files of one name.
            _lock = Open(LockName, FileMode.OpenOrCreate);
        }
        catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException or PathTooLongException))
        {
            throw new VaultInUseException(e);
        }
    }

    /// <summary>
    /// Before a vault is made in a directory that was there already: nobody else may so much as list it.
    /// </summary>
    /// <exception cref="VaultDirectoryException">It is shared, or somebody else's.</exception>
    public static void KeepToOwner(string directory)
    {
        if (OperatingSystem.IsWindows() || !Directory.Exists(directory)) return;
        var mode = File.GetUnixFileMode(directory);
        if (mode.HasFlag(UnixFileMode.StickyBit)) throw new VaultDirectoryException(directory);
        if ((mode & ~(OwnerOnly | UnixFileMode.UserExecute)) == 0) return;
        try
        {
            File.SetUnixFileMode(directory, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            throw new VaultDirectoryException(directory, e);
        }
    }

    public static bool Exists(string directory) => File.Exists(Path.Combine(directory, FileName));

    public ByteString? Read() => Exists(_directory) ? File.ReadAllBytes(Path.Combine(_directory, FileName)) : default(ByteString?);

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
