using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
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

internal static class LogoutEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext context, SessionStore sessions, CancellationToken cancellation)
    {
        await context.AuthenticateAsync(SessionCookie.Scheme);
        if (SignedIn.Of(context) is { } signedIn)
        {
            await sessions.EndAsync(signedIn.Session.Id, cancellation);
            await context.SignOutAsync(SessionCookie.Scheme);
        }

        return Results.SignOut(new AuthenticationProperties { RedirectUri = "/sign-in" }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }
}
