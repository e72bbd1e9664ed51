using Latchkey.Api;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Authentication;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>A passkey made by this browser, or on a security key.</summary>
internal static class PasskeyStep
{
    public static async Task<IResult> ShowAsync(SignedIn signedIn, MethodList methods, CancellationToken cancellation) =>
        new RazorComponentResult<AddPasskeyPage>(new { Existing = await methods.PasskeysAsync(signedIn.User, cancellation) });

    public static async Task<IResult> BeginAsync(HttpContext context, Guid? replaces, SignedIn signedIn, RegistrationDesk desk, CancellationToken cancellation)
    {
        var (options, _, problem) = await desk.BeginAsync(signedIn.User, signedIn.Session, RegistrationWay.Anywhere, replaces, cancellation);
        return options is null ? Refusal.Portal(context, problem!) : Results.Bytes(options.Encode(), "application/json");
    }

    public static async Task<IResult> CompleteAsync(HttpContext context, Guid? replaces, SignedIn signedIn, RegistrationDesk desk, CancellationToken cancellation)
    {
        var outcome = await desk.CompleteAsync(await context.ReadBodyAsync(cancellation), signedIn.User, signedIn.Session, replaces, displayName: null, cancellation);
        return outcome.Passkey is { } passkey
            ? Results.Json(new { id = passkey.Id, next = NameStep.CreatedAddress(passkey.Id, outcome.Beside) })
            : Refusal.Portal(context, outcome.Problem!, outcome.Model);
    }

    /// <summary>The passkey that is there will do: the wizard ends as if it had just been made.</summary>
    public static async Task<IResult> UseAsync(Guid id, SignedIn signedIn, PasskeyStore passkeys, RequiredPasskey required, CancellationToken cancellation) =>
        Results.Redirect(await passkeys.FindAsync(signedIn.User.Id, id, cancellation) is not null && await required.TakeOnwardAsync(signedIn, cancellation) is { } onward and not AddWizard.Root
            ? onward
            : AddWizard.Root + "?said=kept");

    public static async Task<IResult> BeginTestAsync(HttpContext context, Guid id, SignedIn signedIn, AuthenticationDesk desk, PasskeyStore passkeys, CancellationToken cancellation) =>
        await passkeys.FindAsync(signedIn.User.Id, id, cancellation) is { } passkey
            ? Results.Json(desk.BeginTest(signedIn.User, signedIn.Session.Binding, passkey), ApiJson.Default.PublicKeyCredentialRequestOptions)
            : Refusal.Portal(context, RegistrationDesk.Gone);

    /// <summary>Says whether it works. It proves nothing else: no session begins, and none is stepped up.</summary>
    public static async Task<IResult> TestAsync(HttpContext context, Guid id, SignedIn signedIn, AuthenticationDesk desk, CancellationToken cancellation)
    {
        var outcome = await desk.TestAsync(await context.ReadBodyAsync(cancellation), signedIn.User, signedIn.Session.Binding, cancellation);
        return outcome.Passkey is null || outcome.Problem is not null ? Refusal.Portal(context, outcome.Problem!, outcome.Model)
            : outcome.Passkey.Id == id ? Results.Json(new { id })
            : Refusal.Portal(context, AuthenticationError.CredentialNotAllowed.Code()); // it works, but it is another one
    }
}
