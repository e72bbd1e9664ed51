using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.StepUp;

/// <summary>Front door: prove it's you once more, and come back to where you were.</summary>
public static class StepUpFeature
{
    public static void MapStepUp(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("/step-up").RequireAuthorization().ValidateAntiforgery();
        pages.MapGet("", ShowAsync);
        pages.MapPost("", CheckAsync);
        pages.MapPost("/passkey/options", StepUpPasskey.BeginAsync);
        pages.MapPost("/passkey", StepUpPasskey.CompleteAsync);
        pages.MapPost("/approval", StepUpApproval.BeginAsync);
        pages.MapGet("/approval/{id:guid}", StepUpApproval.ShowAsync);
        pages.MapGet("/approval/{id:guid}/status", StepUpApproval.WaitAsync);
        pages.MapPost("/approval/{id:guid}", StepUpApproval.CompleteAsync);
        pages.MapPost("/approval/{id:guid}/other", StepUpApproval.OtherAsync);
    }

    private static Task<IResult> ShowAsync(
        HttpContext context, SignedIn signedIn, SecondFactorStore factors, PasskeyStore passkeys, ApprovalDesk approvals, AskingProgram asking, CancellationToken cancellation) =>
        PageAsync(context.Request.Query["reason"], signedIn, factors, passkeys, approvals, asking, FactorNames.Parse(context.Request.Query["method"]), context.Request.Query["returnUrl"], StepUpApproval.WhyNotAsked(context.Request.Query["approval"]), 200, cancellation);

    private static async Task<IResult> CheckAsync(
        HttpContext context, SignedIn signedIn, SecondFactorStore factors, PasskeyStore passkeys, ApprovalDesk approvals, ApprovalGuards guards, AttemptStore attempts, SessionStore sessions,
        PolicyStore policies, AuthorizeFlow flow, AskingProgram asking, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var (user, returnUrl, reason) = (signedIn.User, Forms.LocalOr(await context.FieldAsync("returnUrl")), await context.FieldAsync("reason"));
        var kind = FactorNames.Parse(await context.FieldAsync("method")) ?? MethodKind.Code;
        var address = context.Connection.RemoteIpAddress?.ToString();
        if (await attempts.TryBeginAsync(user.UserName!, address, cancellation) is { } wait)
        {
            return await PageAsync(reason, signedIn, factors, passkeys, approvals, asking, kind, returnUrl, ShellTexts.TooMany.With(Math.Ceiling(wait.TotalMinutes)), 429, cancellation);
        }

        var method = await factors.CheckAsync(user, kind, await context.FieldAsync("code"), cancellation);
        var withheld = method is null ? null : (await policies.ForAsync(user.Id, cancellation)).Withheld(kind);
        audit.Add("step_up", user.Id, method is null ? "wrong_code" : withheld ?? "success", kind, method);
        await db.SaveChangesAsync(cancellation);
        if (method is null)
        {
            return await PageAsync(reason, signedIn, factors, passkeys, approvals, asking, kind, returnUrl, FactorNames.Wrong(kind), 400, cancellation);
        }

        if (withheld is not null)
        {
            return await PageAsync(reason, signedIn, factors, passkeys, approvals, asking, kind, returnUrl, ProblemTable.Of(withheld).Whole, 403, cancellation);
        }

        await attempts.SucceededAsync(user.UserName!, address, cancellation);
        await guards.ClearAsync(user.Id, cancellation);
        await sessions.StepUpAsync(signedIn.Session, new Proof("otp mfa", Mfa: true), cancellation);
        flow.AnsweredBy(context, signedIn.Session, FlowAnswer.SteppedUp, returnUrl);
        return Results.Redirect(returnUrl);
    }

    private static async Task<IResult> PageAsync(
        string? reason, SignedIn signedIn, SecondFactorStore factors, PasskeyStore passkeys, ApprovalDesk approvals, AskingProgram asking, MethodKind? wanted, string? returnUrl, string? problem, int status,
        CancellationToken cancellation)
    {
        var onward = Forms.LocalOr(returnUrl);
        var available = await factors.AvailableAsync(signedIn.User, cancellation);
        return new RazorComponentResult<StepUpPage>(new
        {
            // Whatever the address says it is for: where it lets a program on, the page says so.
            Why = await asking.BehindAsync(onward, cancellation) is { } program ? StepUpTexts.WhyProgram.With(program) : WhyOf(reason),
            Reason = reason ?? "",
            ReturnUrl = onward,
            Available = available,
            Chosen = wanted is { } kind && available.Contains(kind) ? kind : available.Cast<MethodKind?>().FirstOrDefault(),
            HasApproval = await approvals.HasAsync(signedIn.User, AuthenticatorUse.Notification, cancellation),
            HasPasskey = await passkeys.HasAcceptedAsync(signedIn.User, cancellation),
            Problem = problem,
        })
        { StatusCode = status };
    }

    private static string WhyOf(string? reason) => reason switch
    {
        "add" => StepUpTexts.WhyAdd,
        "delete" => StepUpTexts.WhyDelete,
        "rename" => StepUpTexts.WhyRename,
        "codes" => StepUpTexts.WhyCodes,
        "app" => StepUpTexts.WhyApp,
        "password" => StepUpTexts.WhyPassword,
        _ => StepUpTexts.WhyOther,
    };
}
