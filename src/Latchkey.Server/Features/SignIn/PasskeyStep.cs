using Latchkey.Api;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.SignIn;

/// <summary>A passkey with user verification is both factors at once. Begun before anybody is known, so it says nothing of who has one.</summary>
internal static class PasskeyStep
{
    public static async Task<IResult> BeginAsync(HttpContext context, Visit visit, SignInState state, People people, AuthenticationDesk desk, CancellationToken cancellation)
    {
        // After the password, only a passkey of the same person will do.
        var user = context.Request.Query.ContainsKey("after-password") ? await state.PersonAfterPasswordAsync(people) : null;
        return Results.Json(
            await desk.BeginAsync(CeremonyKind.SignIn, user, visit.GetOrBegin(), cancellation), ApiJson.Default.PublicKeyCredentialRequestOptions);
    }

    public static async Task<IResult> CompleteAsync(
        HttpContext context, Visit visit, AuthenticationDesk desk, SignInCompletion completion, Refusals refusals, AttemptStore attempts, SessionStore sessions, PasskeyStore passkeys,
        LatchkeyDb db, CancellationToken cancellation)
    {
        // Judged before anything is locked: wrong answers, however many, keep nobody waiting, and a right one is taken however many came before it.
        var response = await context.ReadBodyAsync(cancellation);
        var outcome = await desk.CompleteAsync(CeremonyKind.SignIn, response, user: null, visit.Current(), cancellation);
        if (outcome.Before is { } sessionId)
        {
            return await AgainAsync(context, Guid.Parse(sessionId), completion, sessions, passkeys, cancellation);
        }

        if (outcome is not { Problem: null, User: { } user, Passkey: { } passkey, Mark: { } mark })
        {
            var problem = await refusals.NoteAsync("sign_in", outcome.User?.Id, outcome.Problem!, MethodKind.Passkey, actor: "nobody", cancellation);
            return Refusal.Portal(context, problem, problem == outcome.Problem ? outcome.Model : null);
        }

        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            var session = await completion.OpenAsync(context, user, new Proof("pop user mfa", Mfa: true, passkey.Id), MethodKind.Passkey, mark);
            await transaction.CommitAsync(cancellation);
            await attempts.ClearAsync(user.UserName!, cancellation);
            await completion.LetInAsync(context, session, context.Request.Query["returnUrl"]); // the page goes there by itself
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            return Refusal.Portal(context, "ceremony_already_used"); // the same response twice at once: the other one won
        }

        return await AcceptedAsync(user, passkeys, CameFromElsewhere(response), cancellation);
    }

    /// <summary>The answer was lost: the same session again, if it still lives.</summary>
    private static async Task<IResult> AgainAsync(HttpContext context, Guid sessionId, SignInCompletion completion, SessionStore sessions, PasskeyStore passkeys, CancellationToken cancellation)
    {
        if (await sessions.FindAsync(sessionId, cancellation) is not { } signedIn)
        {
            return Refusal.Portal(context, "ceremony_already_used");
        }

        await completion.LetInAsync(context, signedIn.Session, context.Request.Query["returnUrl"]);
        return await AcceptedAsync(signedIn.User, passkeys, cameFromElsewhere: false, cancellation);
    }

    /// <summary>Whether the browser says that another device had it (WebAuthn §5.1, authenticatorAttachment). Only an offer hangs on it.</summary>
    private static bool CameFromElsewhere(ReadOnlyMemory<byte> response)
    {
        try
        {
            return AuthenticationResponseJson.Parse(response.Span).AuthenticatorAttachment == "cross-platform";
        }
        catch (WireFormatException)
        {
            return false;
        }
    }

    /// <summary>What the page passes on to the browser's passkey providers (WebAuthn §5.1.10).</summary>
    private static async Task<IResult> AcceptedAsync(User user, PasskeyStore passkeys, bool cameFromElsewhere, CancellationToken cancellation) => Results.Json(new
    {
        userId = new ByteString(user.UserHandle).ToBase64Url(),
        name = user.UserName,
        displayName = user.DisplayName,
        cameFromElsewhere,
        allAcceptedCredentialIds = (await passkeys.ListAsync(user.Id, cancellation)).Select(p => new ByteString(p.CredentialId).ToBase64Url()),
    });
}
