using Latchkey.Api;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.StepUp;

/// <summary>Proving it's you with one of your own passkeys.</summary>
internal static class StepUpPasskey
{
    public static async Task<IResult> BeginAsync(SignedIn signedIn, AuthenticationDesk desk, CancellationToken cancellation) => Results.Json(
        await desk.BeginAsync(CeremonyKind.StepUp, signedIn.User, signedIn.Session.Binding, cancellation), ApiJson.Default.PublicKeyCredentialRequestOptions);

    public static async Task<IResult> CompleteAsync(
        HttpContext context, SignedIn signedIn, AuthenticationDesk desk, SessionStore sessions, AuthorizeFlow flow, LatchkeyDb db, AuditLog audit, CancellationToken cancellation)
    {
        var response = await context.ReadBodyAsync(cancellation);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var outcome = await desk.CompleteAsync(CeremonyKind.StepUp, response, signedIn.User, signedIn.Session.Binding, cancellation);
        if (outcome.Before is not null)
        {
            return Results.Json(new { }); // the very same response: it was accepted, and counts from then
        }

        audit.Add("step_up", signedIn.User.Id, outcome.Problem ?? "success", MethodKind.Passkey, outcome.Passkey?.Id);
        outcome.Mark?.Answer = "accepted";
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            return Refusal.Portal(context, "ceremony_already_used");
        }

        if (outcome.Problem is null)
        {
            await sessions.StepUpAsync(signedIn.Session, new Proof("pop user mfa", Mfa: true), cancellation);
        }

        await transaction.CommitAsync(cancellation);
        if (outcome.Problem is null)
        {
            flow.AnsweredBy(context, signedIn.Session, FlowAnswer.SteppedUp, context.Request.Query["returnUrl"]); // the page goes there by itself
        }

        return outcome.Problem is { } problem ? Refusal.Portal(context, problem, outcome.Model) : Results.Json(new { });
    }
}
