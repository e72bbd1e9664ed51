using System.Security.Cryptography;
using System.Text;
using Latchkey.Protocol;
using Latchkey.Server.Shell;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace Latchkey.Server.Storage;

/// <summary>A secret for codes that was made and is not kept yet.</summary>
public sealed record BegunCode(Guid Id, string Secret, string Pending, DateTimeOffset Expires);

/// <summary>
/// Registers codes for programs. What is pending travels sealed, so that an abandoned one leaves nothing behind; it is kept when its first code
/// proves that the secret arrived, together with the mark that it was. Sent again it gets the same answer, for as long as the mark is kept.
/// </summary>
public sealed class CodeDesk(SecondFactorStore factors, LatchkeyDb db, PolicyStore policies, IDataProtectionProvider protection, AuditLog audit, AccountChanges changes, TimeProvider time)
{
    public const string LimitReached = "code_limit_reached", Wrong = "code_wrong", Expired = "code_setup_expired", NameInvalid = "display_name_invalid", Gone = "code_method_not_found";

    /// <summary>What every authenticator can show. <see href="https://www.rfc-editor.org/rfc/rfc6238#section-5.2"/></summary>
    public const string Algorithm = "SHA1";

    public const int Digits = 6, Period = 30;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    /// <summary>Why the person can't add codes; null when they can.</summary>
    public async Task<string?> WhyNotAsync(Guid userId, CancellationToken cancellation) =>
        (await policies.ForAsync(userId, cancellation)).Withheld(MethodKind.Code)
        ?? (await factors.IsFullAsync(userId, cancellation) ? LimitReached : null);

    public BegunCode Begin(Guid userId)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var secret = Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20));
        var expires = now + Life;
        return new(id, secret, Protector(userId).Protect($"{id} {expires.ToUnixTimeSeconds()} {secret}"), expires);
    }

    public async Task<(CodeMethod? Method, string? Problem)> ConfirmAsync(
        Guid userId, Guid id, string pending, string code, string? displayName, CancellationToken cancellation)
    {
        if (Open(userId, pending) is not var (sealedId, expires, secret) || sealedId != id)
        {
            return (null, Expired);
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(pending));
        if (await AnswerGivenAsync(userId, id, hash, cancellation) is { } given)
        {
            return given;
        }

        if (!expires.Lasts(Life, time.GetUtcNow()))
        {
            return (null, Expired);
        }

        if (displayName is not null && !ForeignText.IsName(displayName, Passkey.MaxDisplayName))
        {
            return (null, NameInvalid);
        }

        if (factors.Matches(secret, code) is not { } step)
        {
            return (null, await WhyNotAsync(userId, cancellation) ?? Wrong);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation); // method, mark and audit row
        await db.LockPersonAsync(userId, cancellation);
        if (await WhyNotAsync(userId, cancellation) is { } problem)
        {
            return await AnswerGivenAsync(userId, id, hash, cancellation) ?? (null, problem);
        }

        var method = factors.AddCode(userId, secret, step, displayName?.Trim() ?? ShellTexts.CodeDefaultName, id);
        db.UsedCeremonies.Add(new UsedCeremony { CeremonyId = id.ToByteArray(bigEndian: true), ResponseHash = hash, Answer = id.ToString(), At = time.GetUtcNow() });
        audit.Add("method.added", userId, method: MethodKind.Code, methodId: id);
        try
        {
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            changes.Tell(userId, AccountChange.Methods);
            return (method, null);
        }
        catch (DbUpdateException)
        {
            // Another request confirmed it at the same moment: its answer is ours.
            db.ChangeTracker.Clear();
            await transaction.RollbackAsync(cancellation);
            return await AnswerGivenAsync(userId, id, hash, cancellation) ?? (null, Expired);
        }
    }

    /// <summary>What was answered before; null when nothing was. One that was deleted since is not added again.</summary>
    private async Task<(CodeMethod? Method, string? Problem)?> AnswerGivenAsync(Guid userId, Guid id, byte[] hash, CancellationToken cancellation)
    {
        // The mark first: it is written with the method, so that one seen without its method is a deletion, and not another request that is just done.
        var mark = id.ToByteArray(bigEndian: true);
        var isUsed = await db.UsedCeremonies.AnyAsync(u => u.CeremonyId == mark && u.ResponseHash == hash, cancellation);
        var method = await db.CodeMethods.AsNoTracking().FirstOrDefaultAsync(c => c.Id == id && c.UserId == userId, cancellation);
        return method is not null ? (method, null) : isUsed ? (null, Gone) : null;
    }

    private (Guid Id, DateTimeOffset Expires, string Secret)? Open(Guid userId, string pending)
    {
        try
        {
            return Protector(userId).Unprotect(pending).Split(' ') is [var id, var expires, var secret]
                ? (Guid.Parse(id), DateTimeOffset.FromUnixTimeSeconds(long.Parse(expires, System.Globalization.CultureInfo.InvariantCulture)), secret)
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private IDataProtector Protector(Guid userId) => protection.CreateProtector("Latchkey.PendingCode.v1", userId.ToString());
}
