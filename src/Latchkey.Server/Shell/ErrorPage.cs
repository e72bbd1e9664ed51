using System.Net.Mime;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;

namespace Latchkey.Server.Shell;

/// <summary>What a person, or a program, sees of a request that nobody answered with words: what was wrong with it, or, of a failure nobody foresaw, a number to
/// look up; never its innards.</summary>
internal static class ErrorPage
{
    /// <summary>Gives words to every refusal that has none, and an answer to every exception.</summary>
    public static void UseErrorPages(this IApplicationBuilder app)
    {
        app.UseStatusCodePages(refused => SayAsync(refused.HttpContext));
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = ShowAsync,
            AllowStatusCode404Response = true,
            // One line of ours says what it was; a body that can't be read is no failure of this program.
            SuppressDiagnosticsCallback = failed => failed.Exception is BadHttpRequestException,
        });
    }

    private static async Task ShowAsync(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>();
        var log = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Latchkey.Server.Failure");
        if (failure?.Error is BadHttpRequestException bad)
        {
            context.Response.StatusCode = bad.StatusCode;
            log.LogInformation("{TraceIdentifier} refused: status {Status}", context.TraceIdentifier, bad.StatusCode);
        }
        else
        {
            log.LogError("Request {TraceIdentifier} to {Path} failed: {Kind}", context.TraceIdentifier, failure?.Path, failure?.Error.GetType().Name);
        }

        await SayAsync(context);
    }

    private static Task SayAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var (code, title, text) = status switch
        {
            StatusCodes.Status400BadRequest => ("request_malformed", ShellTexts.UnreadableTitle, ShellTexts.Unreadable),
            StatusCodes.Status404NotFound => ("not_found", ShellTexts.NotFoundTitle, ShellTexts.NotFound),
            StatusCodes.Status405MethodNotAllowed => ("method_not_allowed", ShellTexts.NotFoundTitle, ShellTexts.MethodNotAllowed),
            StatusCodes.Status413PayloadTooLarge => ("request_too_large", ShellTexts.TooLargeTitle, ShellTexts.TooLarge),
            StatusCodes.Status415UnsupportedMediaType => ("media_type_unsupported", ShellTexts.UnreadableTitle, ShellTexts.MediaTypeUnsupported),
            StatusCodes.Status421MisdirectedRequest => ("misdirected_request", ShellTexts.MisdirectedTitle, ShellTexts.Misdirected),
            >= StatusCodes.Status500InternalServerError => ("internal_error", ShellTexts.FailedTitle, ShellTexts.Failed),
            _ => ($"http_{status}", ShellTexts.RefusedTitle, ReasonPhrases.GetReasonPhrase(status)),
        };
        var isFailure = status >= StatusCodes.Status500InternalServerError;
        if (IsGraph(context.Request))
        {
            var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
            return Results.Json(
                new GraphErrorResponse(new GraphError(code, text, new GraphInnerError(now, context.TraceIdentifier, ClientRequestId: RequestIds.OfClient(context)))), ApiJson.Default.GraphErrorResponse, statusCode: status).ExecuteAsync(context);
        }

        if (IsProgram(context.Request))
        {
            return Results.Json(new { code, title, detail = text, status }, statusCode: status, contentType: MediaTypeNames.Application.ProblemJson).ExecuteAsync(context);
        }

        return new RazorComponentResult<MessagePage>(new
        {
            Title = title,
            Text = text,
            Detail = isFailure ? ShellTexts.FailedNumber.With($"{context.TraceIdentifier} ({code})") : ShellTexts.ProblemCode.With(code),
            Href = "/security-info",
            Action = isFailure ? ShellTexts.StartAgain : ShellTexts.ToSecurityInfo,
        })
        { StatusCode = status }.ExecuteAsync(context);
    }

    private static bool IsGraph(HttpRequest request) =>
        request.Path.StartsWithSegments("/v1.0", StringComparison.Ordinal) || request.Path.StartsWithSegments("/" + AdministrationClient.Root, StringComparison.Ordinal)
        || request.Path.StartsWithSegments("/passkeys", StringComparison.Ordinal);

    private static bool IsProgram(HttpRequest request)
    {
        var accepted = request.Headers.Accept.ToString();
        return !accepted.Contains(MediaTypeNames.Text.Html, StringComparison.OrdinalIgnoreCase)
            && (accepted.Contains("json", StringComparison.OrdinalIgnoreCase) || request.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) is true);
    }
}
