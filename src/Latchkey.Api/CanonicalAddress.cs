using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Latchkey.Api;

/// <summary>
/// The address of a server in the one form in which it is kept, compared, sent and signed: <c>https://name</c>, with the port where it is not the
/// scheme's own. The host is ASCII in lower case, as browsers write it (UTS #46), so that RP ID, origin and redirects are what a browser makes of it.
/// </summary>
public static class CanonicalAddress
{
    /// <summary>Why a text is no such address.</summary>
    public enum Problem
    {
        /// <summary>It is one.</summary>
        None,

        /// <summary>Not a scheme, <c>://</c> and a name; or characters no address has.</summary>
        Malformed,

        /// <summary>Plain http is for this machine only, and no other scheme is spoken.</summary>
        NotHttps,

        /// <summary>A name or password before the host.</summary>
        UserInfo,

        /// <summary>An IP address: it can have no passkeys.</summary>
        IpAddress,

        /// <summary>The host is no name of the domain name system.</summary>
        Name,

        /// <summary>The port is no number from 1 to 65535.</summary>
        Port,

        /// <summary>A path, a query or a fragment.</summary>
        More,
    }

    private const int LongestName = 253, LongestLabel = 63;

    /// <summary>Reads an address that says its scheme.</summary>
    /// <param name="text">As typed, scanned or configured.</param>
    /// <param name="cut">Whether a path, a query and a fragment are cut off, as of a page's address that was pasted; else they are <see cref="Problem.More"/>.</param>
    /// <param name="address">The root in canonical form.</param>
    /// <param name="problem">Why not.</param>
    public static bool TryParse(string text, bool cut, [NotNullWhen(true)] out Uri? address, out Problem problem)
    {
        address = null;
        problem = Read(text.Trim(), cut, ref address);
        return address is not null;
    }

    private static Problem Read(string text, bool cut, ref Uri? address)
    {
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0 || text.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || c is '\\'))
        {
            return Problem.Malformed;
        }

        var isHttps = text.AsSpan(0, scheme).Equals(Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !text.AsSpan(0, scheme).Equals(Uri.UriSchemeHttp, StringComparison.OrdinalIgnoreCase))
        {
            return Problem.NotHttps;
        }

        var rest = text[(scheme + 3)..];
        var end = rest.IndexOfAny(['/', '?', '#']);
        var authority = end < 0 ? rest : rest[..end];
        if (authority.Contains('@', StringComparison.Ordinal)) return Problem.UserInfo;
        if (authority.StartsWith('[')) return Problem.IpAddress;
        if (!cut && end >= 0 && rest[end..] != "/") return Problem.More;

        var colon = authority.IndexOf(':', StringComparison.Ordinal);
        var ownPort = isHttps ? 443 : 80;
        var port = ownPort;
        if (colon >= 0 && colon < authority.Length - 1
            && !(int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= IPEndPoint.MaxPort))
        {
            return Problem.Port;
        }

        if (!TryReadName(colon < 0 ? authority : authority[..colon], out var host)) return Problem.Name;
        if (EndsInNumber(host)) return Problem.IpAddress;
        if (!isHttps && host != "localhost" && !host.EndsWith(".localhost", StringComparison.Ordinal)) return Problem.NotHttps;

        address = new Uri(string.Create(CultureInfo.InvariantCulture, $"{(isHttps ? "https" : "http")}://{host}{(port == ownPort ? "" : $":{port}")}/"));
        return Problem.None;
    }

    private static bool TryReadName(string text, out string host)
    {
        host = "";
        try
        {
            var idn = new IdnMapping();
            host = idn.GetAscii(text).ToLowerInvariant();
            if (host.EndsWith('.')) host = host[..^1]; // the root: the same name, and another host to browsers
            // What is written in ASCII already must be what the name becomes.
            return host.Length is > 0 and <= LongestName && host.Split('.').All(IsLabel) && idn.GetAscii(idn.GetUnicode(host)).Equals(host, StringComparison.OrdinalIgnoreCase);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    // Browsers read such a host as an IPv4 address, or as nothing. https://url.spec.whatwg.org/#ends-in-a-number-checker
    private static bool EndsInNumber(string host)
    {
        var last = host[(host.LastIndexOf('.') + 1)..];
        return last.All(char.IsAsciiDigit) || (last.StartsWith("0x", StringComparison.Ordinal) && last[2..].All(char.IsAsciiHexDigit));
    }
}
