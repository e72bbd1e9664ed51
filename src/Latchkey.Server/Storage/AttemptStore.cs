using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>Counts attempts for one name and from one address, and says when to wait. An attempt is counted before it is judged, so a
/// hundred at once are a hundred. Names nobody has are counted like any other.</summary>
public sealed class AttemptStore(LatchkeyDb db, TimeProvider time)
{
    public const int NameLimit = 10, AddressLimit = 50;

    private static readonly TimeSpan
        Window = TimeSpan.FromMinutes(15), FirstLock = TimeSpan.FromMinutes(1), LongestLock = TimeSpan.FromHours(1), Forget = TimeSpan.FromDays(1);

    /// <summary>Counts one attempt. Answers how long to wait, or null when it may be judged.</summary>
    public async Task<TimeSpan?> TryBeginAsync(string name, string? address, CancellationToken cancellation)
    {
        var byAddress = await CountAsync(AddressKey(address), AddressLimit, cancellation);
        var byName = await CountAsync(NameKey(name), NameLimit, cancellation);
        return byName is null ? byAddress : byAddress is null || byName > byAddress ? byName : byAddress;
    }

    /// <summary>Counts one attempt that names nobody, from an address alone.</summary>
    public Task<TimeSpan?> TryBeginAsync(string? address, CancellationToken cancellation) => CountAsync(AddressKey(address), AddressLimit, cancellation);

    /// <summary>The attempt was right: the name starts afresh, and the address is not blamed for it.</summary>
    public async Task SucceededAsync(string name, string? address, CancellationToken cancellation)
    {
        await ClearAsync(name, cancellation);
        var key = AddressKey(address);
        await db.AttemptCounters.Where(c => c.Key == key && c.Count > 0)
            .ExecuteUpdateAsync(set => set.SetProperty(c => c.Count, c => c.Count - 1), cancellation);
    }

    /// <summary>Takes the lock off a name.</summary>
    public Task ClearAsync(string name, CancellationToken cancellation)
    {
        var key = NameKey(name);
        return db.AttemptCounters.Where(c => c.Key == key).ExecuteDeleteAsync(cancellation);
    }

    public async Task<DateTimeOffset?> LockedUntilAsync(string name, CancellationToken cancellation)
    {
        var key = NameKey(name);
        var now = time.GetUtcNow();
        return await db.AttemptCounters.Where(c => c.Key == key && c.LockedUntil > now).Select(c => c.LockedUntil).FirstOrDefaultAsync(cancellation);
    }

    private async Task<TimeSpan?> CountAsync(string key, int limit, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        // The update comes first: it takes the row's lock, so that counting at once does not lose a count.
        if (await db.AttemptCounters.Where(c => c.Key == key).ExecuteUpdateAsync(set => set.SetProperty(c => c.Count, c => c.Count + 1), cancellation) == 0)
        {
            var first = db.AttemptCounters.Add(new AttemptCounter { Key = key, Count = 1, StartedAt = now });
            try
            {
                await db.SaveChangesAsync(cancellation);
                await transaction.CommitAsync(cancellation);
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
        if (counter.LockedUntil > now)
        {
            await transaction.CommitAsync(cancellation);
            return counter.LockedUntil - now;
        }

        if (now - counter.StartedAt > Forget)
        {
            counter.Locks = 0;
        }

        if (counter.LockedUntil is not null || now - counter.StartedAt > Window)
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

    // Hashed: what people type into a name field is sometimes their password.
    private static string NameKey(string name) =>
        "name:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name.Trim().ToUpperInvariant())));

    private static string AddressKey(string? address) => "address:" + TunnelService.AddressKey.Of(address);
}
