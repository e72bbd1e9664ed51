using Latchkey.Protocol;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>The list itself.</summary>
internal static class ListStep
{
    public static async Task<IResult> ShowAsync(
        HttpContext context, SignedIn signedIn, MethodList methods, PasskeyStore passkeys, SessionStore sessions, RegistrationDesk desk,
        ApprovalGuards guards, RequiredPasskey required, CancellationToken cancellation)
    {
        if (await required.AsideAsync(signedIn, AddWizard.Root, cancellation) is { } aside)
        {
            return Results.Redirect(aside);
        }

        // Back at the list, the wizard is over: the next one asks again.
        if (sessions.HasOpenWizard(signedIn.Session) && !sessions.IsFresh(signedIn.Session))
        {
            await sessions.CloseWizardAsync(signedIn.Session, cancellation);
        }

        return new RazorComponentResult<ListPage>(new
        {
            SignedIn = signedIn,
            Lines = await methods.OfAsync(signedIn.User, cancellation),
            UserHandle = new ByteString(signedIn.User.UserHandle).ToBase64Url(),
            CredentialIds = string.Join(' ', (await passkeys.ListAsync(signedIn.User.Id, cancellation)).Select(p => new ByteString(p.CredentialId).ToBase64Url())),
            CanAddPasskey = await desk.WhyNotAsync(signedIn.User, cancellation) is null,
            Notices = await guards.NoticesAsync(signedIn.User.Id, cancellation),
            Said = SaidOf(context.Request.Query["said"]),
            DeleteThere = context.Request.Query["said"] == "passkey-deleted" ? ProviderSteps.ByName(context.Request.Query["from"]) : [],
            OffersHere = context.Request.Query["offer"] == "here",
        });
    }

    public static async Task<IResult> ReadNoticesAsync(SignedIn signedIn, ApprovalGuards guards, CancellationToken cancellation)
    {
        await guards.ReadAsync(signedIn.User.Id, cancellation);
        return Results.Redirect(AddWizard.Root);
    }

    private static string? SaidOf(string? what) => what switch
    {
        "added" => SecurityInfoTexts.SaidAdded,
        "kept" => SecurityInfoTexts.SaidKept,
        "renamed" => SecurityInfoTexts.SaidRenamed,
        "deleted" => SecurityInfoTexts.SaidDeleted,
        "passkey-deleted" => SecurityInfoTexts.SaidPasskeyDeleted,
        "password" => SecurityInfoTexts.SaidPassword,
        _ => null,
    };
}
