using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SignIn;

/// <summary>The password alone opens nothing: it leads to the second factor, or to registering one.</summary>
internal static class PasswordStep
{
    public static IResult Show(HttpContext context, SignInState state) =>
        state.Read() is { } progress ? Page(progress.Name, context.Request.Query["returnUrl"], null) : state.Over(context.Request.Query["returnUrl"]);

    public static async Task<IResult> CheckAsync(
        HttpContext context, SignInState state, People people, AttemptStore attempts, SecondFactorStore factors, PasskeyStore passkeys,
        OrganisationStore organisations, PolicyStore policies, AuthenticatorStore authenticators, ApprovalDesk approvals, ApprovalSender sender, SignInCompletion completion, CancellationToken cancellation)
    {
        var returnUrl = Forms.LocalOr(await context.FieldAsync("returnUrl"));
        if (state.Read() is not { } progress)
        {
            return state.Over(returnUrl);
        }

        var password = (await context.Request.ReadFormAsync(cancellation))["password"].ToString();
        var address = context.Connection.RemoteIpAddress?.ToString();
        if (await attempts.TryBeginAsync(progress.Name, address, cancellation) is { } wait)
        {
            return Page(progress.Name, returnUrl, ShellTexts.TooMany.With(Math.Ceiling(wait.TotalMinutes)), StatusCodes.Status429TooManyRequests);
        }

        if (await people.CheckPasswordAsync(progress.Name, password) is not { } user)
        {
            await completion.RefuseAsync(await people.FindAsync(progress.Name), MethodKind.Password, "wrong_password", cancellation);
            return Page(progress.Name, returnUrl, SignInTexts.WrongPassword, StatusCodes.Status400BadRequest);
        }

        if (user.IsDisabled)
        {
            return await completion.RefuseDisabledAsync(user, MethodKind.Password, cancellation);
        }

        // The password was right, but the count goes on until the second factor is: otherwise it would be free to guess.
        await people.MarkPasswordUsedAsync(user.Id, cancellation);
        state.Write(progress with { PasswordProof = user.SecurityStamp });
        var back = "?returnUrl=" + Uri.EscapeDataString(returnUrl);
        if (await approvals.HasAsync(user, AuthenticatorUse.Notification, cancellation))
        {
            return Results.Redirect(await sender.SendAsync(user, returnUrl, cancellation));
        }

        var available = await factors.AvailableAsync(user, cancellation);
        if (available.Count > 0 || await passkeys.HasAcceptedAsync(user, cancellation))
        {
            return Results.Redirect("/sign-in/second-factor" + back);
        }

        if (await FirstCodeStep.IsOfferedAsync(user, factors, passkeys, authenticators, organisations, policies, cancellation))
        {
            return Results.Redirect("/sign-in/first-code" + back);
        }

        await completion.RefuseAsync(user, MethodKind.Password, "no_second_factor", cancellation);
        return new RazorComponentResult<MessagePage>(new
        {
            Title = SignInTexts.NoFactorTitle, Text = SignInTexts.NoFactor, Href = "/sign-in/pass" + back, Action = ShellTexts.UsePass,
        });
    }

    private static RazorComponentResult<PasswordPage> Page(string name, string? returnUrl, string? problem, int status = StatusCodes.Status200OK) =>
        new(new { Name = name, ReturnUrl = Forms.LocalOr(returnUrl), Problem = problem }) { StatusCode = status };
}
