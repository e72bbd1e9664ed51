using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Admin;

internal static class PassEndpoints
{
    public static async Task<IResult> CreateAsync(
        string name, NewTemporaryAccessPass wanted, People people, SecondFactorStore factors, PolicyStore policies, LatchkeyDb db, AuditLog audit,
        CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        if ((await policies.ForAsync(user.Id, cancellation)).Withheld(MethodKind.TemporaryAccessPass) is { } withheld)
        {
            audit.Add("method.added", user.Id, withheld, MethodKind.TemporaryAccessPass, actor: AuditLog.Local);
            await db.SaveChangesAsync(cancellation);
            return LocalProblems.NoPassFor(name, withheld);
        }

        var minutes = wanted.LifetimeInMinutes ?? TemporaryAccessPass.DefaultMinutes;
        if (minutes is < TemporaryAccessPass.MinMinutes or > TemporaryAccessPass.MaxMinutes)
        {
            return LocalProblems.Problem(StatusCodes.Status400BadRequest, "pass_lifetime_invalid", AdminTexts.PassLifetime);
        }

        var pass = await factors.CreatePassAsync(user, minutes, wanted.IsUsableOnce, wanted.StartDateTime, cancellation);
        audit.Add("method.added", user.Id, method: MethodKind.TemporaryAccessPass, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        var row = (await factors.FindPassAsync(user.Id, cancellation))!;
        return Results.Json(
            new CreatedTemporaryAccessPass(pass, row.StartsAt, row.LifetimeMinutes, row.IsUsableOnce),
            ApiJson.Default.CreatedTemporaryAccessPass,
            statusCode: StatusCodes.Status201Created);
    }

    public static async Task<IResult> DeleteAsync(
        string name, People people, SecondFactorStore factors, SessionStore sessions, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        if (await factors.FindPassAsync(user.Id, cancellation) is not { } pass)
        {
            return LocalProblems.Problem(StatusCodes.Status404NotFound, "pass_not_found", AdminTexts.NoPass.Replace("{0}", name, StringComparison.Ordinal));
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        db.TemporaryAccessPasses.Remove(pass);
        await sessions.EndOthersOpenedByAsync(pass.Id, except: null, cancellation);
        audit.Add("method.deleted", user.Id, method: MethodKind.TemporaryAccessPass, methodId: pass.Id, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Results.NoContent();
    }
}
