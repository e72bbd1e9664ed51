using System.Diagnostics.CodeAnalysis;
using Latchkey.Protocol;

namespace Latchkey.Client;

/// <summary>
/// Whether an origin may use a FIDO AppID, the name credentials from before WebAuthn are scoped to. As browsers do it: no list of trusted
/// facets is fetched; instead the hosts need only be of the same site.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-appid-extension"/>
/// </summary>
internal static class AppIdValidation
{
    /// <summary>The AppID to use for the one asked for.</summary>
    /// <param name="appId">The extension's input; null when it was not asked for.</param>
    /// <param name="origin">The caller, whose FacetID is its origin.</param>
    /// <exception cref="WebAuthnClientException">SecurityError: the origin may not use this AppID.</exception>
    [return: NotNullIfNotNull(nameof(appId))]
    public static string? Resolve(string? appId, Origin origin)
    {
        // An empty AppID stands for the caller's FacetID.
        if (string.IsNullOrEmpty(appId))
        {
            return appId is null ? null : origin.Serialized;
        }

        // Else both must be https, of the same host or, in place of the list of facets, of the same site.
        return Uri.TryCreate(appId, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && origin.Scheme == Uri.UriSchemeHttps
            && RpIdValidation.IsSameSite(address.AsciiHost(), origin.Host)
            ? appId
            : throw new WebAuthnClientException(DomExceptionName.SecurityError, $"{origin} may not use the AppID {appId}.");
    }
}
