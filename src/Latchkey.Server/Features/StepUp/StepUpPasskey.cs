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
        HttpContext context, SignedIn signedIn, AuthenticationDesk desk, Refusals refusals, SessionStore sessions, AuthorizeFlow flow, LatchkeyDb db, AuditLog audit,
        CancellationToken cancellation)
    {
        var response = await context.ReadBodyAsync(cancellation); // judged before anything is locked, as at sign-in
        var outcome = await desk.CompleteAsync(CeremonyKind.StepUp, response, signedIn.User, signedIn.Session.Binding, cancellation);
        if (outcome.Before is not null)
        {
            return Results.Json(new { }); // the very same response: it was accepted, and counts from then
        }

        if (outcome is not { Problem: null, Passkey: { } passkey, Mark: { } mark })
        {
            var problem = await refusals.NoteAsync("step_up", signedIn.User.Id, outcome.Problem!, MethodKind.Passkey, actor: null, cancellation);
            return Refusal.Portal(context, problem, problem == outcome.Problem ? outcome.Model : null);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        audit.Add("step_up", signedIn.User.Id, method: MethodKind.Passkey, methodId: passkey.Id);
        mark.Answer = "accepted";
        try
        {
            await db.SaveChangesAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            return Refusal.Portal(context, "ceremony_already_used");
        }

        await sessions.StepUpAsync(signedIn.Session, new Proof("pop user mfa", Mfa: true), cancellation);
        await transaction.CommitAsync(cancellation);
        flow.AnsweredBy(context, signedIn.Session, FlowAnswer.SteppedUp, context.Request.Query["returnUrl"]); // the page goes there by itself
        return Results.Json(new { });
    }
}
