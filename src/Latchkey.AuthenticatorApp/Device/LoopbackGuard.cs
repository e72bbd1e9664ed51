using System.Security.Cryptography;
using System.Text;
using Latchkey.Api.OpenIdConnect;
using Latchkey.AuthenticatorApp.Shell;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// Loopback is hostile ground: any page in any browser here can send requests to this port, any program can listen on another, and cookies do not
/// know ports. So there are no cookies. The pages have a host of their own, which is another at each start; what is served without proof is an empty
/// page. The page exchanges the ticket in its address for this start's secret (<see cref="EnterPath"/>), keeps it for its tab, and shows it when it
/// opens its circuit: as a WebSocket's sub-protocol, since a page can set no header of one and its address may be logged. All that is personal comes
/// by the circuit. There is no CORS. One door has its own proof: the redirect that ends a sign-in, on 127.0.0.1, which knows its state.
/// </summary>
internal sealed class LoopbackGuard
{
    /// <summary>Where a ticket, or a secret that may be an old one, is exchanged for the secret.</summary>
    public const string EnterPath = "/enter";

    /// <summary>The sub-protocol the circuit speaks; the secret is offered beside it.</summary>
    public const string CircuitProtocol = "latchkey-window";

    private const string CircuitPath = "/_blazor";

    /// <summary>Carries the circuit's own secret in its body, and can do nothing but end it: a page that goes sends it, and can set no header then.</summary>
    private const string DisconnectPath = "/_blazor/disconnect";

    /// <summary>The list of scripts to start with, the same for everybody.</summary>
    private const string InitializersPath = "/_blazor/initializers";

    // Longer than what is sent to EnterPath.
    private const int MaxProof = 256;

    private readonly string _secret = ByteString.Random(32).ToBase64Url();

    // One label of its own under a name of ours, by which the browser's extension keeps out of it.
    private readonly string _host = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)) + ".latchkey.localhost";

    public LoopbackGuard(TimeProvider time) => Tickets = new(time);

    /// <summary>Let windows in.</summary>
    public WindowTickets Tickets { get; }

    /// <summary>The one origin that may show the app in a frame; null when none may.</summary>
    public string? ShownIn { get; init; }

    /// <summary>Whether the other end of a connection is this very account's.</summary>
    public Func<ConnectionInfo, bool> IsOurs { get; init; } = LoopbackPeer.IsOurs;

    /// <summary>The port, once it is known.</summary>
    public int Port { get; set; }

    /// <summary>The host and port of the pages.</summary>
    public string Authority => new Uri($"http://{_host}:{Port}").Authority;

    /// <summary>The address a sign-in comes back to, and every window begins at.</summary>
    private string AddressAuthority => new Uri($"http://127.0.0.1:{Port}").Authority;

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

        SetHeaders(context.Response);
        var reads = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        // Style, icons and scripts hold no secret, and whoever is shown the way in sees them too.
        if (reads && (request.Path.StartsWithSegments("/look", StringComparison.Ordinal) || request.Path.StartsWithSegments("/assets", StringComparison.Ordinal)))
        {
            await next(context);
            return;
        }

        // The exact host: a name that resolves to loopback (DNS rebinding) is not it.
        if (request.Host.Value is var host && host != Authority && host != AddressAuthority)
        {
            await WayIn.ShowAsync(context, StatusCodes.Status421MisdirectedRequest);
            return;
        }

        if (request.Headers.Origin is [{ } origin] && origin != $"http://{Authority}")
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden);
            return;
        }

        if (host == AddressAuthority)
        {
            if (HttpMethods.IsGet(request.Method) && request.Path == OpenIdConnectContract.RedirectPath) await next(context);
            // The browser takes the ticket along: what follows the # goes from address to address.
            else if (reads) context.Response.Redirect($"http://{Authority}{request.PathBase}{request.Path}{request.QueryString}");
            else await RefuseAsync(context, StatusCodes.Status403Forbidden);
            return;
        }

        if (HttpMethods.IsPost(request.Method) && request.Path == EnterPath)
        {
            await EnterAsync(context);
            return;
        }

        var passes = request.Path.StartsWithSegments(CircuitPath, StringComparison.Ordinal)
            ? (HttpMethods.IsPost(request.Method) && request.Path == DisconnectPath) || (reads && request.Path == InitializersPath) || MayOpenCircuit(context)
            : reads && request.Path != OpenIdConnectContract.RedirectPath;
        await (passes ? next(context) : WayIn.ShowAsync(context, StatusCodes.Status403Forbidden));
    }

    private async Task EnterAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var proof = new char[MaxProof];
        var length = await reader.ReadBlockAsync(proof, context.RequestAborted);
        // Whose it is first: a ticket that somebody else has read stays good for whom it was made.
        if (context.Request.Headers.Origin.Count == 1 && IsOurs(context.Connection) && IsProof(new string(proof, 0, length)))
        {
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(_secret);
            return;
        }

        await RefuseAsync(context, StatusCodes.Status403Forbidden);
    }

    private bool IsProof(string given) => Same(given, _secret) || Tickets.TryTake(given);

    private bool MayOpenCircuit(HttpContext context)
    {
        var offered = context.Request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol");
        if (context.Request.Headers.Origin.Count != 1 || offered is not [CircuitProtocol, var secret] || !Same(secret, _secret) || !IsOurs(context.Connection))
        {
            return false;
        }

        // The other one that was offered is the window's secret, and no answer repeats it.
        context.Response.Headers.SecWebSocketProtocol = CircuitProtocol;
        return true;
    }

    private void SetHeaders(HttpResponse response)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            + $"connect-src 'self' ws://{Authority}; form-action 'self'; base-uri 'self'; frame-ancestors {ShownIn ?? "'none'"}";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        // The framework sets one against forged forms; there are no forms, and a cookie here would be in reach of every port.
        response.OnStarting(() =>
        {
            headers.Remove("Set-Cookie");
            return Task.CompletedTask;
        });
    }

    private static Task RefuseAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static bool Same(string given, string expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));
}
