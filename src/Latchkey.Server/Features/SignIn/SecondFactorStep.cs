using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SignIn;

/// <summary>After the password: one of the second factors the person has.</summary>
internal static class SecondFactorStep
{
    public static async Task<IResult> ShowAsync(
        HttpContext context, SignInState state, People people, SecondFactorStore factors, PasskeyStore passkeys, ApprovalDesk approvals, CancellationToken cancellation) =>
        await state.PersonAfterPasswordAsync(people) is { } user
            ? await PageAsync(context, user, factors, passkeys, approvals, FactorNames.Parse(context.Request.Query["method"]), context.Request.Query["returnUrl"], WhyNotAsked(context.Request.Query["approval"]), 200, cancellation)
            : state.Over(context.Request.Query["returnUrl"]);

    public static async Task<IResult> CheckAsync(
        HttpContext context, SignInState state, People people, AttemptStore attempts, SecondFactorStore factors, PasskeyStore passkeys, ApprovalDesk approvals,
        SignInCompletion completion, PolicyStore policies, CancellationToken cancellation)
    {
        var returnUrl = await context.FieldAsync("returnUrl");
        if (await state.PersonAfterPasswordAsync(people) is not { } user)
        {
            return state.Over(returnUrl);
        }

        var kind = FactorNames.Parse(await context.FieldAsync("method")) ?? MethodKind.Code;
        var address = context.Connection.RemoteIpAddress?.ToString();
        if (await attempts.TryBeginAsync(user.UserName!, address, cancellation) is { } wait)
        {
            return await PageAsync(context, user, factors, passkeys, approvals, kind, returnUrl, ShellTexts.TooMany.With(Math.Ceiling(wait.TotalMinutes)), 429, cancellation);
        }

        if (await factors.CheckAsync(user, kind, await context.FieldAsync("code"), cancellation) is not { } method)
        {
            await completion.RefuseAsync(user, kind, "wrong_code", cancellation);
            return await PageAsync(context, user, factors, passkeys, approvals, kind, returnUrl, FactorNames.Wrong(kind), 400, cancellation);
        }

        if ((await policies.ForAsync(user.Id, cancellation)).Withheld(kind) is { } withheld)
        {
            await completion.RefuseAsync(user, kind, withheld, cancellation);
            return await PageAsync(context, user, factors, passkeys, approvals, kind, returnUrl, ProblemTable.Of(withheld).Whole, 403, cancellation);
        }

        await attempts.SucceededAsync(user.UserName!, address, cancellation);
        return await completion.CompleteAsync(context, user, new Proof("pwd otp mfa", Mfa: true, FirstMethodId: null, SecondMethodId: method), kind, returnUrl);
    }

    private static string? WhyNotAsked(string? problem) =>
        problem is ApprovalDesk.Waiting or ApprovalGuards.Quiet or ApprovalGuards.Locked or "too_many_attempts" ? ProblemTable.Of(problem).Whole : null;

    private static async Task<IResult> PageAsync(
        HttpContext context, User user, SecondFactorStore factors, PasskeyStore passkeys, ApprovalDesk approvals, MethodKind? wanted, string? returnUrl, string? problem, int status,
        CancellationToken cancellation)
    {
        var available = await factors.AvailableAsync(user, cancellation);
        return new RazorComponentResult<SecondFactorPage>(new
        {
            Name = user.UserName!,
            ReturnUrl = Forms.LocalOr(returnUrl),
            Available = available,
            Chosen = wanted is { } kind && available.Contains(kind) ? kind : available.Cast<MethodKind?>().FirstOrDefault(),
            HasApproval = await approvals.HasAsync(user, AuthenticatorUse.Notification, cancellation),
            HasPasskey = await passkeys.HasAcceptedAsync(user, cancellation),
            Problem = problem,
        })
        { StatusCode = status };
    }
}
