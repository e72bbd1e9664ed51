using System.Net;
using System.Net.Http.Json;

namespace Latchkey.Api.Approvals;

/// <summary>The signed-in person's registered Authenticators.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class AuthenticatorMethodsClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "v1.0/me/authentication/authenticatorMethods";

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

    /// <summary>Deletes one; one that is not there counts as deleted.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task DeleteAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            (await ApiJson.SendAsync(http, new(HttpMethod.Delete, $"{Path}/{id}"), cancellationToken)).Dispose();
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound && e.Code == NotFound)
        {
        }
    }
}
