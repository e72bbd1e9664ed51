using Latchkey.Api;
using Latchkey.Api.Passkeys;
using Latchkey.Protocol;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.AuthenticationMethods;

/// <summary>An authenticator asks, by a silent signature, whether a key of its own is registered. Anything unconvincing is
/// <c>unknown</c>, so nothing can be enumerated; only a challenge that is not ours, or too old, is a refusal, for it says nothing of the key.</summary>
internal static class StatusEndpoints
{
    public static async Task<IResult> BeginAsync(AuthenticationDesk desk, CancellationToken cancellation) => Results.Json(
        await desk.BeginAsync(CeremonyKind.Status, user: null, ByteString.Empty, cancellation), ApiJson.Default.PublicKeyCredentialRequestOptions);

    public static async Task<IResult> AskAsync(HttpContext context, AuthenticationDesk desk, Refusals refusals, CancellationToken cancellation)
    {
        var outcome = await desk.CompleteAsync(CeremonyKind.Status, await context.ReadBodyAsync(cancellation), user: null, ByteString.Empty, cancellation);
        if (outcome.Problem is not null && !await refusals.NoteAsync(cancellation))
        {
            return Refusal.Graph(context, Refusals.TooMany); // no answer about the key: whoever asks keeps it, and asks later
        }

        return outcome.Problem is "ceremony_unknown" or "ceremony_expired" or "response_malformed"
            ? Refusal.Graph(context, outcome.Problem)
            : Results.Json(new PasskeyStatus(outcome.Problem is null ? PasskeyStatus.Known : PasskeyStatus.Unknown), ApiJson.Default.PasskeyStatus);
    }
}
