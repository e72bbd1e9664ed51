using Latchkey.Protocol;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>The end of the wizard, the same for everything that has a name: it is there, call it something, done.</summary>
internal static class NameStep
{
    /// <summary>Where a passkey that was just made is told of, and the passkeys whose place it may have taken.</summary>
    public static string CreatedAddress(Guid id, IReadOnlyList<Passkey>? beside) =>
        $"/security-info/passkeys/{id}/created" + (beside is { Count: > 0 } ? "?beside=" + string.Join('+', beside.Select(other => other.Id)) : "");

    public static async Task<IResult> ShowCreatedAsync(
        HttpContext context, string kind, Guid id, SignedIn signedIn, PasskeyStore passkeys, MethodList methods, LatchkeyDb db, CancellationToken cancellation)
    {
        if (await NamedAsync(kind, id, signedIn, passkeys, db, cancellation) is not { } named)
        {
            return Results.Redirect("/security-info");
        }

        var beside = context.Request.Query["beside"].ToString().Split(' ');
        return new RazorComponentResult<CreatedPage>(new
        {
            IsPasskey = named.Kind is MethodKind.Passkey,
            named.Name,
            Next = $"/security-info/{kind}/{id}/name?new=1",
            Beside = (await methods.PasskeysAsync(signedIn.User, cancellation)).Where(passkey => beside.Contains(passkey.Id.ToString())).ToList(),
        });
    }

    public static async Task<IResult> ShowAsync(
        HttpContext context, string kind, Guid id, SignedIn signedIn, PasskeyStore passkeys, LatchkeyDb db, CancellationToken cancellation) =>
        await NamedAsync(kind, id, signedIn, passkeys, db, cancellation) is { } named
            ? Page(kind, id, named.Name, context.Request.Query.ContainsKey("new"), null)
            : Results.Redirect("/security-info");

    public static async Task<IResult> SaveAsync(
        HttpContext context, string kind, Guid id, SignedIn signedIn, PasskeyStore passkeys, RequiredPasskey required, MethodChanges changes, LatchkeyDb db, CancellationToken cancellation)
    {
        if (await NamedAsync(kind, id, signedIn, passkeys, db, cancellation) is not { } named)
        {
            return Results.Redirect("/security-info");
        }

        var isNew = (await context.FieldAsync("new")).Length > 0;
        var name = await context.FieldAsync("name");
        if (!ForeignText.IsName(name, Passkey.MaxDisplayName))
        {
            return Page(kind, id, name, isNew, SecurityInfoTexts.NameProblem);
        }

        if (name != named.Name && await changes.RenameAsync(new MethodActor(signedIn.Session), signedIn.User, named.Kind, id, name, cancellation) is not null)
        {
            return Results.Redirect(AddWizard.Root); // gone meanwhile
        }

        var onward = isNew ? await required.TakeOnwardAsync(signedIn, cancellation) : null;
        return Results.Redirect(onward is null or AddWizard.Root ? AddWizard.Root + "?said=" + (isNew ? "added" : "renamed") : onward);
    }

    private static RazorComponentResult<NamePage> Page(string kind, Guid id, string name, bool isNew, string? problem) =>
        new(new { Action = $"/security-info/{kind}/{id}/name", Name = name, IsNew = isNew, Problem = problem })
        { StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };

    private sealed record Named(MethodKind Kind, string Name);

    private static async Task<Named?> NamedAsync(string kind, Guid id, SignedIn signedIn, PasskeyStore passkeys, LatchkeyDb db, CancellationToken cancellation) =>
        MethodKinds.Parse(kind) switch
        {
            MethodKind.Passkey when await passkeys.FindAsync(signedIn.User.Id, id, cancellation) is { } passkey =>
                new Named(MethodKind.Passkey, passkey.DisplayName),
            MethodKind.Code when await db.CodeMethods.FirstOrDefaultAsync(c => c.Id == id && c.UserId == signedIn.User.Id, cancellation) is { } code =>
                new Named(MethodKind.Code, code.DisplayName),
            MethodKind.Authenticator when await db.Authenticators.FirstOrDefaultAsync(a => a.Id == id && a.UserId == signedIn.User.Id, cancellation) is { } authenticator =>
                new Named(MethodKind.Authenticator, authenticator.DisplayName),
            _ => null,
        };
}
