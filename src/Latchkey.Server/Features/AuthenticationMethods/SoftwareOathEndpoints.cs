using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.AuthenticationMethods;

/// <summary>The signed-in person's codes. <see href="https://learn.microsoft.com/graph/api/resources/softwareoathauthenticationmethod"/></summary>
internal static class SoftwareOathEndpoints
{
    public static async Task<IResult> ListAsync(HttpContext context, LatchkeyDb db, CancellationToken cancellation)
    {
        var user = SignedIn.Required(context).User.Id;
        var methods = await db.CodeMethods.AsNoTracking().Where(c => c.UserId == user).OrderBy(c => c.CreatedAt).ToListAsync(cancellation);
        return Results.Json(new SoftwareOathMethodCollection([.. methods.Select(View)]), ApiJson.Default.SoftwareOathMethodCollection);
    }

    public static async Task<IResult> BeginAsync(HttpContext context, CodeDesk desk, OrganisationStore organisations, CancellationToken cancellation)
    {
        var user = SignedIn.Required(context).User;
        if (await desk.WhyNotAsync(user.Id, cancellation) is { } problem)
        {
            return Refusal.Graph(context, problem);
        }

        var begun = desk.Begin(user.Id);
        return Results.Json(
            new SoftwareOathBeginning(
                begun.Id, begun.Pending, begun.Expires, begun.Secret, (await organisations.GetAsync(cancellation)).DisplayName, user.UserName!,
                CodeDesk.Algorithm, CodeDesk.Digits, CodeDesk.Period),
            ApiJson.Default.SoftwareOathBeginning);
    }

    public static async Task<IResult> ConfirmAsync(Guid id, HttpContext context, CodeDesk desk, CancellationToken cancellation)
    {
        if (Read(await context.ReadBodyAsync(cancellation)) is not { } confirmation)
        {
            return Refusal.Graph(context, "request_malformed");
        }

        var (method, problem) = await desk.ConfirmAsync(SignedIn.Required(context).User.Id, id, confirmation.Pending, confirmation.Code, confirmation.DisplayName, cancellation);
        return method is null
            ? Refusal.Graph(context, problem!)
            : Results.Json(View(method), ApiJson.Default.SoftwareOathMethod, statusCode: StatusCodes.Status201Created);
    }

    public static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, LatchkeyDb db, MethodChanges changes, CancellationToken cancellation)
    {
        var user = SignedIn.Required(context).User;
        if (!await db.CodeMethods.AnyAsync(c => c.Id == id && c.UserId == user.Id, cancellation))
        {
            return Refusal.Graph(context, CodeDesk.Gone);
        }

        return await changes.DeleteAsync(ProgramAccess.ActorOf(context), user, MethodKind.Code, id, cancellation) is { } problem
            ? Refusal.Graph(context, problem is MethodChanges.NotFound ? CodeDesk.Gone : problem)
            : Results.NoContent();
    }

    private static SoftwareOathMethod View(CodeMethod method) => new(method.Id, method.DisplayName, method.CreatedAt);

    private static SoftwareOathConfirmation? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, ApiJson.Default.SoftwareOathConfirmation) is { Pending: not null, Code: not null } confirmation ? confirmation : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
