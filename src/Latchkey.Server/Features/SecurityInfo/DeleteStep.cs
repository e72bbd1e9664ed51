using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>Deleting asks first, warns before the last way in goes, and ends the other sessions the method opened.</summary>
internal static class DeleteStep
{
    public static async Task<IResult> ShowAsync(string kind, Guid id, SignedIn signedIn, MethodList methods, CancellationToken cancellation)
    {
        var lines = await methods.OfAsync(signedIn.User, cancellation);
        return Find(lines, kind, id) is { } line
            ? new RazorComponentResult<DeletePage>(new { Line = line, IsLast = !MethodList.LeavesAWay(lines, line) })
            : Results.Redirect("/security-info");
    }

    public static async Task<IResult> DeleteAsync(
        HttpContext context, string kind, Guid id, SignedIn signedIn, MethodList methods, PasskeyStore passkeys, AuthenticatorStore authenticators, SessionStore sessions, UserManager<User> users,
        LatchkeyDb db, AuditLog audit, AccountChanges changes, CancellationToken cancellation)
    {
        var lines = await methods.OfAsync(signedIn.User, cancellation);
        if (Find(lines, kind, id) is not { } line)
        {
            return Results.Redirect("/security-info");
        }

        if (!MethodList.LeavesAWay(lines, line) && (await context.FieldAsync("sure")).Length == 0)
        {
            return new RazorComponentResult<DeletePage>(new { Line = line, IsLast = true }) { StatusCode = StatusCodes.Status400BadRequest };
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        switch (line.Kind)
        {
            case MethodKind.Passkey:
                await passkeys.DeleteAsync((await passkeys.FindAsync(signedIn.User.Id, id, cancellation))!, signedIn.Session.Id, cancellation);
                break;
            case MethodKind.Authenticator:
                await authenticators.DeleteAsync((await authenticators.FindAsync(signedIn.User.Id, id, cancellation))!, signedIn.Session.Id, cancellation);
                break;
            case MethodKind.Code:
                await db.CodeMethods.Where(c => c.Id == id && c.UserId == signedIn.User.Id).ExecuteDeleteAsync(cancellation);
                await sessions.EndOthersOpenedByAsync(id, signedIn.Session.Id, cancellation);
                break;
            case MethodKind.TemporaryAccessPass:
                await db.TemporaryAccessPasses.Where(p => p.Id == id && p.UserId == signedIn.User.Id).ExecuteDeleteAsync(cancellation);
                await sessions.EndOthersOpenedByAsync(id, signedIn.Session.Id, cancellation);
                break;
            case MethodKind.RecoveryCode:
                await users.GenerateNewTwoFactorRecoveryCodesAsync((await users.FindByIdAsync(signedIn.User.Id.ToString()))!, 0);
                await sessions.EndOthersOpenedByAsync(id, signedIn.Session.Id, cancellation);
                break;
            default:
                return Results.Redirect("/security-info");
        }

        audit.Add("method.deleted", signedIn.User.Id, method: line.Kind, methodId: id);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(signedIn.User.Id, AccountChange.Methods);
        return Results.Redirect("/security-info?said=" + (line.Kind is MethodKind.Passkey ? "passkey-deleted" : "deleted"));
    }

    private static MethodLine? Find(IReadOnlyList<MethodLine> lines, string kind, Guid id) =>
        lines.FirstOrDefault(line => line.CanDelete && line.Id == id && line.Kind == MethodKinds.Parse(kind));
}
