using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>Short codes by which a waiting portal page learns which passkey arrived.</summary>
public sealed class HandoffStore(LatchkeyDb db, TimeProvider time)
{
    /// <summary>Pages a person can have waiting at a time: the oldest makes room.</summary>
    public const int MaxPerUser = 10;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    public async Task<Handoff> CreateAsync(SignedIn signedIn, CancellationToken cancellation)
    {
        var handoff = new Handoff
        {
            Code = TypedCode.Create(8), UserId = signedIn.User.Id, SessionId = signedIn.Session.Id, ExpiresAt = time.GetUtcNow() + Life,
        };
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockPersonAsync(signedIn.User.Id, cancellation);
        var waiting = await db.Handoffs.Where(h => h.UserId == signedIn.User.Id).OrderByDescending(h => h.ExpiresAt).Select(h => h.Code).ToListAsync(cancellation);
        var oldest = waiting.Skip(MaxPerUser - 1).ToList();
        await db.Handoffs.Where(h => oldest.Contains(h.Code)).ExecuteDeleteAsync(cancellation);
        db.Handoffs.Add(handoff);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return handoff;
    }

    /// <summary>The code of a page of this very session.</summary>
    public Task<Handoff?> FindAsync(string code, SignedIn signedIn, CancellationToken cancellation)
    {
        var (now, latest) = (time.GetUtcNow(), time.GetUtcNow() + Life + Moments.Skew);
        return db.Handoffs.AsNoTracking().FirstOrDefaultAsync(
            h => h.Code == code && h.SessionId == signedIn.Session.Id && h.ExpiresAt > now && h.ExpiresAt <= latest, cancellation);
    }

    /// <summary>A passkey of the same person arrived; a code of somebody else's page changes nothing.</summary>
    public Task ArrivedAsync(string typedCode, Guid userId, Guid passkeyId, CancellationToken cancellation)
    {
        var normalized = TypedCode.Normalize(typedCode);
        var code = normalized.Length == 8 ? $"{normalized[..4]}-{normalized[4..]}" : normalized;
        return db.Handoffs.Where(h => h.Code == code && h.UserId == userId && h.PasskeyId == null)
            .ExecuteUpdateAsync(set => set.SetProperty(h => h.PasskeyId, passkeyId), cancellation);
    }
}
