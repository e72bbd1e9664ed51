using System.Text;
using Latchkey.Api;
using Latchkey.Protocol;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Admin;

/// <summary>How the administration refuses: a code and a sentence.</summary>
internal static class LocalProblems
{
    private const int MaxName = 256;

    /// <summary>The second lock on the door, and one place where a refusal becomes an answer.</summary>
    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next)
    {
        if (invocation.HttpContext.Features.Get<LocalAdministrator>() is null)
        {
            return Results.NotFound();
        }

        try
        {
            return await next(invocation);
        }
        catch (AccountRuleException refusal)
        {
            return Problem(StatusCodes.Status400BadRequest, "request_invalid", refusal.Message);
        }
    }

    /// <summary>The administrator; one whose program asks for it is warned before the last way in goes. (The command line of 0.1.0 does not ask.)</summary>
    public static MethodActor ActorOf(HttpContext context) => MethodActor.Administrator with { IsSure = context.Request.Headers[LastMethod.Header] != LastMethod.Ask };

    /// <summary>Whether people and groups may be called so: an address can carry it, and a screen can show it.</summary>
    public static bool IsName(string? name) =>
        ForeignText.IsName(name, MaxName) && name!.Trim() is not ("." or "..") && !name.Any(c => c is '/' or '\\')
        && !name.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || (rune.Value & 0xFFFE) == 0xFFFE);

    public static IResult Malformed() => Problem(StatusCodes.Status400BadRequest, "request_malformed", ProblemTable.Of("request_malformed").Text);

    public static IResult NoPerson(string name) => Problem(StatusCodes.Status404NotFound, "person_not_found", AdminTexts.NoPerson.Replace("{0}", name, StringComparison.Ordinal));

    public static IResult NoGroup(string name) => Problem(StatusCodes.Status404NotFound, "group_not_found", AdminTexts.NoGroup.Replace("{0}", name, StringComparison.Ordinal));

    public static IResult NoAuthority(string id) => Problem(StatusCodes.Status404NotFound, "attestation_authority_not_found", AdminTexts.NoAuthority.Replace("{0}", id, StringComparison.Ordinal));

    public static IResult NoCertificate(string serial) =>
        Problem(StatusCodes.Status404NotFound, "attestation_certificate_not_found", AdminTexts.NoCertificate.Replace("{0}", serial, StringComparison.Ordinal));

    /// <summary>A pass that could not be used is not made: why not, by the policy's own code.</summary>
    public static IResult NoPassFor(string name, string withheld) => Problem(StatusCodes.Status403Forbidden, withheld, (withheld switch
    {
        "method_disabled" => AdminTexts.PassDisabled,
        "method_excluded" => AdminTexts.PassExcluded,
        _ => AdminTexts.PassNotIncluded,
    }).Replace("{0}", name, StringComparison.Ordinal));

    /// <summary>A row of the problem table, with what it is about.</summary>
    public static IResult OfTable(HttpContext context, string code, params ReadOnlySpan<object?> about)
    {
        var problem = ProblemTable.Of(code);
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return Results.Json(
            new GraphErrorResponse(new GraphError(code, problem.Text.With(about), new GraphInnerError(now, context.TraceIdentifier, problem.NextStep, ClientRequestId: RequestIds.OfClient(context)))),
            ApiJson.Default.GraphErrorResponse,
            statusCode: problem.Status);
    }

    public static IResult Problem(int status, string code, string message) =>
        Results.Json(new GraphErrorResponse(new GraphError(code, message)), ApiJson.Default.GraphErrorResponse, statusCode: status);
}
