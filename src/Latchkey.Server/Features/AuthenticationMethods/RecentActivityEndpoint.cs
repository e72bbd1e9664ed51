using Latchkey.Api;
using Latchkey.Api.Me;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.AuthenticationMethods;

/// <summary>What happened to the person's account lately, out of the audit: enough to notice what they did not do themselves.</summary>
internal static class RecentActivityEndpoint
{
    public static async Task<IResult> GetAsync(HttpContext context, LatchkeyDb db, CancellationToken cancellation)
    {
        var user = SignedIn.Required(context).User.Id;
        var entries = await db.AuditEntries.AsNoTracking()
            .Where(entry => entry.UserId == user)
            .OrderByDescending(entry => entry.Id)
            .Take(RecentActivityClient.Length)
            .ToListAsync(cancellation);
        return Results.Json(
            new RecentActivity([.. entries.Select(entry => new ActivityEntry(
                entry.At, entry.Action, entry.Outcome, entry.Method, entry.Actor == AuditLog.Local, entry.Actor == AuditLog.Local ? null : entry.Address))]),
            ApiJson.Default.RecentActivity);
    }
}
