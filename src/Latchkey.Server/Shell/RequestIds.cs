namespace Latchkey.Server.Shell;

/// <summary>By which names a request is looked up: the server's own, which its log has, and the client's. Graph's answers carry both. <see href="https://learn.microsoft.com/graph/best-practices-concept#reliability-and-support"/></summary>
internal static class RequestIds
{
    private const string Server = "request-id", Client = "client-request-id";

    private const int Longest = 64;

    public static void UseRequestIds(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path.StartsWithSegments("/v1.0", StringComparison.Ordinal))
        {
            context.Response.OnStarting(() =>
            {
                (context.Response.Headers[Server], context.Response.Headers[Client]) = (context.TraceIdentifier, OfClient(context));
                return Task.CompletedTask;
            });
        }

        return next(context);
    });

    /// <summary>The client's name for the request; the server's where the client gave none, or none that may stand in a log.</summary>
    public static string OfClient(HttpContext context) =>
        context.Request.Headers[Client].ToString() is { Length: > 0 and <= Longest } given && given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':')
            ? given
            : context.TraceIdentifier;
}
