using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>A passkey made by this browser, or on a security key.</summary>
internal static class PasskeyStep
{
    public static async Task<IResult> ShowAsync(SignedIn signedIn, PasskeyStore passkeys, CancellationToken cancellation) =>
        new RazorComponentResult<AddPasskeyPage>(new { Existing = await passkeys.ListAsync(signedIn.User.Id, cancellation) });

    public static async Task<IResult> BeginAsync(HttpContext context, SignedIn signedIn, RegistrationDesk desk, CancellationToken cancellation)
    {
        var (options, _, problem) = await desk.BeginAsync(signedIn.User, signedIn.Session.Binding, RegistrationWay.Anywhere, cancellation);
        return options is null ? Refusal.Portal(context, problem!) : Results.Bytes(options.Encode(), "application/json");
    }

    public static async Task<IResult> CompleteAsync(HttpContext context, SignedIn signedIn, RegistrationDesk desk, CancellationToken cancellation)
    {
        var outcome = await desk.CompleteAsync(await context.ReadBodyAsync(cancellation), signedIn.User, signedIn.Session.Binding, displayName: null, cancellation);
        return outcome.Passkey is { } passkey
            ? Results.Json(new { id = passkey.Id, next = NameStep.CreatedAddress(passkey.Id, outcome.Beside) })
            : Refusal.Portal(context, outcome.Problem!, outcome.Model);
    }
}
