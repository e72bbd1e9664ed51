using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>
/// Counts attempts for one name and from one address, and says when to wait. An attempt is counted before it is judged, so that a hundred at once are a
/// hundred. Names nobody has are counted like any other. What is typed, what is asked of an Authenticator, and answers of passkeys that were refused are
/// counted apart: a flood of the one shuts nobody out of the other.
/// </summary>
public sealed class AttemptStore(LatchkeyDb db, TimeProvider time)
{
    public const int NameLimit = 10, AddressLimit = 50, RefusalLimit = 20;

    // Each kind of counter by name and by address. Asked of a name alone, anybody can; after the password or in a session, its owner.
    private const string Typed = "name:", TypedFrom = "address:", Asked = "asked:", AskedProved = "asked-proved:", AskedFrom = "asked-from:",
        Refused = "refused:", RefusedFrom = "refused-from:";

    private static readonly TimeSpan
        Window = TimeSpan.FromMinutes(15), FirstLock = TimeSpan.FromMinutes(1), LongestLock = TimeSpan.FromHours(1), Forget = TimeSpan.FromDays(1);

    /// <summary>Counts one attempt with something that is typed. Answers how long to wait, or null when it may be judged.</summary>
    public Task<TimeSpan?> TryBeginAsync(string name, string? address, CancellationToken cancellation) =>
        CountAsync(NameKey(Typed, name), AddressKey(TypedFrom, address), NameLimit, cancellation);

    /// <summary>The attempt was right: the name starts afresh, and the address is not blamed for it.</summary>
    public Task SucceededAsync(string name, string? address, CancellationToken cancellation) =>
        ForgiveAsync(NameKey(Typed, name), AddressKey(TypedFrom, address), cancellation);

    /// <summary>Counts one request to an Authenticator. Answers how long to wait, or null when it may be asked.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="proved">Whether the password, or a session, stands behind it.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<TimeSpan?> TryAskAsync(string name, bool proved, string? address, CancellationToken cancellation) =>
        CountAsync(NameKey(proved ? AskedProved : Asked, name), AddressKey(AskedFrom, address), NameLimit, cancellation);

    /// <summary>The request was approved.</summary>
    public Task ApprovedAsync(string name, bool proved, string? address, CancellationToken cancellation) =>
        ForgiveAsync(NameKey(proved ? AskedProved : Asked, name), AddressKey(AskedFrom, address), cancellation);

    /// <summary>
    /// Counts an answer of a passkey or a device that was refused. It keeps nobody out, for a right one is taken all the same: it says how long no more
    /// is made of them.
    /// </summary>
    public async Task<TimeSpan?> RefusedAsync(Guid? person, string? address, CancellationToken cancellation) =>
        await CountAsync(AddressKey(RefusedFrom, address), AddressLimit, cancellation)
        ?? (person is { } id ? await CountAsync(Refused + id, RefusalLimit, cancellation) : null);

    /// <summary>Whoever the name belongs to has proved it: what was typed wrong for it is forgotten.</summary>
    public Task ClearAsync(string name, CancellationToken cancellation) => RemoveAsync([NameKey(Typed, name)], cancellation);

    /// <summary>Takes every lock off a person.</summary>
    public Task UnlockAsync(User user, CancellationToken cancellation) => RemoveAsync(
        [NameKey(Typed, user.UserName!), NameKey(Asked, user.UserName!), NameKey(AskedProved, user.UserName!), Refused + user.Id], cancellation);

    public async Task<DateTimeOffset?> LockedUntilAsync(string name, CancellationToken cancellation)
    {
        var key = NameKey(Typed, name);
        var now = time.GetUtcNow();
        var counter = await db.AttemptCounters.AsNoTracking().FirstOrDefaultAsync(c => c.Key == key, cancellation);
        return counter is { LockedUntil: { } until } && until.Lasts(LongestLock, now) ? until : null;
    }

    private async Task<TimeSpan?> CountAsync(string nameKey, string addressKey, int limit, CancellationToken cancellation)
    {
        var byAddress = await CountAsync(addressKey, AddressLimit, cancellation);
        var byName = await CountAsync(nameKey, limit, cancellation);
        return byName is null ? byAddress : byAddress is null || byName > byAddress ? byName : byAddress;
    }

    private async Task<TimeSpan?> CountAsync(string key, int limit, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        // Whoever has to wait is told so without anything being written: a flood does not keep others from writing.
        var found = await db.AttemptCounters.AsNoTracking().FirstOrDefaultAsync(c => c.Key == key, cancellation);
        if (found is { LockedUntil: { } locked } && locked.Lasts(LongestLock, now))
        {
            return locked - now;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // The update comes first: it takes the row's lock, so that counting at once does not lose a count.
        if (await db.AttemptCounters.Where(c => c.Key == key).ExecuteUpdateAsync(set => set.SetProperty(c => c.Count, c => c.Count + 1), cancellation) == 0)
        {
            var first = db.AttemptCounters.Add(new AttemptCounter { Key = key, Count = 1, StartedAt = now });
            try
            {
                await db.SaveChangesAsync(cancellation);
                await transaction.CommitAsync(cancellation);
                first.State = EntityState.Detached;
                return null;
            }
            catch (DbUpdateException)
            {
                // Two first attempts at once: the other one made the row, this one counts on it.
                first.State = EntityState.Detached;
                await transaction.RollbackAsync(cancellation);
                await transaction.DisposeAsync();
                return await CountAsync(key, limit, cancellation);
            }
        }

        var counter = await db.AttemptCounters.AsNoTracking().SingleAsync(c => c.Key == key, cancellation);
        if (counter.LockedUntil is { } until && until.Lasts(LongestLock, now))
        {
            await transaction.CommitAsync(cancellation);
            return until - now;
        }

        if (now - counter.StartedAt > Forget)
        {
            counter.Locks = 0;
        }

        // A window that begins ahead of now was begun before the clock was set back: it would not end today.
        if (counter.LockedUntil is not null || !counter.StartedAt.IsWithin(Window, now))
        {
            (counter.Count, counter.StartedAt, counter.LockedUntil) = (1, now, null);
        }

        if (counter.Count >= limit)
        {
            // The last one before the lock is still judged: if it is right, success clears the lock.
            counter.LockedUntil = now + TimeSpan.FromTicks(Math.Min(LongestLock.Ticks, FirstLock.Ticks << Math.Min(counter.Locks, 10)));
            counter.Locks++;
        }

        await db.AttemptCounters.Where(c => c.Key == key).ExecuteUpdateAsync(
            set => set.SetProperty(c => c.Count, counter.Count).SetProperty(c => c.StartedAt, counter.StartedAt)
                .SetProperty(c => c.LockedUntil, counter.LockedUntil).SetProperty(c => c.Locks, counter.Locks),
            cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    private async Task ForgiveAsync(string nameKey, string addressKey, CancellationToken cancellation)
    {
        await RemoveAsync([nameKey], cancellation);
        await db.AttemptCounters.Where(c => c.Key == addressKey && c.Count > 0)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Count, c => c.Count - 1), cancellation);
    }

    private Task<int> RemoveAsync(string[] keys, CancellationToken cancellation) =>
        db.AttemptCounters.Where(c => keys.Contains(c.Key)).ExecuteDeleteAsync(cancellation);

    // Hashed: what people type into a name field is sometimes their password.
    private static string NameKey(string kind, string name) => kind + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(NameForm.Of(name))));

    private static string AddressKey(string kind, string? address) => kind + TunnelService.AddressKey.Of(address);
}
