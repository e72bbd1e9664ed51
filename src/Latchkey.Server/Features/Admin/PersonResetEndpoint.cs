using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using System.Text.Json;

namespace Latchkey.Server.Features.Admin;

/// <summary>For a lost device: nothing that was on it opens the account any more, and a new pass does.</summary>
internal static class PersonResetEndpoint
{
    public static async Task<IResult> ResetAsync(
        string name, HttpContext context, People people, MethodChanges changes, SecondFactorStore factors, PolicyStore policies, LatchkeyDb db, AuditLog audit, TimeProvider time,
        CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        NewTemporaryAccessPass? wanted;
        try
        {
            var body = await context.ReadBodyAsync(cancellation);
            wanted = body.IsEmpty ? null : JsonSerializer.Deserialize(body.Span, ApiJson.Default.NewTemporaryAccessPass);
        }
        catch (JsonException)
        {
            return LocalProblems.Malformed();
        }

        // First: nobody is left with nothing because policy would give no pass.
        if (wanted is not null && await PassEndpoints.WhyNotAsync(context, user, wanted, policies, db, audit, time, cancellation) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var removed = await changes.RemoveAllAsync(MethodActor.Administrator, user, cancellation);
        audit.Add("person.reset", user.Id, actor: AuditLog.Local);
        var pass = wanted is null ? null : await PassEndpoints.MakeAsync(user, wanted, factors, policies, db, audit, cancellation);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Results.Json(new PersonReset([.. removed.Select(AuditLog.NameOf)], pass), ApiJson.Default.PersonReset);
    }
}
