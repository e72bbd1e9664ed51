using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>Short codes by which a waiting portal page learns which passkey arrived.</summary>
public sealed class HandoffStore(LatchkeyDb db, TimeProvider time)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    public async Task<Handoff> CreateAsync(SignedIn signedIn, CancellationToken cancellation)
    {
        var handoff = new Handoff
        {
            Code = TypedCode.Create(8), UserId = signedIn.User.Id, SessionId = signedIn.Session.Id, ExpiresAt = time.GetUtcNow() + Life,
        };
        db.Handoffs.Add(handoff);
        await db.SaveChangesAsync(cancellation);
        return handoff;
    }

    /// <summary>The code of a page of this very session.</summary>
    public Task<Handoff?> FindAsync(string code, SignedIn signedIn, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return db.Handoffs.AsNoTracking().FirstOrDefaultAsync(h => h.Code == code && h.SessionId == signedIn.Session.Id && h.ExpiresAt > now, cancellation);
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
