using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.StepUp;

/// <summary>Proving it's you in the Authenticator; bound to this session.</summary>
internal static class StepUpApproval
{
    private const string Root = "/step-up/approval";

    public static async Task<IResult> BeginAsync(HttpContext context, SignedIn signedIn, AttemptStore attempts, ApprovalDesk desk, CancellationToken cancellation)
    {
        var (returnUrl, reason) = (Forms.LocalOr(await context.FieldAsync("returnUrl")), await context.FieldAsync("reason"));
        var address = context.Connection.RemoteIpAddress?.ToString();
        if (await attempts.TryAskAsync(signedIn.User.UserName!, proved: true, address, cancellation) is not null)
        {
            return Back("too_many_attempts");
        }

        var (approval, problem) = await desk.BeginAsync(
            ApprovalKind.StepUp, signedIn.User.UserName!, signedIn.User, signedIn.Session.Binding, StepUpTexts.AppStepUp, address, cancellation);
        return approval is null ? Back(problem!) : Results.Redirect($"{Root}/{approval.Id}{QueryOf(returnUrl, reason)}");

        IResult Back(string why) => Results.Redirect($"/step-up{QueryOf(returnUrl, reason)}&approval={why}");
    }

    public static async Task<IResult> ShowAsync(HttpContext context, Guid id, SignedIn signedIn, ApprovalDesk desk, CancellationToken cancellation) =>
        await desk.FindAsync(id, signedIn.Session.Binding, cancellation) is { } approval
            ? ApprovalWait.Page(context, approval, Root, Root, context.Request.Query["reason"])
            : Results.Redirect("/step-up");

    public static Task<IResult> WaitAsync(HttpContext context, Guid id, SignedIn signedIn, ApprovalDesk desk, TimeProvider time, CancellationToken cancellation) =>
        ApprovalWait.WaitAsync(context, id, signedIn.Session.Binding, desk, time, cancellation);

    public static async Task<IResult> OtherAsync(HttpContext context, Guid id, SignedIn signedIn, ApprovalDesk desk, CancellationToken cancellation)
    {
        if (await desk.FindAsync(id, signedIn.Session.Binding, cancellation) is { } approval)
        {
            await desk.CloseAsync(approval, cancellation);
        }

        return Results.Redirect("/step-up" + QueryOf(Forms.LocalOr(await context.FieldAsync("returnUrl")), await context.FieldAsync("reason")));
    }

    public static async Task<IResult> CompleteAsync(
        HttpContext context, Guid id, SignedIn signedIn, ApprovalDesk desk, ApprovalGuards guards, Refusals refusals, AttemptStore attempts, SessionStore sessions, AuthorizeFlow flow, LatchkeyDb db, AuditLog audit,
        CancellationToken cancellation)
    {
        var returnUrl = Forms.LocalOr(await context.FieldAsync("returnUrl"));
        if (await desk.FindAsync(id, signedIn.Session.Binding, cancellation) is not { Kind: ApprovalKind.StepUp } approval)
        {
            return Results.Redirect($"/step-up{QueryOf(returnUrl, "")}&approval={ApprovalDesk.Over}");
        }

        if (approval.State is not ApprovalState.Approved)
        {
            await refusals.NoteAsync("step_up", signedIn.User.Id, ApprovalDesk.Over, MethodKind.Authenticator, actor: null, cancellation);
            return Results.Redirect($"{Root}/{id}{QueryOf(returnUrl, "")}");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var authenticator = await desk.RedeemAsync(approval, signedIn.User, cancellation);
        audit.Add("step_up", signedIn.User.Id, authenticator is null ? ApprovalDesk.Over : "success", MethodKind.Authenticator, authenticator?.Id);
        if (authenticator is not null)
        {
            await guards.ClearAsync(signedIn.User.Id, cancellation);
            await sessions.StepUpAsync(signedIn.Session, new Proof("pop user mfa", Mfa: true), cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        if (authenticator is null)
        {
            return Results.Redirect($"{Root}/{id}{QueryOf(returnUrl, "")}");
        }

        await attempts.ApprovedAsync(signedIn.User.UserName!, proved: true, context.Connection.RemoteIpAddress?.ToString(), cancellation);
        flow.AnsweredBy(context, signedIn.Session, FlowAnswer.SteppedUp, returnUrl);
        return Results.Redirect(returnUrl);
    }

    public static string? WhyNotAsked(string? problem) =>
        problem is ApprovalDesk.Waiting or ApprovalDesk.Over or ApprovalGuards.Quiet or ApprovalGuards.Locked or "too_many_attempts" ? ProblemTable.Of(problem).Whole : null;

    private static string QueryOf(string returnUrl, string reason) => $"?returnUrl={Uri.EscapeDataString(returnUrl)}&reason={Uri.EscapeDataString(reason)}";
}
