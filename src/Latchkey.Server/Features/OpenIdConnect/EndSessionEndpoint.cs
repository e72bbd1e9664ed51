using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>A program asks to sign the person out (OpenID Connect RP-Initiated Logout). Anybody can make a link to here, so without an
/// identity token of that very person the person is asked.</summary>
internal static class EndSessionEndpoint
{
    public static async Task<IResult> HandleAsync(HttpContext context, SessionStore sessions, IAntiforgery antiforgery, CancellationToken cancellation)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Not an OpenID Connect request.");
        await context.AuthenticateAsync(SessionCookie.Scheme);
        if (SignedIn.Of(context) is { } signedIn)
        {
            if (!await IsHintedAsync(context, signedIn) && !await WasConfirmedAsync(context, antiforgery))
            {
                return new RazorComponentResult<EndSessionPage>(new { SignedIn = signedIn, Parameters = AuthorizeFlow.ParametersOf(request).ToList() });
            }

            await sessions.EndAsync(signedIn.Session.Id, cancellation);
            await context.SignOutAsync(SessionCookie.Scheme);
        }

        return Results.SignOut(new AuthenticationProperties { RedirectUri = "/sign-in" }, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
    }

    /// <summary>Whether an <c>id_token_hint</c> came, checked by OpenIddict, that was issued to the person who is signed in.</summary>
    private static async Task<bool> IsHintedAsync(HttpContext context, SignedIn signedIn) =>
        (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal?.GetClaim(Claims.Subject) == signedIn.User.Id.ToString();

    private static async Task<bool> WasConfirmedAsync(HttpContext context, IAntiforgery antiforgery) =>
        HttpMethods.IsPost(context.Request.Method) && await antiforgery.IsRequestValidAsync(context);
}
