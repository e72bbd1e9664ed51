using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>Deleting asks first, warns before the last way in goes, and ends the other sessions the method opened.</summary>
internal static class DeleteStep
{
    public static async Task<IResult> ShowAsync(string kind, Guid id, SignedIn signedIn, MethodList methods, MethodGuard guard, CancellationToken cancellation) =>
        Find(await methods.OfAsync(signedIn.User, cancellation), kind, id) is { } line
            ? new RazorComponentResult<DeletePage>(new { Line = line, IsLast = await guard.IsLastAsync(signedIn.User, line.Kind, id, cancellation) })
            : Results.Redirect(AddWizard.Root);

    public static async Task<IResult> DeleteAsync(
        HttpContext context, string kind, Guid id, SignedIn signedIn, MethodList methods, MethodChanges changes, CancellationToken cancellation)
    {
        if (Find(await methods.OfAsync(signedIn.User, cancellation), kind, id) is not { } line)
        {
            return Results.Redirect(AddWizard.Root);
        }

        var actor = new MethodActor(signedIn.Session) { IsSure = (await context.FieldAsync("sure")).Length > 0 };
        return await changes.DeleteAsync(actor, signedIn.User, line.Kind, id, cancellation) switch
        {
            null => Results.Redirect(AddWizard.Root + "?said=" + (line.Kind is MethodKind.Passkey ? "passkey-deleted" + (line.Keeper is null ? "" : "&from=" + line.Keeper) : "deleted")),
            MethodGuard.LastMethod => new RazorComponentResult<DeletePage>(new { Line = line, IsLast = true }) { StatusCode = StatusCodes.Status400BadRequest },
            _ => Results.Redirect(AddWizard.Root), // gone meanwhile
        };
    }

    private static MethodLine? Find(IReadOnlyList<MethodLine> lines, string kind, Guid id) =>
        lines.FirstOrDefault(line => line.CanDelete && line.Id == id && line.Kind == MethodKinds.Parse(kind));
}
