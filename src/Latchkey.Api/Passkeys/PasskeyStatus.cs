using System.Net.Http.Json;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Api.Passkeys;

/// <summary>Whether the server keeps a passkey.</summary>
/// <param name="Status"><c>known</c> or <c>unknown</c>; a bad signature is unknown too, so that nothing can be enumerated.</param>
public sealed record PasskeyStatus(string Status)
{
    /// <summary>The server keeps it.</summary>
    public const string Known = "known";

    /// <summary>The server does not keep it, or was not convinced.</summary>
    public const string Unknown = "unknown";
}

/// <summary>
/// Asks whether the server keeps a passkey, proved by the passkey itself with a silent assertion (UP and UV both 0), which can
/// sign nobody in: <c>POST /passkeys/status/options</c>, then <c>POST /passkeys/status</c>.
/// </summary>
/// <param name="http">Base address: the server's root; no authorization.</param>
public sealed class PasskeyStatusClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "passkeys/status";

    /// <summary>Gets a status challenge.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<PublicKeyCredentialRequestOptions> OptionsAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Post, $"{Path}/options"), ApiJson.Default.PublicKeyCredentialRequestOptions, cancellationToken);

    /// <summary>Asks about the passkey that signed.</summary>
    /// <exception cref="ApiException">A refusal, or no answer: neither says anything of the passkey.</exception>
    public Task<PasskeyStatus> AskAsync(AuthenticationResponseJson response, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Post, Path) { Content = JsonContent.Create(response, ApiJson.Default.AuthenticationResponseJson) },
            ApiJson.Default.PasskeyStatus,
            cancellationToken);
}
