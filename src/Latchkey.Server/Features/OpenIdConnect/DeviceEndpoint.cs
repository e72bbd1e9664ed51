using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>The page where a person types, or confirms, the code a program without a browser shows.</summary>
internal static class DeviceEndpoint
{
    public static async Task<IResult> ShowAsync(HttpContext context, SessionStore sessions, IOpenIddictApplicationManager applications, CancellationToken cancellation)
    {
        var here = context.Request.Path + context.Request.QueryString;
        if (SignedIn.Of(context) is not { } signedIn)
        {
            return Results.Redirect("/sign-in?returnUrl=" + Uri.EscapeDataString(here));
        }

        // The program will want to add a passkey: it gets this session's freshness, so make it fresh.
        if (!sessions.IsFresh(signedIn.Session))
        {
            return Results.Redirect("/step-up?reason=app&returnUrl=" + Uri.EscapeDataString(here));
        }

        var typed = context.Request.Query["user_code"].ToString();
        var waiting = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        var application = waiting.Principal?.GetClaim(OpenIddictConstants.Claims.ClientId) is { } client
            ? await applications.FindByClientIdAsync(client, cancellation)
            : null;
        return new RazorComponentResult<DevicePage>(new
        {
            UserCode = typed,
            Program = application is null ? null : await applications.GetLocalizedDisplayNameAsync(application, cancellation),
            SignedIn = signedIn,
            Wrong = typed.Length > 0 && application is null,
            Done = context.Request.Query["done"].ToString(),
        });
    }

    public static async Task<IResult> DecideAsync(
        HttpContext context, SignedIn signedIn, SessionStore sessions, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var waiting = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        if (waiting is not { Succeeded: true, Principal: { } principal } || principal.GetClaim(OpenIddictConstants.Claims.ClientId) is not { } client)
        {
            return Results.Redirect("/connect/verify?user_code=-");
        }

        var allowed = (await context.Request.ReadFormAsync(cancellation)).ContainsKey("allow");
        audit.Add("app.authorized", signedIn.User.Id, allowed ? "success" : "refused");
        await db.SaveChangesAsync(cancellation);
        var back = new AuthenticationProperties { RedirectUri = "/connect/verify?done=" + (allowed ? "allowed" : "refused") };
        if (!allowed)
        {
            return Results.Forbid(back, [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        var session = await sessions.OpenAppAsync(signedIn.Session, client, cancellation);
        return Results.SignIn(TokenPrincipal.Create(signedIn.User, session, principal.GetScopes()), back, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
