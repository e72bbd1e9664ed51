using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>One line of the list.</summary>
public sealed record MethodLine(
    MethodKind Kind, Guid? Id, string Icon, string Name, string Where, DateTimeOffset? CreatedAt, DateTimeOffset? LastUsedAt, string? Note = null,
    bool CanRename = false, bool CanDelete = false);

/// <summary>All sign-in methods of a person, passkeys first.</summary>
internal sealed class MethodList(LatchkeyDb db, PasskeyStore passkeys, SecondFactorStore factors, UserManager<User> users, TimeProvider time)
{
    public async Task<IReadOnlyList<MethodLine>> OfAsync(User user, CancellationToken cancellation)
    {
        var lines = new List<MethodLine>();
        foreach (var passkey in await passkeys.ListAsync(user.Id, cancellation))
        {
            lines.Add(new MethodLine(
                MethodKind.Passkey, passkey.Id, "passkey", passkey.DisplayName, SecurityInfoTexts.WherePasskey, passkey.CreatedAt, passkey.LastUsedAt,
                CanRename: true, CanDelete: true));
        }

        foreach (var code in await db.CodeMethods.AsNoTracking().Where(c => c.UserId == user.Id).OrderBy(c => c.CreatedAt).ToListAsync(cancellation))
        {
            lines.Add(new MethodLine(
                MethodKind.Code, code.Id, "code", code.DisplayName, SecurityInfoTexts.WhereCode, code.CreatedAt, code.LastUsedAt, CanRename: true, CanDelete: true));
        }

        if (await users.CountRecoveryCodesAsync(user) is > 0 and var left)
        {
            lines.Add(new MethodLine(
                MethodKind.RecoveryCode, null, "recovery", SecurityInfoTexts.RecoveryCodes, SecurityInfoTexts.WhereRecoveryCodes, null, null,
                SecurityInfoTexts.RecoveryCodesLeft.With(left, SecondFactorStore.RecoveryCodeCount), CanDelete: true));
        }

        if (await factors.FindPassAsync(user.Id, cancellation) is { } pass)
        {
            lines.Add(new MethodLine(
                MethodKind.TemporaryAccessPass, pass.Id, "pass", ShellTexts.Pass, SecurityInfoTexts.WherePass, pass.CreatedAt, pass.UsedAt,
                pass.IsUsable(time.GetUtcNow()) ? SecurityInfoTexts.PassUntil.With(pass.ExpiresAt) : SecurityInfoTexts.PassOver, CanDelete: true));
        }

        if (user.PasswordHash is not null)
        {
            lines.Add(new MethodLine(
                MethodKind.Password, null, "password", SecurityInfoTexts.Password, SecurityInfoTexts.WherePassword, user.PasswordSetAt, user.PasswordLastUsedAt));
        }

        return lines;
    }
}
