using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Admin;

internal static class GroupEndpoints
{
    public static async Task<IResult> ListAsync(LatchkeyDb db, CancellationToken cancellation)
    {
        var groups = await db.Groups.AsNoTracking().OrderBy(g => g.NormalizedName)
            .Select(g => new { g.Id, g.Name, Members = db.GroupMembers.Count(m => m.GroupId == g.Id) }).ToListAsync(cancellation);
        return Results.Json(
            new PeopleGroupCollection([.. groups.Select(g => new PeopleGroup(g.Id.ToString(), g.Name, g.Members))]), ApiJson.Default.PeopleGroupCollection);
    }

    public static async Task<IResult> AddAsync(NewPeopleGroup wanted, LatchkeyDb db, TimeProvider time, AuditLog audit, CancellationToken cancellation)
    {
        var name = wanted.Name?.Trim();
        if (name is null or { Length: 0 or > 256 } || NameForm.Of(name).Length is 0 or > 256 || !LocalProblems.IsName(name))
        {
            return LocalProblems.Problem(StatusCodes.Status400BadRequest, "group_name_invalid", AdminTexts.GroupNameInvalid);
        }

        if (await db.FindGroupAsync(name, cancellation) is not null)
        {
            return Exists();
        }

        var now = time.GetUtcNow();
        var group = new Group { Id = Guid.CreateVersion7(now), Name = name, NormalizedName = NameForm.Of(name), CreatedAt = now };
        db.Groups.Add(group);
        audit.Add("group.added", userId: null, actor: AuditLog.Local);
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            return Exists(); // added twice at once
        }

        return Results.Json(new PeopleGroup(group.Id.ToString(), group.Name, 0), ApiJson.Default.PeopleGroup, statusCode: StatusCodes.Status201Created);

        IResult Exists() => LocalProblems.Problem(StatusCodes.Status409Conflict, "group_exists", AdminTexts.GroupExists.Replace("{0}", name, StringComparison.Ordinal));
    }

    public static async Task<IResult> DeleteAsync(string name, HttpContext context, PolicyStore policies, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        if (await db.FindGroupAsync(name, cancellation) is not { } group)
        {
            return LocalProblems.NoGroup(name);
        }

        // A group that policy keeps something from would otherwise be let in by being deleted.
        if ((await policies.GetAsync(cancellation)).Policy.Groups.Contains(group.Id))
        {
            return LocalProblems.OfTable(context, PolicyException.GroupInPolicy, group.Name);
        }

        db.Groups.Remove(group);
        audit.Add("group.deleted", userId: null, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        return Results.NoContent();
    }

    public static async Task<IResult> MembersAsync(string name, LatchkeyDb db, PersonView view, CancellationToken cancellation)
    {
        if (await db.FindGroupAsync(name, cancellation) is not { } group)
        {
            return LocalProblems.NoGroup(name);
        }

        var people = new List<Person>();
        foreach (var user in await db.GroupMembers.Where(m => m.GroupId == group.Id)
            .Join(db.Users, m => m.UserId, u => u.Id, (_, user) => user).OrderBy(u => u.NormalizedUserName).ToListAsync(cancellation))
        {
            people.Add(await view.OfAsync(user, cancellation));
        }

        return Results.Json(new PersonPage(people, null), ApiJson.Default.PersonPage);
    }

    public static async Task<IResult> AddMemberAsync(string name, string user, LatchkeyDb db, People people, AuditLog audit, CancellationToken cancellation)
    {
        if (await db.FindGroupAsync(name, cancellation) is not { } group)
        {
            return LocalProblems.NoGroup(name);
        }

        if (await people.FindAsync(user) is not { } person)
        {
            return LocalProblems.NoPerson(user);
        }

        if (!await db.GroupMembers.AnyAsync(m => m.GroupId == group.Id && m.UserId == person.Id, cancellation))
        {
            db.GroupMembers.Add(new GroupMember { GroupId = group.Id, UserId = person.Id });
            audit.Add("group.member_added", person.Id, actor: AuditLog.Local);
            try
            {
                await db.SaveChangesAsync(cancellation);
            }
            catch (DbUpdateException)
            {
                db.ChangeTracker.Clear(); // added twice at once: the person is in it
            }
        }

        return Results.NoContent();
    }

    public static async Task<IResult> RemoveMemberAsync(string name, string user, LatchkeyDb db, People people, AuditLog audit, CancellationToken cancellation)
    {
        if (await db.FindGroupAsync(name, cancellation) is not { } group)
        {
            return LocalProblems.NoGroup(name);
        }

        if (await people.FindAsync(user) is not { } person)
        {
            return LocalProblems.NoPerson(user);
        }

        await db.GroupMembers.Where(m => m.GroupId == group.Id && m.UserId == person.Id).ExecuteDeleteAsync(cancellation);
        audit.Add("group.member_removed", person.Id, actor: AuditLog.Local);
        await db.SaveChangesAsync(cancellation);
        return Results.NoContent();
    }
}
