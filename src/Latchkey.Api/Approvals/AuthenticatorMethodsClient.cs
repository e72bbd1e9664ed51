using System.Net;
using System.Net.Http.Json;

namespace Latchkey.Api.Approvals;

/// <summary>The signed-in person's registered Authenticators.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class AuthenticatorMethodsClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "v1.0/me/authentication/authenticatorMethods";

    /// <summary>Header by which a device takes itself away: its signature, in base64url.</summary>
    public const string SignatureHeader = "Latchkey-Device-Signature";

    /// <summary>The code of an Authenticator that is not registered, or no longer.</summary>
    public const string NotFound = "authenticator_not_found";

    /// <summary>All of them, oldest first.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<AuthenticatorAuthenticationMethod>> ListAsync(CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, new(HttpMethod.Get, Path), ApiJson.Default.AuthenticatorAuthenticationMethodCollection, cancellationToken)).Value;

    /// <summary>Begins a registration. Needs a second factor within the last 5 minutes, else <c>step_up_required</c>.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<AuthenticatorMethodChallenge> ChallengeAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Post, $"{Path}/challenge"), ApiJson.Default.AuthenticatorMethodChallenge, cancellationToken);

    /// <summary>Completes a registration. The same key gets the same answer, so it may be sent again until one arrives.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<AuthenticatorAuthenticationMethod> RegisterAsync(AuthenticatorMethodRegistration registration, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Post, Path) { Content = JsonContent.Create(registration, ApiJson.Default.AuthenticatorMethodRegistration) },
            ApiJson.Default.AuthenticatorAuthenticationMethod,
            cancellationToken);

    /// <summary>Changes what one may be used for. Allowing more needs a second factor within the last 5 minutes, else <c>step_up_required</c>.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<AuthenticatorAuthenticationMethod> UpdateAsync(string id, AuthenticatorMethodUpdate update, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Patch, $"{Path}/{id}") { Content = JsonContent.Create(update, ApiJson.Default.AuthenticatorMethodUpdate) },
            ApiJson.Default.AuthenticatorAuthenticationMethod,
            cancellationToken);

    /// <summary>
    /// Deletes one; one that is not there counts as deleted. Needs a second factor within the last 5 minutes, else <c>step_up_required</c>, or the
    /// device's own signature; the last way to sign in goes only if that is meant, else <see cref="LastMethod.Code"/>.
    /// </summary>
    /// <param name="id">The Authenticator.</param>
    /// <param name="cancellationToken">Stops waiting; the server may have acted all the same.</param>
    /// <param name="signature">Over <see cref="DeviceStatement.Removal"/>, by the key of the device itself, in base64url; null when it is another's.</param>
    /// <param name="evenIfLast">The person was warned that it is the last way in, and means it.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellationToken, string? signature = null, bool evenIfLast = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Delete, $"{Path}/{id}").Says(evenIfLast ? LastMethod.Confirmed : null);
        if (signature is not null) request.Headers.Add(SignatureHeader, signature);
        try
        {
            (await ApiJson.SendAsync(http, request, cancellationToken)).Dispose();
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound && e.Code == NotFound)
        {
        }
    }
}
