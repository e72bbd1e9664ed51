using System.Net.Http.Json;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Api.Passkeys;

/// <summary>A passkey that proved itself.</summary>
/// <param name="Id">The credential ID, base64url without padding.</param>
/// <param name="DisplayName">Its name on the server.</param>
public sealed record PasskeyTestResult(string Id, string DisplayName);

/// <summary>Runs a real authentication ceremony that opens no session: <c>POST /passkeys/test/options</c>, then <c>POST /passkeys/test</c>.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class PasskeyTestClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "passkeys/test";

    /// <summary>Begins the ceremony; the allow list holds the person's passkeys.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<PublicKeyCredentialRequestOptions> OptionsAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Post, $"{Path}/options"), ApiJson.Default.PublicKeyCredentialRequestOptions, cancellationToken);

    /// <summary>Completes the ceremony.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<PasskeyTestResult> CompleteAsync(AuthenticationResponseJson response, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Post, Path) { Content = JsonContent.Create(response, ApiJson.Default.AuthenticationResponseJson) },
            ApiJson.Default.PasskeyTestResult,
            cancellationToken);
}
