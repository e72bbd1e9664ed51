using Latchkey.Server.Features.SecurityInfo.ThisDevice;

namespace Latchkey.Server.Hosting;

/// <summary>What every answer says to the browser: run only our own files, frame us nowhere, keep nothing.</summary>
internal static class SecurityHeaders
{
    /// <summary>Said when an answer begins, whoever gives it: one that an exception took the place of says it too.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app, ServerOptions options) => app.Use((context, next) =>
    {
        var path = context.Request.Path;
        var isVersioned = context.Request.Query.ContainsKey("v");
        context.Response.OnStarting(() =>
        {
            Say(context.Response.Headers, path, isVersioned, options);
            return Task.CompletedTask;
        });
        return next(context);
    });

    private static void Say(IHeaderDictionary headers, PathString path, bool isVersioned, ServerOptions options)
    {
        // An app's sign-in ends in a redirect to its loopback address, which browsers count as the form's target.
        var formTargets = path.StartsWithSegments("/sign-in", StringComparison.Ordinal) || path.StartsWithSegments("/step-up", StringComparison.Ordinal) || path.StartsWithSegments("/connect", StringComparison.Ordinal)
            ? "'self' http://127.0.0.1:*"
            : "'self'";
        headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action {formTargets}; frame-ancestors 'none'; base-uri 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "publickey-credentials-create=(self), publickey-credentials-get=(self), camera=(), microphone=(), geolocation=()";
        headers.CacheControl = (path.StartsWithSegments("/look", StringComparison.Ordinal) || path.StartsWithSegments("/assets", StringComparison.Ordinal))
            // A module another one imports has no version in its address: asked about each time, answered from the entity tag.
            ? isVersioned ? "public, max-age=31536000, immutable" : "public, no-cache"
            : "no-cache, no-store";
        // Which steps a person needs to be told depends on the system's version, which browsers say only when asked.
        headers["Accept-CH"] = DeviceGuess.AcceptClientHints;
        if (options.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }
}
