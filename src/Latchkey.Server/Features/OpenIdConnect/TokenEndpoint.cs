using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>Codes and refresh tokens into tokens, for as long as the app's session lives; a passkey's answer into tokens and a session.</summary>
internal static class TokenEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext context, SessionStore sessions, PasskeyGrant passkeys, CancellationToken cancellation)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Not an OpenID Connect request.");
        if (request.GrantType == OpenIdConnectContract.PasskeyGrantType)
        {
            return await passkeys.RedeemAsync(context, request, cancellation);
        }

        if (!request.IsAuthorizationCodeGrantType() && !request.IsRefreshTokenGrantType() && !request.IsDeviceCodeGrantType())
        {
            throw new InvalidOperationException("OpenIddict let through a grant that was not allowed.");
        }

        // OpenIddict has checked code, verifier, client and reuse; ours is whether the session still lives.
        var ticket = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        var signedIn = Guid.TryParse(ticket.Principal?.GetClaim(SessionCookie.SessionIdClaim), out var id)
            ? await sessions.FindAsync(id, cancellation)
            : null;
        if (signedIn is null)
        {
            return OAuthRefusal.Of(Errors.InvalidGrant, OpenIdConnectTexts.SessionEnded);
        }

        return Results.SignIn(
            TokenPrincipal.Create(signedIn.User, signedIn.Session, ticket.Principal!.GetScopes()),
            properties: null,
            OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
