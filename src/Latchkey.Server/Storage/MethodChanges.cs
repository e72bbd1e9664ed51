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

    /// <summary>For a lost device: takes away everything the person could sign in with, but the password, and ends every session. Within the caller's transaction.</summary>
    /// <returns>What went, one for each.</returns>
    public async Task<IReadOnlyList<MethodKind>> RemoveAllAsync(MethodActor actor, User user, CancellationToken cancellation)
    {
        await db.LockPersonAsync(user.Id, cancellation);
        if (guard.WhyNotProved(actor, MethodChange.Delete) is { } problem)
        {
            throw new InvalidOperationException($"Only an administrator takes everything away at once: {problem}.");
        }

        var all = new List<(MethodKind Kind, Guid Id)>();
        all.AddRange((await db.Passkeys.Where(p => p.UserId == user.Id).Select(p => p.Id).ToListAsync(cancellation)).Select(id => (MethodKind.Passkey, id)));
        all.AddRange((await db.Authenticators.Where(a => a.UserId == user.Id).Select(a => a.Id).ToListAsync(cancellation)).Select(id => (MethodKind.Authenticator, id)));
        all.AddRange((await db.CodeMethods.Where(c => c.UserId == user.Id).Select(c => c.Id).ToListAsync(cancellation)).Select(id => (MethodKind.Code, id)));
        all.AddRange((await db.TemporaryAccessPasses.Where(p => p.UserId == user.Id).Select(p => p.Id).ToListAsync(cancellation)).Select(id => (MethodKind.TemporaryAccessPass, id)));
        if (await users.CountRecoveryCodesAsync(user) > 0)
        {
            all.Add((MethodKind.RecoveryCode, user.Id));
        }

        foreach (var (kind, id) in all)
        {
            await RemoveAsync(user, kind, id, cancellation);
            audit.Add("method.deleted", user.Id, method: kind, methodId: id, actor: actor.AuditedAs);
        }

        await sessions.EndAllOthersAsync(user.Id, except: null, cancellation);
        db.OnceCommitted(() => changes.Tell(user.Id, AccountChange.Methods));
        return [.. all.Select(method => method.Kind)];
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
