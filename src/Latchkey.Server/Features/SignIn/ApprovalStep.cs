using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SignIn;

/// <summary>
/// The Authenticator says yes: after the password, or to a name alone. Begun by a form, never by a link, and bound to this browser's visit: whoever
/// knows the request's address signs nobody in by it.
/// </summary>
internal static class ApprovalStep
{
    public const string Root = "/sign-in/approval", ByPhone = "/sign-in/phone", AfterPassword = "/sign-in/second-factor/approval";

    /// <summary>To a name, alike for names there are and names there are not.</summary>
    public static async Task<IResult> BeginByPhoneAsync(
        HttpContext context, SignInState state, Visit visit, People people, AttemptStore attempts, ApprovalDesk desk, AskingApp asking, CancellationToken cancellation)
    {
        var returnUrl = Forms.LocalOr(await context.FieldAsync("returnUrl"));
        if (state.Read() is not { } progress)
        {
            return state.Over(returnUrl);
        }

        var address = context.Connection.RemoteIpAddress?.ToString();
        if (await attempts.TryAskAsync(progress.Name, proved: false, address, cancellation) is { } wait)
        {
            return Page(progress.Name, returnUrl, ShellTexts.TooMany.With(Math.Ceiling(wait.TotalMinutes)), StatusCodes.Status429TooManyRequests);
        }

        var (approval, problem) = await desk.BeginAsync(
            ApprovalKind.PhoneSignIn, progress.Name, await people.FindAsync(progress.Name), visit.GetOrBegin(), await asking.NameOfAsync(returnUrl, cancellation), address, cancellation);
        return approval is null ? Page(progress.Name, returnUrl, Problems.ProblemTable.Of(problem!).Whole, StatusCodes.Status409Conflict) : Results.Redirect(AddressOf(approval, returnUrl));
    }

    /// <summary>After the password, asked for by hand.</summary>
    public static async Task<IResult> BeginAfterPasswordAsync(
        HttpContext context, SignInState state, People people, AttemptStore attempts, ApprovalSender sender, CancellationToken cancellation)
    {
        var returnUrl = Forms.LocalOr(await context.FieldAsync("returnUrl"));
        if (await state.PersonAfterPasswordAsync(people) is not { } user)
        {
            return state.Over(returnUrl);
        }

        return await attempts.TryAskAsync(user.UserName!, proved: true, context.Connection.RemoteIpAddress?.ToString(), cancellation) is null
            ? Results.Redirect(await sender.SendAsync(user, returnUrl, cancellation))
            : Results.Redirect($"/sign-in/second-factor?approval=too_many_attempts&returnUrl={Uri.EscapeDataString(returnUrl)}");
    }

    public static async Task<IResult> ShowAsync(HttpContext context, Guid id, SignInState state, Visit visit, ApprovalDesk desk, CancellationToken cancellation) =>
        await desk.FindAsync(id, visit.Current(), cancellation) is { } approval
            ? ApprovalWait.Page(context, approval, Root, approval.Kind is ApprovalKind.PhoneSignIn ? ByPhone : AfterPassword)
            : state.Over(context.Request.Query["returnUrl"]);

    public static Task<IResult> WaitAsync(HttpContext context, Guid id, Visit visit, ApprovalDesk desk, TimeProvider time, CancellationToken cancellation) =>
        ApprovalWait.WaitAsync(context, id, visit.Current(), desk, time, cancellation);

    public static async Task<IResult> OtherAsync(HttpContext context, Guid id, SignInState state, Visit visit, ApprovalDesk desk, CancellationToken cancellation)
    {
        var returnUrl = Forms.LocalOr(await context.FieldAsync("returnUrl"));
        var back = "?returnUrl=" + Uri.EscapeDataString(returnUrl);
        if (await desk.FindAsync(id, visit.Current(), cancellation) is not { } approval)
        {
            return state.Over(returnUrl);
        }

        await desk.CloseAsync(approval, cancellation);
        return Results.Redirect((approval.Kind is ApprovalKind.PhoneSignIn ? "/sign-in/password" : "/sign-in/second-factor") + back);
    }

