using System.Security.Claims;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>The page where a person types, or confirms, the code a program without a browser shows.</summary>
internal static class DeviceEndpoint
{
    public static async Task<IResult> ShowAsync(HttpContext context, SessionStore sessions, AuthorizeFlow flow, IOpenIddictApplicationManager applications, CancellationToken cancellation)
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
        var application = waiting.Principal?.GetClaim(Claims.ClientId) is { } client
            ? await applications.FindByClientIdAsync(client, cancellation)
            : null;
        return new RazorComponentResult<DevicePage>(new
        {
            UserCode = typed,
            Program = application is null ? null : await applications.GetLocalizedDisplayNameAsync(application, cancellation),
            SignedIn = signedIn,
            Ticket = application is null ? null : flow.TicketFor(signedIn.Session, ParametersOf(typed, waiting.Principal!)),
            Wrong = typed.Length > 0 && application is null,
            Done = context.Request.Query["done"].ToString(),
        });
    }

    public static async Task<IResult> DecideAsync(
        HttpContext context, SignedIn signedIn, SessionStore sessions, AuthorizeFlow flow, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var waiting = await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        if (waiting is not { Succeeded: true, Principal: { } principal } || principal.GetClaim(Claims.ClientId) is not { } client)
        {
            return Results.Redirect("/connect/verify?user_code=-");
        }

        var form = await context.Request.ReadFormAsync(cancellation);
        if (!form.ContainsKey(AuthorizeFlow.AllowField))
        {
            audit.Add("app.authorized", signedIn.User.Id, "refused");
            await db.SaveChangesAsync(cancellation);
            return Results.Forbid(Back("refused"), [OpenIddictServerAspNetCoreDefaults.AuthenticationScheme]);
        }

        // The press belongs to what the page showed, in this session; else the page is shown again.
        var typed = form[Parameters.UserCode].ToString();
        if (await flow.PressedAsync(form[AuthorizeFlow.TicketField], signedIn.Session, ParametersOf(typed, principal), cancellation) is not { } pressed)
        {
            return Again();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        Session session;
        try
        {
            flow.Use(pressed, signedIn.Session);
            audit.Add("app.authorized", signedIn.User.Id);
            session = await sessions.OpenAppAsync(signedIn.Session, client, device: null, cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            return Again(); // the same press twice at once: the other one won
        }

        return Results.SignIn(TokenPrincipal.Create(signedIn.User, session, principal.GetScopes()), Back("allowed"), OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);

        static AuthenticationProperties Back(string done) => new() { RedirectUri = "/connect/verify?done=" + done };

        IResult Again() => Results.Redirect("/connect/verify?user_code=" + Uri.EscapeDataString(typed));
    }

    /// <summary>What the page shows and the press is for: this code, of this program, with what it asks for.</summary>
    private static IEnumerable<KeyValuePair<string, string?>> ParametersOf(string userCode, ClaimsPrincipal waiting) =>
    [
        new(Parameters.UserCode, userCode), new(Parameters.ClientId, waiting.GetClaim(Claims.ClientId)), .. waiting.GetScopes().Select(scope => KeyValuePair.Create(Parameters.Scope, (string?)scope)),
    ];
}
