using Latchkey.Api;
using Latchkey.Api.Passkeys;
using Latchkey.Protocol;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;

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

    public static async Task<IResult> CompleteAsync(HttpContext context, AuthenticationDesk desk, CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        var outcome = await desk.TestAsync(await context.ReadBodyAsync(cancellation), signedIn.User, signedIn.Session.Binding, cancellation);
        return outcome.Passkey is { } passkey
            ? Results.Json(new PasskeyTestResult(new ByteString(passkey.CredentialId).ToBase64Url(), passkey.DisplayName), ApiJson.Default.PasskeyTestResult)
            : Refusal.Graph(context, outcome.Problem!, outcome.Model);
    }
}
