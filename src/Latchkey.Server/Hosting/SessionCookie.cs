using System.Security.Claims;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Latchkey.Server.Hosting;

/// <summary>The browser's cookie: a sealed session ID, looked up at every request, so that an ended session is over at once.</summary>
public static class SessionCookie
{
    public const string Scheme = "Latchkey.Session", SessionIdClaim = "sid";

    public static AuthenticationBuilder AddSessionCookie(this AuthenticationBuilder authentication, ServerOptions options) =>
        authentication.AddCookie(Scheme, cookie =>
        {
            cookie.Cookie.Name = options.IsHttps ? "__Host-latchkey" : "latchkey";
            cookie.Cookie.HttpOnly = true;
            // Lax: an app's sign-in request arrives as a navigation from elsewhere.
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = options.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            cookie.LoginPath = "/sign-in";
            cookie.AccessDeniedPath = "/sign-in";
            cookie.ReturnUrlParameter = "returnUrl";
            cookie.SlidingExpiration = false;
            cookie.ExpireTimeSpan = TimeSpan.FromHours(12);
            cookie.Events.OnValidatePrincipal = ValidateAsync;
            cookie.Events.OnRedirectToLogin = AskToSignInAsync;
        });

    public static Task SignInAsync(HttpContext context, Session session) =>
        context.SignInAsync(Scheme, new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(SessionIdClaim, session.Id.ToString()), new Claim(ClaimTypes.NameIdentifier, session.UserId.ToString())], Scheme)));

    public static Task SignOutAsync(HttpContext context) => context.SignOutAsync(Scheme);

    /// <summary>A page goes to the sign-in and back; a script is told, and goes there with its page.</summary>
    private static Task AskToSignInAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        if (context.Request.Headers.Accept.ToString().StartsWith("application/json", StringComparison.Ordinal))
        {
            return Refusal.Portal(context.HttpContext, "sign_in_required").ExecuteAsync(context.HttpContext);
        }

        context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    private static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var found = Guid.TryParse(context.Principal?.FindFirstValue(SessionIdClaim), out var id)
            ? await context.HttpContext.RequestServices.GetRequiredService<SessionStore>().FindAsync(id, context.HttpContext.RequestAborted)
            : null;
        if (found is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Scheme);
            return;
        }

        context.HttpContext.Features.Set(found);
    }
}
