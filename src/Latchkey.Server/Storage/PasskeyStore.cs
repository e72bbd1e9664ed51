using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>The credential records.</summary>
public sealed class PasskeyStore(LatchkeyDb db, SessionStore sessions, PolicyStore policies)
{
    public Task<bool> HasAnyAsync(Guid userId, CancellationToken cancellation) => db.Passkeys.AnyAsync(p => p.UserId == userId, cancellation);

    /// <summary>Whether the person has a passkey that policy lets them sign in with.</summary>
    public async Task<bool> HasAcceptedAsync(User user, CancellationToken cancellation)
    {
        var policy = await policies.ForAsync(user.Id, cancellation);
        return (await ListAsync(user.Id, cancellation)).Any(passkey => policy.AtSignIn(passkey, user) is null);
    }

    public async Task<IReadOnlyList<Passkey>> ListAsync(Guid userId, CancellationToken cancellation) =>
        await db.Passkeys.AsNoTracking().Where(p => p.UserId == userId).OrderBy(p => p.CreatedAt).ToListAsync(cancellation);

    public Task<Passkey?> FindAsync(Guid userId, Guid id, CancellationToken cancellation) =>
        db.Passkeys.FirstOrDefaultAsync(p => p.UserId == userId && p.Id == id, cancellation);

    public Task<Passkey?> FindByCredentialIdAsync(byte[] credentialId, CancellationToken cancellation) =>
        db.Passkeys.FirstOrDefaultAsync(p => p.CredentialId == credentialId, cancellation);

    /// <summary>Removes it, and ends the other sessions it opened; within a transaction of the caller's. One that is gone already is no matter.</summary>
    public async Task DeleteAsync(Passkey passkey, Guid? exceptSession, CancellationToken cancellation)
    {
        await db.Passkeys.Where(p => p.Id == passkey.Id).ExecuteDeleteAsync(cancellation);
        await sessions.EndOthersOpenedByAsync(passkey.Id, exceptSession, cancellation);
    }
}
