using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>
/// Authorization requests: who are you, is it recent enough, may this program act for you.
/// <see href="https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest"/>
/// </summary>
internal static class AuthorizeEndpoint
{
    public static async Task<IResult> HandleAsync(
        HttpContext context, SessionStore sessions, AuthorizeFlow flow, IAntiforgery antiforgery, IOpenIddictApplicationManager applications,
        RequiredPasskey required, LatchkeyDb db, AuditLog audit, TimeProvider time, CancellationToken cancellation)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("Not an OpenID Connect request.");
        await context.AuthenticateAsync(SessionCookie.Scheme);
        var signedIn = SignedIn.Of(context);
        var parameters = AuthorizeFlow.ParametersOf(request);
        var isSilent = request.HasPromptValue(PromptValues.None);

        if (signedIn is not null && await IsDeniedAsync(context, antiforgery))
        {
            audit.Add("app.authorized", signedIn.User.Id, Errors.AccessDenied);
            await db.SaveChangesAsync(cancellation);
            return OAuthRefusal.Of(Errors.AccessDenied, OpenIdConnectTexts.NotAllowed);
        }

        // What the person did for this very request, in this session: the press on its page, or the proof that led back to it.
        var answered = signedIn is null ? null
            : await PressedAsync(context, antiforgery, flow, signedIn, parameters, cancellation) ?? await flow.ProvedAsync(context, signedIn.Session, parameters, cancellation);

        // prompt=login: "The Authorization Server SHOULD prompt the End-User for reauthentication." The page of a press is shown only after that.
        var mustSignIn = signedIn is null || (request.HasPromptValue(PromptValues.Login) && answered is not { Answer: FlowAnswer.SignedIn or FlowAnswer.Allowed });

        // max_age: "If the elapsed time is greater than this value, the OP MUST attempt to actively re-authenticate the End-User." 0 is prompt=login.
        var tooOld = signedIn is not null && answered is null && request.MaxAge is { } maxAge
            && (maxAge == 0 || !signedIn.Session.ProvedAt.IsWithin(TimeSpan.FromSeconds(maxAge), time.GetUtcNow()));
        if (mustSignIn || tooOld)
        {
            return isSilent ? OAuthRefusal.Of(Errors.LoginRequired, OpenIdConnectTexts.LoginRequired)
                : Results.Redirect(mustSignIn ? SignInAddress(context, request) : "/step-up?reason=app&returnUrl=" + Uri.EscapeDataString(AuthorizeFlow.AddressOf(context, request)));
        }

        // A program that adds passkeys is let on: it may be the very one the person is to make theirs in.
        if (!request.HasScope(OpenIdConnectFeature.WriteMethods)
            && await required.AsideAsync(signedIn!, AuthorizeFlow.AddressOf(context, request), cancellation) is { } aside)
        {
            return isSilent ? OAuthRefusal.Of(Errors.InteractionRequired, OpenIdConnectTexts.PasskeyRequired) : Results.Redirect(aside);
        }

        // prompt=consent, select_account: the page that names program and account, whatever else was proved.
        var wantsPage = request.HasPromptValue(PromptValues.Consent) || request.HasPromptValue(PromptValues.SelectAccount);
        if (answered is null || (wantsPage && answered is not { Answer: FlowAnswer.Allowed }))
        {
            return isSilent ? OAuthRefusal.Of(Errors.ConsentRequired, OpenIdConnectTexts.ConsentRequired) : await AskAsync();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation); // the answer's end, the session and the row that tells of it
        Session session;
        try
        {
            flow.Use(answered.Value, signedIn!.Session);
            audit.Add("app.authorized", signedIn.User.Id);
            session = await sessions.OpenAppAsync(signedIn.Session, request.ClientId!, DeviceOf(context, request), cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            await transaction.RollbackAsync(cancellation);
            return await AskAsync(); // the same press twice at once: the other one won
        }

        flow.Forget(context);
        return Results.SignIn(TokenPrincipal.Create(signedIn.User, session, request.GetScopes()), properties: null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);

        async Task<IResult> AskAsync()
        {
            var application = await applications.FindByClientIdAsync(request.ClientId!, cancellation);
            return new RazorComponentResult<AllowPage>(new
            {
                Program = application is null ? request.ClientId! : await applications.GetLocalizedDisplayNameAsync(application, cancellation) ?? request.ClientId!,
                SignedIn = signedIn!,
                Parameters = parameters,
                Ticket = flow.TicketFor(signedIn!.Session, parameters),
                OtherAccount = SignInAddress(context, request),
            });
        }
    }

    /// <summary>A no needs no ticket: it gives nobody anything.</summary>
    private static async Task<bool> IsDeniedAsync(HttpContext context, IAntiforgery antiforgery) =>
        HttpMethods.IsPost(context.Request.Method) && context.Request.HasFormContentType
        && (await context.Request.ReadFormAsync(context.RequestAborted)).ContainsKey(AuthorizeFlow.DenyField) && await antiforgery.IsRequestValidAsync(context);

    private static async Task<AnsweredFlow?> PressedAsync(
        HttpContext context, IAntiforgery antiforgery, AuthorizeFlow flow, SignedIn signedIn, IReadOnlyList<KeyValuePair<string, string?>> parameters, CancellationToken cancellation)
    {
        if (!HttpMethods.IsPost(context.Request.Method) || !context.Request.HasFormContentType)
        {
            return null;
        }

        var form = await context.Request.ReadFormAsync(cancellation);
        return form.ContainsKey(AuthorizeFlow.AllowField) && await antiforgery.IsRequestValidAsync(context)
            ? await flow.PressedAsync(form[AuthorizeFlow.TicketField], signedIn.Session, parameters, cancellation)
            : null;
    }

    /// <summary>What the program calls its device; else the system of the browser it opened, which is that of its computer.</summary>
    private static string? DeviceOf(HttpContext context, OpenIddictRequest request) =>
        (string?)request[OpenIdConnectContract.DeviceNameParameter] ?? DeviceLabel.Of(context.Request.Headers.UserAgent).System;

    private static string SignInAddress(HttpContext context, OpenIddictRequest request) =>
        "/sign-in?fresh=1&returnUrl=" + Uri.EscapeDataString(AuthorizeFlow.AddressOf(context, request))
        + (request.LoginHint is { Length: > 0 } hint ? "&login_hint=" + Uri.EscapeDataString(hint) : "");
}
