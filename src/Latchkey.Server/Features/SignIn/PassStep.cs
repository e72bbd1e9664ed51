using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SignIn;

/// <summary>A Temporary Access Pass counts as two factors: an administrator has made sure of the person.</summary>
internal static class PassStep
{
    public static IResult Show(HttpContext context, SignInState state) =>
        state.Read() is { } progress ? Page(progress.Name, context.Request.Query["returnUrl"], null) : state.Over(context.Request.Query["returnUrl"]);

    public static async Task<IResult> CheckAsync(
        HttpContext context, SignInState state, People people, AttemptStore attempts, SecondFactorStore factors, SignInCompletion completion,
        PolicyStore policies, CancellationToken cancellation)
    {
        var returnUrl = await context.FieldAsync("returnUrl");
        if (state.Read() is not { } progress)
        {
            return state.Over(returnUrl);
        }

        var address = context.Connection.RemoteIpAddress?.ToString();
        if (await attempts.TryBeginAsync(progress.Name, address, cancellation) is { } wait)
        {
            return Page(progress.Name, returnUrl, ShellTexts.TooMany.With(Math.Ceiling(wait.TotalMinutes)), StatusCodes.Status429TooManyRequests);
        }

        var user = await people.FindAsync(progress.Name);
        var typed = await context.FieldAsync("code");
        // For a name nobody has, a nobody is checked: it takes as long.
        if (await factors.CheckAsync(user ?? new User(), MethodKind.TemporaryAccessPass, typed, cancellation, forProgram: AuthorizeFlow.LeadsTo(returnUrl)) is not { } pass || user is null)
        {
            await completion.RefuseAsync(user, MethodKind.TemporaryAccessPass, "wrong_pass", cancellation);
            return Page(progress.Name, returnUrl, ShellTexts.WrongPass, StatusCodes.Status400BadRequest);
        }

        // Only whoever holds the pass is told what policy says of it.
        if ((await policies.ForAsync(user.Id, cancellation)).Withheld(MethodKind.TemporaryAccessPass) is { } withheld)
        {
            await completion.RefuseAsync(user, MethodKind.TemporaryAccessPass, withheld, cancellation);
            return Page(progress.Name, returnUrl, ProblemTable.Of(withheld).Whole, StatusCodes.Status403Forbidden);
        }

        await attempts.SucceededAsync(progress.Name, address, cancellation);
        return await completion.CompleteAsync(context, user, new Proof("otp mfa", Mfa: true, pass), MethodKind.TemporaryAccessPass, returnUrl);
    }

    private static RazorComponentResult<PassPage> Page(string name, string? returnUrl, string? problem, int status = StatusCodes.Status200OK) =>
        new(new { Name = name, ReturnUrl = Forms.LocalOr(returnUrl), Problem = problem }) { StatusCode = status };
}
