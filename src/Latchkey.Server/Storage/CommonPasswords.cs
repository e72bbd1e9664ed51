using System.Collections.Frozen;

namespace Latchkey.Server.Storage;

/// <summary>The passwords that are tried first, of <c>Data/common-passwords.txt</c>; read when somebody first chooses one.</summary>
internal static class CommonPasswords
{
    private static readonly Lazy<FrozenSet<string>> All = new(() =>
    {
        using var reader = new StreamReader(typeof(CommonPasswords).Assembly.GetManifestResourceStream("data/common-passwords.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
    });

    /// <summary>Whether the whole password is one of them, in whatever case.</summary>
    public static bool Contains(string password) => All.Value.Contains(password.ToLowerInvariant());
}
