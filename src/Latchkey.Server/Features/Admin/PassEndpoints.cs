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

        if (await WhyNotAsync(context, user, wanted, policies, db, audit, time, cancellation) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation); // the new one, and the end of what the old one opened
        var pass = await MakeAsync(user, wanted, factors, policies, db, audit, cancellation);
        await transaction.CommitAsync(cancellation);
        changes.Tell(user.Id, AccountChange.Methods);
        return Results.Json(pass, ApiJson.Default.CreatedTemporaryAccessPass, statusCode: StatusCodes.Status201Created);
    }

    /// <summary>Makes the pass, within the caller's transaction; whether it may be, <see cref="WhyNotAsync"/> has said.</summary>
    public static async Task<CreatedTemporaryAccessPass> MakeAsync(
        User user, NewTemporaryAccessPass wanted, SecondFactorStore factors, PolicyStore policies, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var rules = (await policies.GetAsync(cancellation)).Policy.TemporaryAccessPass;
        var pass = await factors.CreatePassAsync(
            user, wanted.LifetimeInMinutes ?? rules.DefaultLifetimeInMinutes, wanted.IsUsableOnce ?? rules.IsUsableOnce, wanted.StartDateTime?.ToUniversalTime(), cancellation);
        audit.Add("method.added", user.Id, method: MethodKind.TemporaryAccessPass, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        var row = (await factors.FindPassAsync(user.Id, cancellation))!;
        return new(pass, row.StartsAt, row.LifetimeMinutes, row.IsUsableOnce);
    }

    /// <summary>Why such a pass can't be made for the person; null when it can.</summary>
    public static async Task<IResult?> WhyNotAsync(
        HttpContext context, User user, NewTemporaryAccessPass wanted, PolicyStore policies, LatchkeyDb db, AuditLog audit, TimeProvider time, CancellationToken cancellation)
    {
        if ((await policies.ForAsync(user.Id, cancellation)).Withheld(MethodKind.TemporaryAccessPass) is { } withheld)
        {
            await RefusedAsync(withheld);
            return LocalProblems.NoPassFor(user.UserName!, withheld);
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

        return null;

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
