using System.Collections.Concurrent;
using System.Security.Cryptography;
using Latchkey.Server.Hosting;

namespace Latchkey.Server.Storage;

/// <summary>A packaged Authenticator the organisation offers.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Platform">What it runs on, by its name; <c>null</c> where the name does not say.</param>
/// <param name="Length">Size in bytes.</param>
/// <param name="Sha256">SHA-256 in hexadecimal.</param>
public sealed record Download(string Name, string? Platform, long Length, string Sha256);

/// <summary>What lies in <c>DIR/downloads</c>: put there by the organisation, served to anybody.</summary>
public sealed class Downloads(ServerOptions options)
{
    private static readonly (string Platform, string[] Words)[] Platforms =
    [
        ("iOS", ["ios", "ipa"]),
        ("Android", ["android", "apk"]),
        ("macOS", ["osx", "macos", "darwin", "dmg", "pkg"]),
        ("Windows", ["win", "windows", "exe", "msi", "msix"]),
        ("Linux", ["linux", "deb", "rpm", "appimage", "flatpak"]),
    ];

    // A link could lead out of the folder.
    private static readonly EnumerationOptions PlainFiles = new() { AttributesToSkip = FileAttributes.Hidden | FileAttributes.System | FileAttributes.ReparsePoint };

    private readonly ConcurrentDictionary<(string Name, long Length, DateTime Written), string> hashes = new();

    private DirectoryInfo Folder => new(Path.Combine(options.DataDirectory, "downloads"));

    /// <summary>Everything offered, by name. A file is hashed once, and again when it changes.</summary>
    public async Task<IReadOnlyList<Download>> ListAsync(CancellationToken cancellation)
    {
        var found = new List<Download>();
        foreach (var file in Files().OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            found.Add(new(file.Name, PlatformOf(file.Name), file.Length, await HashAsync(file, cancellation)));
        }

        return found;
    }

    /// <summary>Opens one of them; null when there is none of that name.</summary>
    public FileStream? Open(string name) => Files().FirstOrDefault(file => file.Name == name)?.OpenRead();

    private IEnumerable<FileInfo> Files() => Folder.Exists ? Folder.EnumerateFiles("*", PlainFiles) : [];

    private async Task<string> HashAsync(FileInfo file, CancellationToken cancellation)
    {
        var key = (file.Name, file.Length, file.LastWriteTimeUtc);
        if (!hashes.TryGetValue(key, out var hash))
        {
            await using var stream = file.OpenRead();
            hashes[key] = hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
        }

        return hash;
    }

    private static string? PlatformOf(string name)
    {
        var words = name.ToLowerInvariant().Split(['-', '_', '.', ' '], StringSplitOptions.RemoveEmptyEntries);
        return Platforms.FirstOrDefault(platform => platform.Words.Any(words.Contains)).Platform;
    }
}
