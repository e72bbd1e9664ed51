using System.Text;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Protocol;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Latchkey.Server.Features.OpenIdConnect;

/// <summary>A passkey's answer for tokens, without a browser: the program is the WebAuthn client, and any authenticator it reaches signs.
/// The same ceremony as at the sign-in page, and both factors at once.</summary>
internal sealed class PasskeyGrant(AuthenticationDesk desk, Refusals refusals, SessionStore sessions, AttemptStore attempts, LatchkeyDb db, AuditLog audit)
{
    // A browser's visit and a session bind ceremonies by 16 bytes: one begun here completes nowhere else, and none of theirs here.
    private static readonly ByteString Binding = new(Encoding.UTF8.GetBytes("client:" + OpenIdClients.CommandLine));

    public static async Task<IResult> BeginAsync(HttpContext context, People people, AuthenticationDesk desk, CancellationToken cancellation)
    {
        if (Read(await context.ReadBodyAsync(cancellation)) is not { } request)
        {
            return Refusal.Graph(context, "request_malformed");
        }

        var options = request.UserName is { } name
            ? desk.BeginForName(await people.FindAsync(name), Binding)
            : await desk.BeginAsync(CeremonyKind.SignIn, user: null, Binding, cancellation);
        return Results.Json(options, ApiJson.Default.PublicKeyCredentialRequestOptions);
    }

    public async Task<IResult> RedeemAsync(HttpContext context, OpenIddictRequest request, CancellationToken cancellation)
    {
        // Judged before anything is locked, as at the sign-in page.
        var outcome = await desk.CompleteAsync(CeremonyKind.SignIn, Encoding.UTF8.GetBytes(request.Assertion ?? ""), user: null, Binding, cancellation);
        if (outcome is not { Problem: null, User: { } user, Passkey: { } passkey, Mark: { } mark })
        {
            // Without a browser's cookie nobody can tell who sends an answer again: it is good once.
            return Refuse(await refusals.NoteAsync("sign_in", outcome.User?.Id, outcome.Problem ?? "ceremony_already_used", MethodKind.Passkey, actor: "nobody", cancellation));
        }

        Session session;
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
            session = await sessions.OpenAppAsync(user.Id, new Proof("pop user mfa", Mfa: true, passkey.Id), request.ClientId!, cancellation);
            mark.Answer = session.Id.ToString();
            audit.Add("sign_in", user.Id, method: MethodKind.Passkey, methodId: passkey.Id);
            await db.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
        }
        catch (DbUpdateException)
        {
            db.ChangeTracker.Clear();
            return Refuse("ceremony_already_used"); // the same answer twice at once: the other one won
        }

        await attempts.ClearAsync(user.UserName!, cancellation);
        return Results.SignIn(
            TokenPrincipal.Create(user, session, request.GetScopes()), properties: null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }

    /// <summary>OAuth's error, with the problem's own code before its text.</summary>
    private static IResult Refuse(string code) =>
        OAuthRefusal.Of(code == RegistrationDesk.Malformed ? Errors.InvalidRequest : Errors.InvalidGrant, $"{code}: {ProblemTable.Of(code).Text}");

    private static Api.Passkeys.PasskeySignInRequest? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, ApiJson.Default.PasskeySignInRequest);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
