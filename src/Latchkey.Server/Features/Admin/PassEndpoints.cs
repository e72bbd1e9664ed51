using System.Globalization;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Admin;

internal static class PassEndpoints
{
    private const string LifetimeRefused = "pass_lifetime_not_allowed", ReuseRefused = "pass_reuse_not_allowed", StartRefused = "pass_start_invalid";

    private static readonly TimeSpan FarthestStart = TimeSpan.FromDays(366);

    public static async Task<IResult> CreateAsync(
        HttpContext context, string name, NewTemporaryAccessPass wanted, People people, SecondFactorStore factors, PolicyStore policies, LatchkeyDb db, AuditLog audit, AccountChanges changes,
        TimeProvider time, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        if ((await policies.ForAsync(user.Id, cancellation)).Withheld(MethodKind.TemporaryAccessPass) is { } withheld)
        {
            await RefusedAsync(withheld);
            return LocalProblems.NoPassFor(name, withheld);
        }

        var rules = (await policies.GetAsync(cancellation)).Policy.TemporaryAccessPass;
        var minutes = wanted.LifetimeInMinutes ?? rules.DefaultLifetimeInMinutes;
        if (minutes < rules.MinimumLifetimeInMinutes || minutes > rules.MaximumLifetimeInMinutes)
        {
            await RefusedAsync(LifetimeRefused);
            return LocalProblems.OfTable(
                context, LifetimeRefused, minutes, PolicyJson.MinimumLifetime, rules.MinimumLifetimeInMinutes, PolicyJson.MaximumLifetime, rules.MaximumLifetimeInMinutes);
        }

        if (rules.IsUsableOnce && wanted.IsUsableOnce is false)
        {
            await RefusedAsync(ReuseRefused);
            return LocalProblems.OfTable(context, ReuseRefused, PolicyJson.UsableOnce);
        }

        var now = time.GetUtcNow();
        if (wanted.StartDateTime is { } start && (start > now + FarthestStart || start <= now.AddMinutes(-minutes)))
        {
            return LocalProblems.OfTable(context, StartRefused, start.UtcDateTime.ToString("u", CultureInfo.InvariantCulture));
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation); // the new one, and the end of what the old one opened
        var pass = await factors.CreatePassAsync(user, minutes, wanted.IsUsableOnce ?? rules.IsUsableOnce, wanted.StartDateTime?.ToUniversalTime(), cancellation);
        audit.Add("method.added", user.Id, method: MethodKind.TemporaryAccessPass, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(user.Id, AccountChange.Methods);
        var row = (await factors.FindPassAsync(user.Id, cancellation))!;
        return Results.Json(
            new CreatedTemporaryAccessPass(pass, row.StartsAt, row.LifetimeMinutes, row.IsUsableOnce),
            ApiJson.Default.CreatedTemporaryAccessPass,
            statusCode: StatusCodes.Status201Created);

        async Task RefusedAsync(string code)
        {
            audit.Add("method.added", user.Id, code, MethodKind.TemporaryAccessPass, actor: AuditLog.Local);
            await db.SaveChangesAsync(cancellation);
        }
    }

    public static async Task<IResult> DeleteAsync(
        HttpContext context, string name, People people, SecondFactorStore factors, MethodChanges changes, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        var problem = await factors.FindPassAsync(user.Id, cancellation) is { } pass
            ? await changes.DeleteAsync(LocalProblems.ActorOf(context), user, MethodKind.TemporaryAccessPass, pass.Id, cancellation)
            : MethodChanges.NotFound;
        return problem switch
        {
            null => Results.NoContent(),
            MethodChanges.NotFound => LocalProblems.Problem(StatusCodes.Status404NotFound, "pass_not_found", AdminTexts.NoPass.Replace("{0}", name, StringComparison.Ordinal)),
            _ => LocalProblems.OfTable(context, problem),
        };
    }
}
