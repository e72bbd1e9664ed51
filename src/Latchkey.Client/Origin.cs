using System.Diagnostics.CodeAnalysis;
using System.Net;
using Latchkey.Protocol;

namespace Latchkey.Client;

/// <summary>
/// A tuple origin: scheme, host and port, in the one form a browser serializes.
/// <see href="https://html.spec.whatwg.org/multipage/browsers.html#concept-origin"/>
/// </summary>
public sealed record Origin
{
    private Origin(string scheme, string host, string serialized)
    {
        Scheme = scheme;
        Host = host;
        Serialized = serialized;
    }

    /// <summary><c>https</c>, or <c>http</c> on this machine.</summary>
    public string Scheme { get; }

    /// <summary>The host: ASCII, lower case.</summary>
    public string Host { get; }

    /// <summary>What stands in client data: <c>https://example.org</c>, with the port where it is not the scheme's own.</summary>
    public string Serialized { get; }

    /// <summary>
    /// Whether WebAuthn may be used here at all: a secure context with a domain for a host. An IP address is no domain, and plain http
    /// is secure on <c>localhost</c> only.
    /// </summary>
    public bool HasEffectiveDomain =>
        !IPAddress.TryParse(Host.Trim('[', ']'), out _)
        && (Scheme == Uri.UriSchemeHttps || Host == "localhost" || Host.EndsWith(".localhost", StringComparison.Ordinal));

    /// <summary>The origin of an address of our own; of one that comes from elsewhere, <see cref="TryOf"/>.</summary>
    /// <exception cref="ArgumentException">The address has no such origin.</exception>
    public static Origin Of(Uri address) =>
        TryOf(address, out var origin) ? origin : throw new ArgumentException($"{address} has no http or https origin.", nameof(address));

    /// <summary>Reads a serialized origin; false for anything but scheme, host and port.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Origin? origin)
    {
        origin = null;
        return Uri.TryCreate(text, UriKind.Absolute, out var address)
            && TryOf(address, out origin)
            && (text == origin.Serialized || text == origin.Serialized + "/");
    }

    /// <inheritdoc/>
    public override string ToString() => Serialized;

    /// <summary>The origin of an address; false where it has none: another scheme, no host, or one that no name service knows.</summary>
    public static bool TryOf(Uri address, [NotNullWhen(true)] out Origin? origin)
    {
        origin = null;
        var host = address.AsciiHost();
        if (host.Length == 0 || (address.Scheme != Uri.UriSchemeHttps && address.Scheme != Uri.UriSchemeHttp))
        {
            return false;
        }

        if (address.HostNameType == UriHostNameType.IPv6) host = $"[{host}]";
        origin = new(address.Scheme, host, address.IsDefaultPort ? $"{address.Scheme}://{host}" : $"{address.Scheme}://{host}:{address.Port}");
        return true;
    }
}
