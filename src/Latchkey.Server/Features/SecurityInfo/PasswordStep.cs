using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>A new password ends every other session.</summary>
internal static class PasswordStep
{
    public static IResult Show(SignedIn signedIn) => Page(signedIn, null);

    public static async Task<IResult> ChangeAsync(
        HttpContext context, SignedIn signedIn, People people, UserManager<User> users, SessionStore sessions, AttemptStore attempts, LatchkeyDb db, AuditLog audit,
        CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        var user = (await users.FindByIdAsync(signedIn.User.Id.ToString()))!;
        var address = context.Connection.RemoteIpAddress?.ToString();
        if (await attempts.TryBeginAsync(user.UserName!, address, cancellation) is { } wait)
        {
            return Page(signedIn, ShellTexts.TooMany.With(Math.Ceiling(wait.TotalMinutes)));
        }

        if (user.PasswordHash is not null && !await people.IsPasswordAsync(user, form["current"].ToString()))
        {
            return Page(signedIn, SecurityInfoTexts.WrongCurrentPassword);
        }

        await attempts.SucceededAsync(user.UserName!, address, cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        try
        {
            await people.SetPasswordAsync(user, form["new"].ToString());
        }
        catch (AccountRuleException rule)
        {
            return Page(signedIn, rule.Message);
        }

        await sessions.EndAllOthersAsync(user.Id, signedIn.Session.Id, cancellation);
        audit.Add("method.changed", user.Id, method: MethodKind.Password);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return Results.Redirect("/security-info?said=password");
    }

    private static RazorComponentResult<PasswordPage> Page(SignedIn signedIn, string? problem) =>
        new(new { Name = signedIn.User.UserName!, HasPassword = signedIn.User.PasswordHash is not null, Problem = problem })
        { StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest };
}
