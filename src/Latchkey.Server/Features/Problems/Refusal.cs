using Latchkey.Api;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Problems;

/// <summary>A row of the problem table as an answer. The one room every feature may call: it has no routes of its own.</summary>
internal static class Refusal
{
    /// <summary>In Microsoft Graph's shape, for programs.</summary>
    /// <param name="context">The request.</param>
    /// <param name="code">The problem's code.</param>
    /// <param name="model">The model of authenticator it is about.</param>
    public static IResult Graph(HttpContext context, string code, Guid? model = null)
    {
        var problem = ProblemTable.Of(code);
        Log(context, problem);
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return Results.Json(
            new GraphErrorResponse(new GraphError(problem.Code, TextOf(context, problem, model), new GraphInnerError(now, context.TraceIdentifier, problem.NextStep, model?.ToString(), RequestIds.OfClient(context)))),
            ApiJson.Default.GraphErrorResponse,
            statusCode: problem.Status);
    }

    /// <summary>As problem details (RFC 9457), for the portal's own script.</summary>
    /// <inheritdoc cref="Graph"/>
    public static IResult Portal(HttpContext context, string code, Guid? model = null)
    {
        var problem = ProblemTable.Of(code);
        Log(context, problem);
        return Results.Json(new { code = problem.Code, title = TextOf(context, problem, model), detail = problem.NextStep, status = problem.Status }, statusCode: problem.Status, contentType: "application/problem+json");
    }

    /// <summary>What a person reads, with the model where it is one that is refused.</summary>
    private static string TextOf(HttpContext context, Problem problem, Guid? model) => model is { } aaguid
        ? $"{problem.Text} {ProblemTexts.Model.With(context.RequestServices.GetRequiredService<PasskeyNames>().ProviderOf(aaguid) ?? ProblemTexts.ModelUnknown, aaguid)}"
        : problem.Text;

    private static void Log(HttpContext context, Problem problem) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Latchkey.Server.Problems")
            .LogInformation("{TraceIdentifier} refused: {Code}", context.TraceIdentifier, problem.Code);
}
