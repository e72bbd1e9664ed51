using System.Globalization;
using Latchkey.TunnelService;

namespace Latchkey.Server.Hosting;

/// <summary>
/// A key's files: <c>NAME.key</c> is the current one, <c>NAME.next.key</c> what a rotation made, <c>NAME.TIME.old.key</c> what was current until then.
/// A start moves them on, one rename at a time: killed between two, the next start goes on where this one was.
/// </summary>
internal sealed class KeyFiles(string directory, TimeProvider time)
{
    /// <summary>How long the longest-lived thing lives that a key issued, a refresh token, and a day for clocks that differ.</summary>
    public static readonly TimeSpan KeepsOld = TimeSpan.FromDays(91);

    private const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>The current key first, then the retired ones, the youngest first. What nothing can need any more is deleted.</summary>
    /// <param name="name">Which key.</param>
    /// <param name="create">Makes the first one.</param>
    /// <param name="isKey">Whether bytes are such a key.</param>
    /// <exception cref="StartException">A file holds none.</exception>
    public IReadOnlyList<byte[]> Load(string name, Func<byte[]> create, Func<byte[], bool> isKey)
    {
        var (current, next) = (PathOf($"{name}.key"), PathOf($"{name}.next.key"));
        if (File.Exists(next))
        {
            if (File.Exists(current))
            {
                File.Move(current, PathOf($"{name}.{time.GetUtcNow().ToString(TimeFormat, CultureInfo.InvariantCulture)}.old.key"), overwrite: false);
            }

            File.Move(next, current);
        }

        List<byte[]> keys = [Whole(current, PrivateFiles.ReadOrCreate(current, create))];
        foreach (var (file, _) in Retired(name).OrderByDescending(old => old.At))
        {
            keys.Add(Whole(file, File.ReadAllBytes(file)));
        }

        return keys;

        byte[] Whole(string file, byte[] bytes) => isKey(bytes) ? bytes : throw new StartException(
            $"The key {file} is damaged or empty. Put it back from a backup; if there is none, delete it, and a new one is made: everybody is signed out then, and what it sealed is lost.");
    }

    /// <summary>Keeps a key for the next start, in place of one that waits already.</summary>
    public void Prepare(string name, byte[] key) => PrivateFiles.Write(PathOf($"{name}.next.key"), key);

    private List<(string File, DateTimeOffset At)> Retired(string name)
    {
        var kept = new List<(string, DateTimeOffset)>();
        foreach (var file in Directory.GetFiles(directory, $"{name}.*.old.key"))
        {
            var text = Path.GetFileName(file)[(name.Length + 1)..^".old.key".Length];
            if (!DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            {
                continue; // none of ours
            }

            if (time.GetUtcNow() - at > KeepsOld) File.Delete(file);
            else kept.Add((file, at));
        }

        return kept;
    }

    private string PathOf(string file) => Path.Combine(directory, file);
}
