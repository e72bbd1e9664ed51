using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SignIn;

/// <summary>The end of every way to sign in: a session, its cookie, an audit row.</summary>
internal sealed class SignInCompletion(SessionStore sessions, SignInState state, ApprovalGuards guards, AuthorizeFlow flow, LatchkeyDb db, AuditLog audit)
{
    public async Task<IResult> CompleteAsync(HttpContext context, User user, Proof proof, MethodKind method, string? returnUrl)
    {
        if (user.IsDisabled)
        {
            return await RefuseDisabledAsync(user, method, context.RequestAborted);
        }

        var session = await OpenAsync(context, user, proof, method, mark: null);
        return Results.Redirect(await LetInAsync(context, session, returnUrl));
    }

    /// <summary>Once the session is committed: gives the browser its cookie, and the program that waits behind the sign-in its answer.</summary>
    /// <returns>Where to go on.</returns>
    public async Task<string> LetInAsync(HttpContext context, Session session, string? returnUrl)
    {
        var onward = Forms.LocalOr(returnUrl);
        await SessionCookie.SignInAsync(context, session);
        flow.AnsweredBy(context, session, FlowAnswer.SignedIn, onward);
        return onward;
    }

    /// <summary>Opens the session. The cookie comes after the commit: no browser holds a session that was rolled back.</summary>
    public async Task<Session> OpenAsync(HttpContext context, User user, Proof proof, MethodKind method, UsedCeremony? mark)
    {
        var cancellation = context.RequestAborted;
        if (SignedIn.Of(context) is { } before)
        {
            await sessions.EndAsync(before.Session.Id, cancellation);
        }

        var session = await sessions.OpenBrowserAsync(user.Id, proof, cancellation);
        await guards.ClearAsync(user.Id, cancellation); // whoever proves themselves with two factors takes the lock off
        audit.Add("sign_in", user.Id, method: method, methodId: proof.SecondMethodId ?? proof.FirstMethodId);
        mark?.Answer = session.Id.ToString();
        await db.SaveChangesAsync(cancellation);
        state.Clear();
        return session;
    }

    /// <summary>Whoever has proved something of the person's is told that the account is disabled; nobody else.</summary>
    public async Task<IResult> RefuseDisabledAsync(User user, MethodKind method, CancellationToken cancellation)
    {
        await RefuseAsync(user, method, AuthenticationDesk.Disabled, cancellation);
        state.Clear();
        var problem = ProblemTable.Of(AuthenticationDesk.Disabled);
        return new RazorComponentResult<MessagePage>(new { Title = problem.Text, Text = problem.NextStep, Href = "/sign-in", Action = SignInTexts.Back }) { StatusCode = problem.Status };
    }

    /// <summary>A refused attempt leaves a row, also one at a name nobody has: it takes as long. The name itself is not kept, people
    /// type passwords there.</summary>
    public async Task RefuseAsync(User? user, MethodKind method, string outcome, CancellationToken cancellation)
    {
        audit.Add("sign_in", user?.Id, outcome, method, actor: "nobody");
        await db.SaveChangesAsync(cancellation);
    }
}
