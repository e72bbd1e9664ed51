using Latchkey.Server.Storage;
using OpenIddict.Abstractions;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Latchkey.Server.Features.OpenIdConnect;

internal static class UserInfoEndpoint
{
    public static IResult HandleAsync(SignedIn signedIn, HttpContext context)
    {
        var claims = new Dictionary<string, object?>(StringComparer.Ordinal) { [Claims.Subject] = signedIn.User.Id.ToString() };
        if (context.User.HasScope(Scopes.Profile))
        {
            claims[Claims.Name] = signedIn.User.DisplayName;
            claims[Claims.PreferredUsername] = signedIn.User.UserName;
        }

        return Results.Json(claims);
    }
}
