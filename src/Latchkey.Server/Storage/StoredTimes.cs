using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Latchkey.Server.Storage;

/// <summary>What is written to the database is what can be read from it: times lose what is finer than a millisecond before, so that the answer to whoever made something, and to
/// whoever asks for it later, is the same.</summary>
internal sealed class StoredTimes : SaveChangesInterceptor
{
    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        Round(eventData.Context!);
        return result;
    }

    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Round(eventData.Context!);
        return ValueTask.FromResult(result);
    }

    private static void Round(DbContext db)
    {
        foreach (var entry in db.ChangeTracker.Entries().Where(entry => entry.State is EntityState.Added or EntityState.Modified))
        {
            foreach (var property in entry.Properties)
            {
                if (property.CurrentValue is DateTimeOffset time && time.Ticks % TimeSpan.TicksPerMillisecond is > 0 and var finer)
                {
                    property.CurrentValue = time.AddTicks(-finer);
                }
            }
        }
    }
}
