using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Shell;

/// <summary>What a person, or a program, sees at an address where nothing is.</summary>
internal static class NotFoundPage
{
    public static void MapNotFoundPage(this IEndpointRouteBuilder app) => app.MapFallback("{*path}", (HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1.0", StringComparison.Ordinal)
            ? Results.Json(
                new { error = new { code = "not_found", message = ShellTexts.NotFound, innerError = new { requestId = context.TraceIdentifier } } },
                statusCode: StatusCodes.Status404NotFound)
            : new RazorComponentResult<MessagePage>(new
            {
                Title = ShellTexts.NotFoundTitle,
                Text = ShellTexts.NotFound,
                Href = "/security-info",
                Action = ShellTexts.ToSecurityInfo,
            })
            { StatusCode = StatusCodes.Status404NotFound });
}
