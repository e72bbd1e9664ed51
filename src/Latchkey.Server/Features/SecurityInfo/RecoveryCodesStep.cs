using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>Ten codes for the day everything else is lost. Shown once; new ones replace the old.</summary>
internal static class RecoveryCodesStep
{
    public static async Task<IResult> ShowAsync(SignedIn signedIn, UserManager<User> users) =>
        new RazorComponentResult<RecoveryCodesPage>(new { Left = await users.CountRecoveryCodesAsync(signedIn.User) });

    public static async Task<IResult> CreateAsync(
        SignedIn signedIn, SecondFactorStore factors, SessionStore sessions, LatchkeyDb db, AuditLog audit, AccountChanges changes, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var codes = await factors.CreateRecoveryCodesAsync(signedIn.User, cancellation);
        await sessions.EndOthersOpenedByAsync(signedIn.User.Id, signedIn.Session.Id, cancellation); // what the old ones opened
        audit.Add("method.added", signedIn.User.Id, method: MethodKind.RecoveryCode);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(signedIn.User.Id, AccountChange.Methods);
        return new RazorComponentResult<RecoveryCodesPage>(new { Codes = codes });
    }
}
