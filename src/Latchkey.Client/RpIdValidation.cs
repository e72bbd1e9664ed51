using System.Globalization;
using System.Net;

namespace Latchkey.Client;

/// <summary>
/// Whether an origin may use an RP ID: it must be the origin's effective domain, or a registrable domain suffix of it.
/// <see href="https://html.spec.whatwg.org/multipage/browsers.html#is-a-registrable-domain-suffix-of-or-is-equal-to"/>
/// </summary>
public static class RpIdValidation
{
    /// <summary>The RP ID of a ceremony: the one asked for, or the origin's effective domain.</summary>
    /// <param name="rpId">The relying party's <c>rp.id</c> or <c>rpId</c>, if it gave one.</param>
    /// <param name="origin">The caller.</param>
    /// <exception cref="WebAuthnClientException">SecurityError: the origin has no effective domain, or may not use this RP ID.</exception>
    public static string Resolve(string? rpId, Origin origin)
    {
        if (!origin.HasEffectiveDomain)
        {
            throw new WebAuthnClientException(DomExceptionName.SecurityError, $"{origin} is not a secure origin with a domain name, so it can have no passkeys.");
        }

        return rpId is null || IsRegistrableDomainSuffixOfOrEqualTo(rpId, origin.Host)
            ? rpId ?? origin.Host
            : throw new WebAuthnClientException(DomExceptionName.SecurityError, $"{origin} may not use the RP ID {rpId}.");
    }

    /// <summary>Whether <paramref name="rpId"/> equals <paramref name="host"/> or is a registrable domain suffix of it.</summary>
    /// <param name="rpId">An RP ID; it must be written as a valid domain in its ASCII, lower-case form.</param>
    /// <param name="host">The effective domain: ASCII, lower case.</param>
    public static bool IsRegistrableDomainSuffixOfOrEqualTo(string rpId, string host)
    {
        if (!IsCanonicalDomain(rpId))
        {
            return false;
        }

        if (rpId == host)
        {
            return true;
        }

        // "If hostSuffix, prefixed by U+002E (.), does not match the end of originalHost": the dot is what keeps evilexample.com from example.com.
        if (IPAddress.TryParse(host.Trim('[', ']'), out _) || !host.EndsWith('.' + rpId, StringComparison.Ordinal))
        {
            return false;
        }

        // "If hostSuffix equals hostSuffix's public suffix; or hostSuffix, prefixed by a dot, matches the end of originalHost's public suffix"
        return PublicSuffixList.Vendored.PublicSuffixOf(rpId) != rpId
            && !PublicSuffixList.Vendored.PublicSuffixOf(host).EndsWith('.' + rpId, StringComparison.Ordinal);
    }

    /// <summary>Whether two hosts are the same, or have the same registrable domain: one public suffix and one label before it.</summary>
    internal static bool IsSameSite(string host, string other) => host == other
        || (RegistrableDomainOf(host) is { } domain && domain == RegistrableDomainOf(other));

    /// <summary>The name under which all of somebody's hosts are counted: the registrable domain, or the host itself where it has none.</summary>
    /// <param name="host">An origin's host, or an RP ID.</param>
    public static string SiteOf(string host) => RegistrableDomainOf(host) ?? host;

    /// <summary>Whether it is somebody's domain on the public net: not a registry, not a name of this machine or of one label.</summary>
    internal static bool IsPublicDomain(string domain) => RegistrableDomainOf(domain) is not null && !domain.EndsWith(".localhost", StringComparison.Ordinal);

    /// <summary>"registrable origin label": the first label of a host's registrable domain; null when it has none.</summary>
    internal static string? RegistrableLabelOf(string host) => RegistrableDomainOf(host)?.Split('.')[0];

    private static string? RegistrableDomainOf(string host)
    {
        if (!IsCanonicalDomain(host))
        {
            return null;
        }

        var suffix = PublicSuffixList.Vendored.PublicSuffixOf(host);
        return suffix == host ? null : host[(host.LastIndexOf('.', host.Length - suffix.Length - 2) + 1)..];
    }

    private static bool IsCanonicalDomain(string domain)
    {
        // 253 and 63: RFC 1035 §2.3.4. A trailing dot makes an empty label.
        if (domain.Length is 0 or > 253 || IPAddress.TryParse(domain, out _) || domain.Split('.').Any(label => label.Length is 0 or > 63))
        {
            return false;
        }

        try
        {
            return domain.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '.' or '_')
                && new IdnMapping { AllowUnassigned = false, UseStd3AsciiRules = false }.GetAscii(domain) == domain;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
