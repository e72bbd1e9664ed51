using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>
/// Changes what a person has to sign in with: asks the guard, changes the row, ends the sessions it opened, writes the audit row, in one transaction,
/// and tells whoever listens. Every door comes here and translates what it is answered.
/// </summary>
public sealed class MethodChanges(LatchkeyDb db, MethodGuard guard, SessionStore sessions, UserManager<User> users, AuditLog audit, AccountChanges changes)
{
    /// <summary>Nobody has such a method, or not this person.</summary>
    public const string NotFound = "method_not_found";

    /// <summary>Deletes one, with every other session it opened.</summary>
    /// <returns>Why not, as a problem code; null when it is gone.</returns>
    public async Task<string?> DeleteAsync(MethodActor actor, User user, MethodKind kind, Guid id, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockPersonAsync(user.Id, cancellation); // of two ways that go at once, the second is the last one
        if (await guard.WhyNotAsync(actor, MethodChange.Delete, user, kind, id, cancellation) is { } problem)
        {
            return problem;
        }

        if (!await RemoveAsync(user, kind, id, cancellation))
        {
            return NotFound;
        }

        await sessions.EndOthersOpenedByAsync(id, actor.Session?.Id, cancellation);
        audit.Add("method.deleted", user.Id, method: kind, methodId: id, actor: actor.AuditedAs);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(user.Id, AccountChange.Methods);
        return null;
    }

    /// <summary>Calls one something else.</summary>
    /// <inheritdoc cref="DeleteAsync"/>
    public async Task<string?> RenameAsync(MethodActor actor, User user, MethodKind kind, Guid id, string name, CancellationToken cancellation)
    {
        if (await guard.WhyNotAsync(actor, MethodChange.Rename, user, kind, id, cancellation) is { } problem)
        {
            return problem;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var renamed = kind switch
        {
            MethodKind.Passkey => await db.Passkeys.Where(p => p.Id == id && p.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(p => p.DisplayName, name), cancellation),
            MethodKind.Code => await db.CodeMethods.Where(c => c.Id == id && c.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(c => c.DisplayName, name), cancellation),
            MethodKind.Authenticator => await db.Authenticators.Where(a => a.Id == id && a.UserId == user.Id).ExecuteUpdateAsync(set => set.SetProperty(a => a.DisplayName, name), cancellation),
            _ => 0,
        };
        if (renamed == 0)
        {
            return NotFound;
        }

        audit.Add("method.renamed", user.Id, method: kind, methodId: id, actor: actor.AuditedAs);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(user.Id, AccountChange.Methods);
        return null;
    }

    private async Task<bool> RemoveAsync(User user, MethodKind kind, Guid id, CancellationToken cancellation) => kind switch
    {
        MethodKind.Passkey => await db.Passkeys.Where(p => p.Id == id && p.UserId == user.Id).ExecuteDeleteAsync(cancellation) > 0,
        MethodKind.Authenticator => await db.Authenticators.Where(a => a.Id == id && a.UserId == user.Id).ExecuteDeleteAsync(cancellation) > 0,
        MethodKind.Code => await db.CodeMethods.Where(c => c.Id == id && c.UserId == user.Id).ExecuteDeleteAsync(cancellation) > 0,
        MethodKind.TemporaryAccessPass => await db.TemporaryAccessPasses.Where(p => p.Id == id && p.UserId == user.Id).ExecuteDeleteAsync(cancellation) > 0,
        MethodKind.RecoveryCode => id == user.Id && await users.FindByIdAsync(user.Id.ToString()) is { } person
            && (await users.GenerateNewTwoFactorRecoveryCodesAsync(person, 0)) is not null,
        _ => false, // a password is changed, never taken away
    };
}
