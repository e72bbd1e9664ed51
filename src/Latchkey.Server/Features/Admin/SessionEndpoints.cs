using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Admin;

/// <summary>Where a person is signed in, and its end, for the administration.</summary>
internal static class SessionEndpoints
{
    public static async Task<IResult> ListAsync(string name, People people, SessionStore sessions, CancellationToken cancellation) =>
        await people.FindAsync(name) is not { } user
            ? LocalProblems.NoPerson(name)
            : Results.Json(
                new PersonSessionCollection([.. (await sessions.ListAsync(user.Id, cancellation)).Select(session => new PersonSession(
                    session.Id.ToString(), session.ClientId, session.Device, session.Address, session.CreatedAt, session.LastSeenAt ?? session.CreatedAt))]),
                ApiJson.Default.PersonSessionCollection);

    /// <summary>Ends all of them.</summary>
    public static async Task<IResult> EndAllAsync(string name, People people, SessionStore sessions, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        await sessions.EndAllOthersAsync(user.Id, except: null, cancellation);
        return await EndedAsync(user, db, audit, cancellation);
    }

    public static async Task<IResult> EndAsync(string name, Guid id, HttpContext context, People people, SessionStore sessions, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        return await sessions.TryEndAsync(user.Id, id, cancellation)
            ? await EndedAsync(user, db, audit, cancellation)
            : LocalProblems.OfTable(context, "session_not_found");
    }

    private static async Task<IResult> EndedAsync(User user, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        audit.Add("session.ended", user.Id, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        return Results.NoContent();
    }
}
