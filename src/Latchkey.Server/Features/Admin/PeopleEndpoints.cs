using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Admin;

internal static class PeopleEndpoints
{
    private const int PageSize = 100;

    public static async Task<IResult> ListAsync(string? after, LatchkeyDb db, PersonView view, CancellationToken cancellation)
    {
        var from = NameForm.Of(after ?? "");
        var page = await db.Users.AsNoTracking().Where(u => u.NormalizedUserName!.CompareTo(from) > 0)
            .OrderBy(u => u.NormalizedUserName).Take(PageSize + 1).ToListAsync(cancellation);
        var people = new List<Person>();
        foreach (var user in page.Take(PageSize))
        {
            people.Add(await view.OfAsync(user, cancellation));
        }

        return Results.Json(new PersonPage(people, page.Count > PageSize ? people[^1].Name : null), ApiJson.Default.PersonPage);
    }

    public static async Task<IResult> AddAsync(NewPerson person, People people, PersonView view, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        if (!LocalProblems.IsName(person.Name))
        {
            return LocalProblems.Problem(StatusCodes.Status400BadRequest, "request_invalid", AdminTexts.PersonNameInvalid);
        }

        var user = await people.CreateAsync(person.Name, person.DisplayName, person.Email, person.Password, person.IsAdmin);
        audit.Add("person.added", user.Id, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        return Results.Json(await view.OfAsync(user, cancellation), ApiJson.Default.Person, statusCode: StatusCodes.Status201Created);
    }

    public static async Task<IResult> GetAsync(string name, People people, PersonView view, CancellationToken cancellation) =>
        await people.FindAsync(name) is { } user ? Results.Json(await view.OfAsync(user, cancellation), ApiJson.Default.Person) : LocalProblems.NoPerson(name);

    public static async Task<IResult> ChangeAsync(
        string name, PersonChange change, People people, SessionStore sessions, PersonView view, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        await people.ChangeAsync(user, change.DisplayName, change.Email, change.IsAdmin);
        if (change is { DisplayName: not null } or { Email: not null } or { IsAdmin: not null })
        {
            audit.Add("person.changed", user.Id, actor: AuditLog.Local);
        }

        if (change.IsDisabled is { } disabled && disabled != user.IsDisabled)
        {
            user.IsDisabled = disabled;
            audit.Add(disabled ? "person.disabled" : "person.enabled", user.Id, actor: AuditLog.Local);
        }

        await db.SaveChangesAsync(cancellation);
        if (user.IsDisabled)
        {
            await sessions.EndAllOthersAsync(user.Id, except: null, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return Results.Json(await view.OfAsync(user, cancellation), ApiJson.Default.Person);
    }

    public static async Task<IResult> DeleteAsync(string name, People people, LatchkeyDb db, AuditLog audit, AccountChanges changes, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        audit.Add("person.deleted", user.Id, actor: AuditLog.Local);
        await people.DeleteAsync(user);
        await db.SaveChangesAsync(cancellation);
        changes.Tell(user.Id, AccountChange.Sessions);
        return Results.NoContent();
    }

    public static async Task<IResult> SetPasswordAsync(
        string name, NewPassword password, People people, SessionStore sessions, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        if (password.Password is null)
        {
            return LocalProblems.Malformed();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await people.SetPasswordAsync(user, password.Password);
        await sessions.EndAllOthersAsync(user.Id, except: null, cancellation);
        audit.Add("method.changed", user.Id, method: MethodKind.Password, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Results.NoContent();
    }

    public static async Task<IResult> UnlockAsync(string name, People people, AttemptStore attempts, ApprovalGuards guards, SecondFactorStore factors, LatchkeyDb db, AuditLog audit,
        CancellationToken cancellation)
    {
        if (await people.FindAsync(name) is not { } user)
        {
            return LocalProblems.NoPerson(name);
        }

        await attempts.UnlockAsync(user, cancellation);
        await factors.ForgetStepsAheadAsync(user.Id, cancellation);
        await guards.ClearAsync(user.Id, cancellation);
        audit.Add("person.unlocked", user.Id, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        return Results.NoContent();
    }
}
