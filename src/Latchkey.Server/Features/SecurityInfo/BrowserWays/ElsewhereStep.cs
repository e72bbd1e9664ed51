using Latchkey.Protocol;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Latchkey.Server.Features.SecurityInfo.BrowserWays;

/// <summary>The passkey was made, but not by an Authenticator, as far as it says itself: keep it, or undo it and try again.</summary>
internal static class ElsewhereStep
{
    public static async Task<IResult> ShowAsync(
        BrowserWay way, Guid id, HttpContext context, SignedIn signedIn, PasskeyStore passkeys, MethodList methods, PasskeyNames names, CancellationToken cancellation)
    {
        if (await passkeys.FindAsync(signedIn.User.Id, id, cancellation) is not { } passkey)
        {
            return Results.Redirect("/security-info");
        }

        var platform = PlatformOf(way, context.Request.Query["platform"]);
        return new RazorComponentResult<ElsewherePage>(new
        {
            Passkey = passkey,
            Way = way,
            Platform = platform,
            Where = methods.WhereOf(passkey),
            Provider = names.ProviderOf(passkey.Aaguid),
            Keep = platform.NextOf(id),
        });
    }

    /// <summary>Undoes what was made a moment ago. For anything older there is the page that warns before the last way in goes.</summary>
    public static async Task<IResult> UndoAsync(
        BrowserWay way, Guid id, HttpContext context, SignedIn signedIn, PasskeyStore passkeys, PasskeyNames names, MethodChanges changes, TimeProvider time, CancellationToken cancellation)
    {
        if (await passkeys.FindAsync(signedIn.User.Id, id, cancellation) is not { } passkey)
        {
            return Results.Redirect("/security-info");
        }

        if (!passkey.CreatedAt.IsWithin(SessionStore.WizardLife, time.GetUtcNow()))
        {
            return Results.Redirect($"/security-info/passkeys/{id}/delete");
        }

        if (await changes.DeleteAsync(new MethodActor(signedIn.Session), signedIn.User, MethodKind.Passkey, id, cancellation) is MethodGuard.LastMethod)
        {
            return Results.Redirect($"/security-info/passkeys/{id}/delete"); // which warns, and asks
        }

        return new RazorComponentResult<UndonePage>(new
        {
            CredentialId = new ByteString(passkey.CredentialId).ToBase64Url(),
            Provider = names.ProviderOf(passkey.Aaguid),
            Again = way.Again(PlatformOf(way, await context.FieldAsync("platform"))),
        });
    }

    private static WayPlatform PlatformOf(BrowserWay way, string? name) => way.FindPlatform(name) ?? way.Platforms[0];
}
