using Latchkey.Protocol;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using OpenIddict.Abstractions;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>One line of the list of sessions.</summary>
public sealed record SessionLine(Guid Id, string Icon, string Name, string? Address, string? Place, DateTimeOffset Since, DateTimeOffset Seen, bool IsThis);

/// <summary>Where a person is signed in, and the end of any of it. Ending needs no second factor: it is what somebody in doubt does first.</summary>
internal static class SessionsStep
{
    public const string Path = AddWizard.Root + "/sessions";

    public static async Task<IResult> ShowAsync(
        HttpContext context, SignedIn signedIn, SessionStore sessions, Places places, IOpenIddictApplicationManager applications, CancellationToken cancellation)
    {
        var lines = new List<SessionLine>();
        foreach (var session in await sessions.ListAsync(signedIn.User.Id, cancellation))
        {
            lines.Add(new(
                session.Id, session.Kind is SessionKind.App ? "phone" : "laptop", await NameOfAsync(session, applications, cancellation), session.Address,
                places.Find(session.Address), session.CreatedAt, session.LastSeenAt ?? session.CreatedAt, session.Id == signedIn.Session.Id));
        }

        return new RazorComponentResult<SessionsPage>(new
        {
            Lines = (IReadOnlyList<SessionLine>)[.. lines.OrderByDescending(line => line.IsThis)],
            Said = context.Request.Query["said"].ToString() switch { "ended" => SecurityInfoTexts.SaidSessionEnded, "others-ended" => SecurityInfoTexts.SaidSessionsEnded, _ => null },
        });
    }

    public static async Task<IResult> EndAsync(HttpContext context, Guid id, SignedIn signedIn, SessionStore sessions, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        if (await sessions.TryEndAsync(signedIn.User.Id, id, cancellation))
        {
            audit.Add("session.ended", signedIn.User.Id);
            await db.SaveChangesAsync(cancellation);
        }

        if (id != signedIn.Session.Id)
        {
            return Results.Redirect(Path + "?said=ended");
        }

        await SessionCookie.SignOutAsync(context);
        return Results.Redirect("/sign-in");
    }

    public static async Task<IResult> EndOthersAsync(SignedIn signedIn, SessionStore sessions, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        await sessions.EndAllOthersAsync(signedIn.User.Id, signedIn.Session.Id, cancellation);
        audit.Add("session.ended", signedIn.User.Id);
        await db.SaveChangesAsync(cancellation);
        return Results.Redirect(Path + "?said=others-ended");
    }

    private static async Task<string> NameOfAsync(Session session, IOpenIddictApplicationManager applications, CancellationToken cancellation)
    {
        if (session.ClientId is not { } client)
        {
            return ForeignText.FirstOf(session.Device, SecurityInfoTexts.SessionBrowser).Plain;
        }

        var program = await applications.FindByClientIdAsync(client, cancellation) is { } application ? await applications.GetLocalizedDisplayNameAsync(application, cancellation) ?? client : client;
        return session.Device is { } device ? $"{ForeignText.Of(program).Plain} · {ForeignText.Of(device).Plain}" : ForeignText.Of(program).Plain;
    }
}
