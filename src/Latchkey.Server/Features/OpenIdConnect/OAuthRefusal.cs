using Microsoft.AspNetCore.Authentication;
using OpenIddict.Server.AspNetCore;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>A refusal in OAuth's shape (RFC 6749 §5.2), written by OpenIddict.</summary>
internal static class OAuthRefusal
{
    public static IResult Of(string error, string description) => Results.Forbid(
        new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = error,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = description,
        }),
        [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
}
