using System.Net.Http.Json;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Api.Passkeys;

/// <summary>A sign-in to begin.</summary>
/// <param name="UserName">Whose it must be; anybody's when absent.</param>
public sealed record PasskeySignInRequest(string? UserName = null);

/// <summary>
/// Begins a sign-in with a passkey without a browser: <c>POST /passkeys/sign-in/options</c>. The answer is traded for tokens by
/// <see cref="OpenIdConnect.TokenClient.SignInAsync"/>. The origin in the client data is the server's own.
/// </summary>
/// <param name="http">Base address: the server's root; no authorization.</param>
public sealed class PasskeySignInClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "passkeys/sign-in";

    /// <summary>Begins the ceremony. No passkeys are listed, whoever is named: the answer does not say who has one.</summary>
    /// <param name="userName">Whose passkey it must be; null takes anybody's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<PublicKeyCredentialRequestOptions> OptionsAsync(string? userName, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Post, $"{Path}/options") { Content = JsonContent.Create(new(userName), ApiJson.Default.PasskeySignInRequest) },
            ApiJson.Default.PublicKeyCredentialRequestOptions,
            cancellationToken);
}
