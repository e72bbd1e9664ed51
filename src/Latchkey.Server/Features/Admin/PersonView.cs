using Latchkey.Api.Administration;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Admin;

/// <summary>A person, as the administration sees them.</summary>
internal sealed class PersonView(LatchkeyDb db, UserManager<User> users, People people, AttemptStore attempts, ApprovalGuards guards, TimeProvider time)
{
    public async Task<Person> OfAsync(User user, CancellationToken cancellation)
    {
        var methods = new List<string>();
        void Have(MethodKind kind, int count) => methods.AddRange(Enumerable.Repeat(AuditLog.NameOf(kind), count));
        Have(MethodKind.Password, user.PasswordHash is null ? 0 : 1);
        Have(MethodKind.Passkey, await db.Passkeys.CountAsync(p => p.UserId == user.Id, cancellation));
        Have(MethodKind.Authenticator, await db.Authenticators.CountAsync(a => a.UserId == user.Id, cancellation));
        Have(MethodKind.Code, await db.CodeMethods.CountAsync(c => c.UserId == user.Id, cancellation));
        Have(MethodKind.TemporaryAccessPass, await db.TemporaryAccessPasses.AsNoTracking().FirstOrDefaultAsync(p => p.UserId == user.Id, cancellation) is { } pass && !pass.IsSpent(time.GetUtcNow()) ? 1 : 0);
        Have(MethodKind.RecoveryCode, await users.CountRecoveryCodesAsync(user) > 0 ? 1 : 0);
        var groups = await db.GroupMembers.Where(m => m.UserId == user.Id)
            .Join(db.Groups, m => m.GroupId, g => g.Id, (_, group) => group.Name).OrderBy(name => name).ToListAsync(cancellation);
        return new Person(
            user.Id.ToString(), user.UserName!, user.DisplayName, user.Email, await people.IsAdminAsync(user), user.CreatedAt, methods, groups,
            await attempts.LockedUntilAsync(user.UserName!, cancellation), await guards.LockedUntilAsync(user.Id, cancellation), user.IsDisabled);
    }
}
