using Latchkey.Api;
using Latchkey.Api.Passkeys;
using Latchkey.Protocol;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.AuthenticationMethods;

/// <summary>A real authentication ceremony that opens nothing: does this passkey work?</summary>
internal static class TestEndpoints
{
    public static async Task<IResult> BeginAsync(HttpContext context, AuthenticationDesk desk, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        return Results.Json(
            await desk.BeginAsync(CeremonyKind.Test, signedIn.User, signedIn.Session.Binding, cancellation), ApiJson.Default.PublicKeyCredentialRequestOptions);
    }

    public static async Task<IResult> CompleteAsync(
        HttpContext context, AuthenticationDesk desk, PasskeyStore passkeys, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        var outcome = await desk.CompleteAsync(CeremonyKind.Test, await context.ReadBodyAsync(cancellation), signedIn.User, signedIn.Session.Binding, cancellation);
        var passkey = outcome.Before is { } before ? await passkeys.FindAsync(signedIn.User.Id, Guid.Parse(before), cancellation) : outcome.Passkey;
        if (outcome.Before is null)
        {
            audit.Add("method.tested", signedIn.User.Id, outcome.Problem ?? "success", MethodKind.Passkey, passkey?.Id);
            outcome.Mark?.Answer = passkey!.Id.ToString();
            try
            {
                await db.SaveChangesAsync(cancellation);
            }
            catch (DbUpdateException)
            {
                return Refusal.Graph(context, "ceremony_already_used");
            }
        }

        return passkey is null
            ? Refusal.Graph(context, outcome.Problem ?? "passkey_not_found", outcome.Model)
            : Results.Json(new PasskeyTestResult(new ByteString(passkey.CredentialId).ToBase64Url(), passkey.DisplayName), ApiJson.Default.PasskeyTestResult);
    }
}
