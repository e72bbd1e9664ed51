using System.Globalization;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Admin;

/// <summary>The audit log, page by page, with names in place of IDs.</summary>
internal static class AuditEndpoint
{
    private const int Most = 500;

    public static async Task<IResult> ListAsync(string? person, long? before, int? top, LatchkeyDb db, People people, CancellationToken cancellation)
    {
        var owner = person is null ? null : await people.FindAsync(person);
        if (person is not null && owner is null)
        {
            return LocalProblems.NoPerson(person);
        }

        var size = Math.Clamp(top ?? Most, 1, Most);
        var rows = await db.AuditEntries.AsNoTracking()
            .Where(entry => (owner == null || entry.UserId == owner.Id) && (before == null || entry.Id < before))
            .OrderByDescending(entry => entry.Id).Take(size + 1).ToListAsync(cancellation);
        var ids = rows.Select(row => row.UserId).OfType<Guid>().Concat(rows.Select(row => Guid.TryParse(row.Actor, out var actor) ? actor : Guid.Empty)).Distinct().ToList();
        var names = await db.Users.AsNoTracking().Where(user => ids.Contains(user.Id)).ToDictionaryAsync(user => user.Id, user => user.UserName!, cancellation);
        var page = rows.Take(size).Select(row => new AuditRow(
            row.Id, row.At, row.UserId is { } id ? NameOf(id.ToString()) : null, NameOf(row.Actor), row.Action, row.Method,
            row.MethodId?.ToString(null, CultureInfo.InvariantCulture), row.Outcome, row.Address)).ToList();
        return Results.Json(new AuditPage(page, rows.Count > size ? page[^1].Id : null), ApiJson.Default.AuditPage);

        string NameOf(string text) => Guid.TryParse(text, out var id) && names.TryGetValue(id, out var name) ? name : text;
    }
}
