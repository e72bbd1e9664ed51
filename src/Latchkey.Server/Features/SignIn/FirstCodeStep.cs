using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using OtpNet;

namespace Latchkey.Server.Features.SignIn;

/// <summary>Where the organisation allows it: the first second factor, an authenticator code, straight after the password. Never a passkey.</summary>
internal static class FirstCodeStep
{
    public static async Task<IResult> ShowAsync(
        HttpContext context, SignInState state, People people, SecondFactorStore factors, PasskeyStore passkeys, AuthenticatorStore authenticators, OrganisationStore organisations, PolicyStore policies,
        CancellationToken cancellation)
    {
        if (await EligibleAsync(state, people, factors, passkeys, authenticators, organisations, policies, cancellation) is not { } user)
        {
            return state.Over(context.Request.Query["returnUrl"]);
        }

        var progress = state.Read()!;
        var secret = progress.NewSecret ?? Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(20));
        state.Write(progress with { NewSecret = secret });
        return await PageAsync(user, secret, organisations, context.Request.Query["returnUrl"], null, 200, cancellation);
    }

    public static async Task<IResult> AddAsync(
        HttpContext context, SignInState state, People people, SecondFactorStore factors, PasskeyStore passkeys, AuthenticatorStore authenticators, OrganisationStore organisations, PolicyStore policies,
        AttemptStore attempts, LatchkeyDb db, AuditLog audit, AccountChanges changes, SignInCompletion completion, CancellationToken cancellation)
    {
        var returnUrl = await context.FieldAsync("returnUrl");
        if (await EligibleAsync(state, people, factors, passkeys, authenticators, organisations, policies, cancellation) is not { } user || state.Read() is not { NewSecret: { } secret })
        {
            return state.Over(returnUrl);
        }

        if (factors.Matches(secret, await context.FieldAsync("code")) is not { } step)
        {
            return await PageAsync(user, secret, organisations, returnUrl, ShellTexts.WrongCode, 400, cancellation);
        }

        // Asked again now that nobody else registers a first one for this person.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockPersonAsync(user.Id, cancellation);
        if (!await IsOfferedAsync(user, factors, passkeys, authenticators, organisations, policies, cancellation))
        {
            return state.Over(returnUrl);
        }

        var method = factors.AddCode(user.Id, secret, step, ShellTexts.CodeDefaultName);
        audit.Add("method.added", user.Id, method: MethodKind.Code, methodId: method.Id);
        var session = await completion.OpenAsync(context, user, new Proof("pwd otp mfa", Mfa: true, SecondMethodId: method.Id), MethodKind.Code, mark: null);
        await transaction.CommitAsync(cancellation);
        await attempts.SucceededAsync(user.UserName!, context.Connection.RemoteIpAddress?.ToString(), cancellation);
        await SessionCookie.SignInAsync(context, session);
        changes.Tell(user.Id, AccountChange.Methods);
        return Results.Redirect(Forms.LocalOr(returnUrl));
    }

    private static async Task<User?> EligibleAsync(
        SignInState state, People people, SecondFactorStore factors, PasskeyStore passkeys, AuthenticatorStore authenticators, OrganisationStore organisations, PolicyStore policies, CancellationToken cancellation) =>
        await state.PersonAfterPasswordAsync(people) is { } user && await IsOfferedAsync(user, factors, passkeys, authenticators, organisations, policies, cancellation) ? user : null;

    /// <summary>Only to somebody who has nothing else, and whom policy offers codes.</summary>
    public static async Task<bool> IsOfferedAsync(
        User user, SecondFactorStore factors, PasskeyStore passkeys, AuthenticatorStore authenticators, OrganisationStore organisations, PolicyStore policies, CancellationToken cancellation) =>
        (await organisations.GetAsync(cancellation)).AllowsCodeAsFirstFactor
        && (await policies.ForAsync(user.Id, cancellation)).Withheld(MethodKind.Code) is null
        && (await factors.AvailableAsync(user, cancellation)).Count == 0
        && !await passkeys.HasAnyAsync(user.Id, cancellation)
        && (await authenticators.ListAsync(user.Id, cancellation)).Count == 0;

    private static async Task<IResult> PageAsync(
        User user, string secret, OrganisationStore organisations, string? returnUrl, string? problem, int status, CancellationToken cancellation) =>
        new RazorComponentResult<FirstCodePage>(new
        {
            Secret = secret,
            Issuer = (await organisations.GetAsync(cancellation)).DisplayName,
            Account = user.UserName!,
            ReturnUrl = Forms.LocalOr(returnUrl),
            Problem = problem,
        })
        { StatusCode = status };
}

internal static class SignOut
{
    public static async Task<IResult> HandleAsync(HttpContext context, SessionStore sessions, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        if (SignedIn.Of(context) is { } signedIn)
        {
            await sessions.EndAsync(signedIn.Session.Id, cancellation);
            audit.Add("sign_out", signedIn.User.Id);
            await db.SaveChangesAsync(cancellation);
        }

        await SessionCookie.SignOutAsync(context);
        return Results.Redirect("/sign-in");
    }
}
