using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Shell;

/// <summary>What a person, or a program, sees of a failure nobody foresaw: a number to look up, never its innards.</summary>
internal static class ErrorPage
{
    public static async Task ShowAsync(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerPathFeature>();
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Latchkey.Server.Failure")
            .LogError("Request {TraceIdentifier} to {Path} failed: {Kind}", context.TraceIdentifier, failure?.Path, failure?.Error.GetType().Name);
        if (failure?.Path.StartsWith("/v1.0", StringComparison.Ordinal) == true || context.Request.Headers.Accept.ToString().Contains("application/json", StringComparison.Ordinal))
        {
            await Results.Json(
                new { error = new { code = "internal_error", message = ShellTexts.Failed, innerError = new { requestId = context.TraceIdentifier } } },
                statusCode: StatusCodes.Status500InternalServerError).ExecuteAsync(context);
            return;
        }

        await new RazorComponentResult<MessagePage>(new
        {
            Title = ShellTexts.FailedTitle,
            Text = ShellTexts.Failed,
            Detail = ShellTexts.FailedNumber.With(context.TraceIdentifier),
            Href = "/security-info",
            Action = ShellTexts.StartAgain,
        })
        { StatusCode = StatusCodes.Status500InternalServerError }.ExecuteAsync(context);
    }
}
