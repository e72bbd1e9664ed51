using Latchkey.Server.Features.Policies;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>The pages of <em>Add sign-in method</em>, by name. A page is an address: reloading, going back and proving it's you
/// once more all end on the same page. What a page needs stands at its route; a further way to add something is a further page.</summary>
internal static class AddWizard
{
    /// <summary>Where all pages of Security info are.</summary>
    public const string Root = "/security-info";

    public const string
        Choose = "/add",
        Authenticator = "/add/authenticator",
        Passkey = "/add/passkey",
        Code = "/add/code",
        RecoveryCodes = "/add/recovery-codes";

    /// <summary>The page outside the wizard where any device gets the Authenticator.</summary>
    public const string GetAuthenticator = "/get-authenticator";

    /// <summary>Only what policy offers is listed.</summary>
    public static async Task<IResult> ShowChoiceAsync(
        HttpContext context, SignedIn signedIn, PasskeyStore passkeys, RegistrationDesk desk, PolicyStore policies, RequiredPasskey required, CancellationToken cancellation)
    {
        var policy = await policies.ForAsync(signedIn.User.Id, cancellation);
        var whyNot = await desk.WhyNotAsync(signedIn.User, cancellation);
        return new RazorComponentResult<ChoosePage>(new
        {
            Problem = context.Request.Query.ContainsKey("missing") ? SecurityInfoTexts.ChooseMissing : null,
            Full = (await passkeys.ListAsync(signedIn.User.Id, cancellation)).Count >= Storage.Passkey.MaxPerUser,
            WhyNoPasskey = whyNot,
            Proof = policy.Passkeys.DemandsAttestation,
            Codes = policy.Withheld(MethodKind.Code) is null,
            Required = whyNot is null && await required.IsOwedAsync(signedIn.User, cancellation),
        });
    }

    /// <summary>From the choice to the method's page, where the second factor is asked for if it is not recent.</summary>
    public static async Task<IResult> Take(HttpContext context, CancellationToken _) => Results.Redirect(Root + (await context.FieldAsync("method") switch
    {
        "authenticator" => Authenticator,
        "passkey" => Passkey,
        "code" => Code,
        "recovery-codes" => RecoveryCodes,
        _ => Choose + "?missing=1",
    }));
}
