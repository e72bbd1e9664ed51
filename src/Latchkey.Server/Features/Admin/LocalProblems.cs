using Latchkey.Api;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Admin;

/// <summary>How the administration refuses: a code and a sentence.</summary>
internal static class LocalProblems
{
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

    public static IResult NoPerson(string name) => Problem(StatusCodes.Status404NotFound, "person_not_found", AdminTexts.NoPerson.Replace("{0}", name, StringComparison.Ordinal));

    public static IResult NoGroup(string name) => Problem(StatusCodes.Status404NotFound, "group_not_found", AdminTexts.NoGroup.Replace("{0}", name, StringComparison.Ordinal));

    public static IResult Problem(int status, string code, string message) =>
        Results.Json(new GraphErrorResponse(new GraphError(code, message)), ApiJson.Default.GraphErrorResponse, statusCode: status);
}
