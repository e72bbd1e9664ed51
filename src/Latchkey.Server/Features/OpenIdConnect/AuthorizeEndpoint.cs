using Latchkey.Server.Features.Policies;
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

/// <summary>Authorization requests: who are you, is it recent enough, may this program act for you.</summary>
internal static class AuthorizeEndpoint
{
    public static async Task<IResult> HandleAsync(
        HttpContext context, SessionStore sessions, AuthorizeFlow flow, IAntiforgery antiforgery, IOpenIddictApplicationManager applications,
        RequiredPasskey required, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Not an OpenID Connect request.");
        await context.AuthenticateAsync(SessionCookie.Scheme);
        var signedIn = SignedIn.Of(context);
        var began = flow.BeganAt(context, request);

        // Signed in, or stepped up, by hand since this very request arrived?
        var interactive = signedIn is not null && began is { } at && LastProof(signedIn.Session) >= at;
        var mustSignIn = signedIn is null || (request.HasPromptValue(PromptValues.Login) && !interactive);
        var tooOld = signedIn is not null && request.MaxAge is { } maxAge && !interactive
            && flow.Now - LastProof(signedIn.Session) > TimeSpan.FromSeconds(maxAge);
        if (mustSignIn || tooOld)
        {
            if (request.HasPromptValue(PromptValues.None))
            {
                return OAuthRefusal.Of(Errors.LoginRequired, OpenIdConnectTexts.LoginRequired);
            }

            flow.Begin(context, request);
            return Results.Redirect(mustSignIn ? SignInAddress(context, request) : "/step-up?reason=app&returnUrl=" + Uri.EscapeDataString(AuthorizeFlow.AddressOf(context, request)));
        }

        // A program that adds passkeys is let on: it may be the very one the person is to make theirs in.
        if (!request.HasScope(OpenIdConnectFeature.WriteMethods)
            && await required.AsideAsync(signedIn!, AuthorizeFlow.AddressOf(context, request), cancellation) is { } aside)
        {
            if (request.HasPromptValue(PromptValues.None))
            {
                return OAuthRefusal.Of(Errors.InteractionRequired, OpenIdConnectTexts.PasskeyRequired);
            }

            flow.Begin(context, request);
            return Results.Redirect(aside);
        }

        if (!interactive && !await WasAllowedAsync(context, antiforgery))
        {
            if (request.HasPromptValue(PromptValues.None))
            {
                return OAuthRefusal.Of(Errors.ConsentRequired, OpenIdConnectTexts.ConsentRequired);
            }

            var application = await applications.FindByClientIdAsync(request.ClientId!, cancellation);
            flow.Begin(context, request);
            return new RazorComponentResult<AllowPage>(new
            {
                Program = application is null ? request.ClientId! : await applications.GetLocalizedDisplayNameAsync(application, cancellation) ?? request.ClientId!,
                SignedIn = signedIn!,
                Parameters = AuthorizeFlow.ParametersOf(request).ToList(),
                OtherAccount = SignInAddress(context, request),
            });
        }

        flow.End(context);
        var session = await sessions.OpenAppAsync(signedIn!.Session, request.ClientId!, cancellation);
        audit.Add("app.authorized", signedIn.User.Id);
        await db.SaveChangesAsync(cancellation);
        return Results.SignIn(TokenPrincipal.Create(signedIn.User, session, request.GetScopes()), properties: null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    private static DateTimeOffset LastProof(Session session) => session.MfaAt > session.AuthenticatedAt ? session.MfaAt.Value : session.AuthenticatedAt;

    private static async Task<bool> WasAllowedAsync(HttpContext context, IAntiforgery antiforgery) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType
        && (await context.Request.ReadFormAsync()).ContainsKey("allow")
        && await antiforgery.IsRequestValidAsync(context);

    private static string SignInAddress(HttpContext context, OpenIddictRequest request) =>
        "/sign-in?fresh=1&returnUrl=" + Uri.EscapeDataString(AuthorizeFlow.AddressOf(context, request))
        + (request.LoginHint is { Length: > 0 } hint ? "&login_hint=" + Uri.EscapeDataString(hint) : "");
}
