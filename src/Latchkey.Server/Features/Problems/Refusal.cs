using Latchkey.Api;

namespace Latchkey.Server.Features.Problems;

/// <summary>A row of the problem table as an answer. The one room every feature may call: it has no routes of its own.</summary>
internal static class Refusal
{
    /// <summary>In Microsoft Graph's shape, for programs.</summary>
    public static IResult Graph(HttpContext context, string code)
    {
        var problem = ProblemTable.Of(code);
        Log(context, problem);
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return Results.Json(
            new GraphErrorResponse(new GraphError(problem.Code, problem.Text, new GraphInnerError(now, context.TraceIdentifier, problem.NextStep))),
            ApiJson.Default.GraphErrorResponse,
            statusCode: problem.Status);
    }

    /// <summary>As problem details (RFC 9457), for the portal's own script.</summary>
    public static IResult Portal(HttpContext context, string code)
    {
        var problem = ProblemTable.Of(code);
        Log(context, problem);
        return Results.Json(new { code = problem.Code, title = problem.Text, detail = problem.NextStep, status = problem.Status }, statusCode: problem.Status, contentType: "application/problem+json");
    }

    private static void Log(HttpContext context, Problem problem) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Latchkey.Server.Problems")
            .LogInformation("{TraceIdentifier} refused: {Code}", context.TraceIdentifier, problem.Code);
}
