using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>
/// After an update that changed the form of names: writes the forms that are kept again, once. No database can do that by itself. Two names that
/// have become one are told of in the log, and nothing is merged: the one that was found by that form goes on to be, else the older.
/// </summary>
internal sealed class NameRenewal(LatchkeyDb db, ILogger<NameRenewal> logger)
{
    private sealed record Named(Guid Id, string Name, string? Kept, DateTimeOffset CreatedAt);

    public async Task RunOnceAsync(CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var organisation = await db.Organisations.SingleAsync(o => o.Id == Organisation.TheOne, cancellation);
        if (organisation.NameForm >= NameForm.Version)
        {
            return;
        }

        var people = await db.Users.Where(u => u.UserName != null)
            .Select(u => new Named(u.Id, u.UserName!, u.NormalizedUserName, u.CreatedAt)).ToListAsync(cancellation);
        foreach (var (id, form) in Changed("people", people))
        {
            await db.Users.Where(u => u.Id == id).ExecuteUpdateAsync(set => set.SetProperty(u => u.NormalizedUserName, form), cancellation);
        }

        foreach (var user in await db.Users.Where(u => u.Email != null).Select(u => new { u.Id, u.Email, u.NormalizedEmail }).ToListAsync(cancellation))
        {
            var form = NameForm.Of(user.Email!); // several people may have one address
            if (form != user.NormalizedEmail)
            {
                await db.Users.Where(u => u.Id == user.Id).ExecuteUpdateAsync(set => set.SetProperty(u => u.NormalizedEmail, form), cancellation);
            }
        }

        var groups = await db.Groups.Select(g => new Named(g.Id, g.Name, g.NormalizedName, g.CreatedAt)).ToListAsync(cancellation);
        foreach (var (id, form) in Changed("groups", groups))
        {
            await db.Groups.Where(g => g.Id == id).ExecuteUpdateAsync(set => set.SetProperty(g => g.NormalizedName, form), cancellation);
        }

        organisation.NameForm = NameForm.Version;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The rows whose form is another one now, without those that would take another row's.</summary>
    private List<(Guid Id, string Form)> Changed(string what, List<Named> rows)
    {
        var changed = new List<(Guid, string)>();
        foreach (var same in rows.GroupBy(row => NameForm.Of(row.Name), StringComparer.Ordinal))
        {
            var found = same.OrderByDescending(row => row.Kept == same.Key).ThenBy(row => row.CreatedAt).ThenBy(row => row.Id).First();
            if (same.Count() > 1)
            {
                // Written with escapes: they look alike, that is the trouble.
                logger.LogWarning(
                    "Several {What} have one name, since names are compared in one form: {Names}. By it {Found} is found; nothing was merged. Rename or remove the others.",
                    what,
                    string.Join(", ", same.Select(row => JsonEncodedText.Encode(row.Name).ToString())),
                    JsonEncodedText.Encode(found.Name).ToString());
            }

            if (found.Kept != same.Key)
            {
                changed.Add((found.Id, same.Key));
            }
        }

        return changed;
    }
}
