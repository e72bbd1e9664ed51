using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using System.Web;
using Latchkey.Api;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>Which server the person means, from what they typed, pasted or scanned.</summary>
/// <param name="Server">The server's root; absent when only a code was given.</param>
/// <param name="Handoff">The portal's short code, if there was one.</param>
internal sealed partial record ServerEntry(Uri? Server, string? Handoff)
{
    /// <summary>Reads a server address, the portal's link (<c>latchkey:add?server=…&amp;code=…</c>), or its short code.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ServerEntry? entry)
    {
        text = text.Trim();
        entry = null;
        if (ShortCode().IsMatch(text))
        {
            entry = new(null, Normalize(text));
        }
        else if (text.StartsWith("latchkey:", StringComparison.OrdinalIgnoreCase) && text.IndexOf('?', StringComparison.Ordinal) is var query and >= 0)
        {
            var values = HttpUtility.ParseQueryString(text[query..]);
            var code = values["code"] is { } given && ShortCode().IsMatch(given) ? Normalize(given) : null;
            if (values["server"] is { } address && TryParseServer(address, out var linked))
            {
                entry = new(linked, code);
            }
        }
        else if (TryParseServer(text, out var server))
        {
            entry = new(server, null);
        }

        return entry is not null;
    }

    /// <summary>Reads a server's root: https, or plain http on this machine only. A bare name means https.</summary>
    public static bool TryParseServer(string text, [NotNullWhen(true)] out Uri? server)
    {
        server = null;
        text = text.Trim();
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!hasScheme)
        {
            text = (text.StartsWith("localhost", StringComparison.OrdinalIgnoreCase) ? "http://" : "https://") + text;
        }

        // A bare word may be anything; with its scheme it is a server in one's own network.
        return CanonicalAddress.TryParse(text, cut: true, out server, out _) && (hasScheme || server.Host.Contains('.', StringComparison.Ordinal) || server.Host == "localhost");
    }

    private static string Normalize(string code) => code.ToUpperInvariant().Replace(" ", "-", StringComparison.Ordinal);

    [GeneratedRegex("^[A-Za-z0-9]{4}[- ][A-Za-z0-9]{4}$", RegexOptions.None, 1000)]
    private static partial Regex ShortCode();
}
