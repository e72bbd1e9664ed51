using System.Security.Cryptography;
using System.Text;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// Loopback is hostile ground: any page in any browser here can send requests to this port, and any program can listen on another.
/// Every request must name this very host and port, come from this origin if it says an origin, and carry this start's cookie, which is
/// given out once, for the launch token this program printed. There is no CORS. One door is open to a request from elsewhere: the redirect
/// that ends a sign-in, which proves itself by its state.
/// </summary>
internal sealed class LoopbackGuard
{
    // Cookies do not know ports: the name keeps two Authenticators on this machine apart.
    private readonly string _cookieName = "latchkey-app-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly string _cookie = ByteString.Random(32).ToBase64Url();

    // Tickets nobody took make room for new ones.
    private const int MaxTickets = 16;
    private readonly List<string> _tickets = [];
    private readonly Lock _gate = new();

    /// <summary>What the printed address carries.</summary>
    public string LaunchToken { get; } = ByteString.Random(32).ToBase64Url();

    /// <summary>The one origin that may show the app in a frame; null when none may.</summary>
    public string? ShownIn { get; init; }

    /// <summary>This host and port, once they are known.</summary>
    public string Authority { get; set; } = "";

    /// <summary>A token that lets one window in, once.</summary>
    public string IssueTicket()
    {
        var ticket = ByteString.Random(32).ToBase64Url();
        lock (_gate)
        {
            if (_tickets.Count == MaxTickets) _tickets.RemoveAt(0);
            _tickets.Add(ticket);
        }

        return ticket;
    }

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;

        // The socket in the data directory is its owner's door for links, and for nothing else; the network never has that door.
        var opens = request.Path == SingleInstance.Path;
        if (SingleInstance.CameBySocket(context))
        {
            await (opens ? next(context) : RefuseAsync(context, StatusCodes.Status404NotFound));
            return;
        }

        if (opens)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound);
            return;
        }

        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            + $"connect-src 'self' ws://{Authority}; form-action 'self'; base-uri 'self'; frame-ancestors {ShownIn ?? "'none'"}";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";

        // The exact host: a name that resolves to loopback (DNS rebinding) is not it.
        if (request.Host.Value != Authority)
        {
            await RefuseAsync(context, StatusCodes.Status421MisdirectedRequest);
            return;
        }

        if (request.Headers.Origin is [{ } origin] && origin != $"http://{Authority}")
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden);
            return;
        }

        if (HttpMethods.IsGet(request.Method) && request.Path == OpenIdConnectContract.RedirectPath)
        {
            await next(context);
            return;
        }

        if (HttpMethods.IsGet(request.Method) && request.Path == "/" && (Same(request.Query["token"], LaunchToken) || TakeTicket(request.Query["token"])))
        {
            context.Response.Cookies.Append(_cookieName, _cookie, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
            context.Response.Redirect("/");
            return;
        }

        // Style and icons hold no secret, and the page behind the redirect shows them too.
        if (request.Path.StartsWithSegments("/look", StringComparison.Ordinal) || Same(request.Cookies[_cookieName], _cookie))
        {
            await next(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(Shell.ShellTexts.NotAllowed);
    }

    private bool TakeTicket(string? given)
    {
        lock (_gate)
        {
            return _tickets.FindIndex(ticket => Same(given, ticket)) is var index and >= 0 && Remove(index);
        }

        bool Remove(int index)
        {
            _tickets.RemoveAt(index);
            return true;
        }
    }

    private static Task RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static bool Same(string? given, string expected) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));
}