    public static async Task<IResult> CompleteAsync(
        HttpContext context, Guid id, SignInState state, Visit visit, People people, AttemptStore attempts, Refusals refusals, ApprovalDesk desk, SignInCompletion completion,
        LatchkeyDb db, CancellationToken cancellation)
    {
        var returnUrl = Forms.LocalOr(await context.FieldAsync("returnUrl"));
        if (await desk.FindAsync(id, visit.Current(), cancellation) is not { Kind: not ApprovalKind.StepUp } approval)
        {
            return state.Over(returnUrl);
        }

        if (approval.State is ApprovalState.Used && SignedIn.Of(context)?.User.Id == approval.UserId)
        {
            return Results.Redirect(returnUrl); // sent twice: the first one opened the session
        }

        if (approval.State is not ApprovalState.Approved)
        {
            // Alike for names there are and names there are not; it stands on the page why it is not.
            await refusals.NoteAsync("sign_in", approval.UserId, ApprovalDesk.Over, MethodKind.Authenticator, actor: "nobody", cancellation);
            return Results.Redirect(AddressOf(approval, returnUrl));
        }

        // After the password its proof must still stand: a password changed meanwhile undoes it.
        var byPhone = approval.Kind is ApprovalKind.PhoneSignIn;
        var user = byPhone ? await db.Users.FindAsync([approval.UserId], cancellation) : await state.PersonAfterPasswordAsync(people);
        if (user is null)
        {
            return state.Over(returnUrl);
        }

        if (user.IsDisabled)
        {
            return await completion.RefuseDisabledAsync(user, MethodKind.Authenticator, cancellation);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        if (await desk.RedeemAsync(approval, user, cancellation) is not { } authenticator)
        {
            await completion.RefuseAsync(user, MethodKind.Authenticator, ApprovalDesk.Over, cancellation);
            await transaction.CommitAsync(cancellation);
            return Results.Redirect(AddressOf(approval, returnUrl));
        }

        // A key proves possession (pop), the person was there (user); that the Authenticator has asked for the PIN makes it two factors (RFC 8176).
        var session = await completion.OpenAsync(
            context,
            user,
            byPhone ? new Proof("pop user mfa", Mfa: true, authenticator.Id) : new Proof("pwd pop user mfa", Mfa: true, FirstMethodId: null, authenticator.Id),
            MethodKind.Authenticator,
            mark: null);
        await transaction.CommitAsync(cancellation);
        var address = context.Connection.RemoteIpAddress?.ToString();
        await attempts.ApprovedAsync(user.UserName!, proved: !byPhone, address, cancellation);
        await (byPhone ? attempts.ClearAsync(user.UserName!, cancellation) : attempts.SucceededAsync(user.UserName!, address, cancellation));
        return Results.Redirect(await completion.LetInAsync(context, session, returnUrl));
    }

    public static string AddressOf(Approval approval, string returnUrl) => $"{Root}/{approval.Id}?returnUrl={Uri.EscapeDataString(returnUrl)}";

    private static RazorComponentResult<PasswordPage> Page(string name, string returnUrl, string problem, int status) =>
        new(new { Name = name, ReturnUrl = returnUrl, Problem = problem }) { StatusCode = status };
}

/// <summary>Asks the Authenticator after a right password, and says which page is next.</summary>
internal sealed class ApprovalSender(ApprovalDesk desk, AskingApp asking, Visit visit, IHttpContextAccessor http)
{
    public async Task<string> SendAsync(User user, string returnUrl, CancellationToken cancellation)
    {
        var (approval, problem) = await desk.BeginAsync(
            ApprovalKind.SecondFactor, user.UserName!, user, visit.GetOrBegin(), await asking.NameOfAsync(returnUrl, cancellation),
            http.HttpContext!.Connection.RemoteIpAddress?.ToString(), cancellation);
        return approval is null
            ? $"/sign-in/second-factor?approval={problem}&returnUrl={Uri.EscapeDataString(returnUrl)}"
            : ApprovalStep.AddressOf(approval, returnUrl);
    }
}
