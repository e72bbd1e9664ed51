#pragma warning disable RS0030 // the one place that knows what they throw
namespace Latchkey.Protocol;

/// <summary>
/// The host of an address as DNS and the standards write it. <see cref="Uri.IdnHost"/> and <see cref="Uri.DnsSafeHost"/> throw, when they are
/// read, for addresses that <see cref="Uri.TryCreate(string, UriKind, out Uri)"/> has taken, and are banned for it.
/// </summary>
public static class AsciiHosts
{
    /// <summary>The host in ASCII and lower case, an IPv6 address without its brackets; empty where there is none that anybody could connect to.</summary>
    /// <param name="address">An absolute address of whatever origin; a relative one has no host.</param>
    public static string AsciiHost(this Uri address)
    {
        if (!address.IsAbsoluteUri) return "";
        string host;
        try
        {
            host = address.IdnHost;
        }
        catch (UriFormatException)
        {
            // U+FFFD and whatever else IDNA has no form for
            return "";
        }

        // A host too long for IDNA comes back as it was; an IPv6 zone means something on one machine only.
        return host.All(char.IsAscii) && !host.Contains('%', StringComparison.Ordinal) ? host.ToLowerInvariant() : "";
    }
}
