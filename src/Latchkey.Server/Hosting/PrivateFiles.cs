using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Latchkey.TunnelService;

namespace Latchkey.Server.Hosting;

/// <summary>Files and folders only the server's own account may read.</summary>
public static partial class PrivateFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>From now on nothing this program makes, the database and the socket included, is open to other accounts.</summary>
    public static void KeepEverythingPrivate()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetFileModeMask(Convert.ToUInt32("077", 8));
        }
    }

    /// <exception cref="StartException">A file is in the way.</exception>
    public static void CreateDirectory(string path)
    {
        if (File.Exists(path))
        {
            throw new StartException($"{path} is a file: a directory has to be there, or nothing.");
        }

        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
        else
        {
            Directory.CreateDirectory(path);
        }
    }

    /// <summary>Takes from every other account what it was given of the directory, its database and its keys. Says what it mended.</summary>
    /// <exception cref="StartException">It can't be mended.</exception>
    public static IReadOnlyList<string> Mend(string directory)
    {
        var mended = new List<string>();
        if (!OperatingSystem.IsWindows())
        {
            var keys = Path.Combine(directory, "keys");
            IEnumerable<string> paths =
            [
                directory, .. Directory.GetFiles(directory),
                .. Directory.Exists(keys) ? [keys, .. Directory.GetFileSystemEntries(keys, "*", SearchOption.AllDirectories)] : Array.Empty<string>(),
            ];
            mended.AddRange(paths.Where(IsOpen));
        }

        return mended;
    }

    [UnsupportedOSPlatform("windows")]
    private static bool IsOpen(string path)
    {
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        if (!Path.Exists(target))
        {
            return false; // gone meanwhile, as a database's journal
        }

        var mode = File.GetUnixFileMode(target);
        if ((mode & ~(OwnerOnly | UnixFileMode.UserExecute)) == 0)
        {
            return false;
        }

        try
        {
            File.SetUnixFileMode(target, mode & (OwnerOnly | UnixFileMode.UserExecute));
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{path} is open to other accounts of this machine, and this account may not change that: chmod go= it, or give it to the account this server runs under.", refused);
        }
    }

    public static byte[] ReadOrCreate(string path, Func<byte[]> create)
    {
        if (File.Exists(path))
        {
            return File.ReadAllBytes(path);
        }

        var bytes = create();
        Write(path, bytes);
        return bytes;
    }

    /// <summary>Whole or not at all: written beside, synced, renamed.</summary>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var beside = path + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var stream = new FileStream(beside, options))
        {
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetFileModeMask(uint mask);
}
