using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Latchkey.NativeHost;

/// <summary>What the wrapper that the Authenticator installed calls this program with; it holds no secret.</summary>
/// <param name="DataDirectory">The Authenticator's data directory, a full path.</param>
/// <param name="Program">The program that starts the Authenticator, and its arguments.</param>
/// <param name="Extension">Who the browser says started us: an origin, or an ID in Firefox.</param>
internal sealed record HostOptions(string DataDirectory, IReadOnlyList<string> Program, string Extension)
{
    /// <summary>What stands before the browser's own arguments.</summary>
    private const string FromBrowser = "--";

    /// <summary>The Authenticator's socket or named pipe, as docs/browser-extension.md says it.</summary>
    public string Pipe => OperatingSystem.IsWindows()
        ? "latchkey-authenticator-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(DataDirectory)))[..16]
        : Path.Combine(DataDirectory, "browsers.sock");

    /// <summary>Reads <c>--data DIR --start PROGRAM ARGUMENT… -- BROWSER'S ARGUMENTS…</c>.</summary>
    public static bool TryParse(string[] args, [NotNullWhen(true)] out HostOptions? options)
    {
        options = null;
        var from = Array.LastIndexOf(args, FromBrowser);
        if (from < 4 || args[0] != "--data" || args[2] != "--start" || !Path.IsPathFullyQualified(args[1]) || ExtensionIn(args[(from + 1)..]) is not { } extension) return false;
        options = new(args[1], args[3..from], extension);
        return true;
    }

    /// <summary>Chromium gives the extension's origin first (on Windows a window follows); Firefox the manifest's path, then the extension's ID.</summary>
    private static string? ExtensionIn(string[] fromBrowser) => fromBrowser switch
    {
        [var origin, ..] when origin.StartsWith("chrome-extension://", StringComparison.Ordinal) => origin,
        [_, var id, ..] => id,
        _ => null,
    };
}
