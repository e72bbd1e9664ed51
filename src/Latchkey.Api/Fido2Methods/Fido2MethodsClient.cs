using System.Net.Http.Json;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Api.Fido2Methods;

/// <summary>The signed-in person's passkeys on the server, in Graph's shapes.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class Fido2MethodsClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "v1.0/me/authentication/fido2Methods";

    /// <summary>Header that tells the portal's waiting page which passkey arrived: the short code it shows. It correlates and authorises nothing.</summary>
    public const string HandoffHeader = "Latchkey-Handoff";

    /// <summary>All passkeys, oldest first.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<Fido2AuthenticationMethod>> ListAsync(CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, new(HttpMethod.Get, Path), ApiJson.Default.Fido2AuthenticationMethodCollection, cancellationToken)).Value;

    /// <summary>Begins a registration. Needs a second factor within the last 5 minutes, else <c>step_up_required</c>.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<WebauthnCredentialCreationOptions> CreationOptionsAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Path}/creationOptions"), ApiJson.Default.WebauthnCredentialCreationOptions, cancellationToken);

    /// <summary>Completes a registration. The same response gets the same answer, so it may be sent again until one arrives.</summary>
    /// <param name="registration">The response, and a name.</param>
    /// <param name="handoff">The portal's short code, if the person came with one.</param>
    /// <param name="cancellationToken">Stops waiting; the server may have acted all the same.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<Fido2AuthenticationMethod> RegisterAsync(Fido2MethodRegistration registration, string? handoff, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = JsonContent.Create(registration, ApiJson.Default.Fido2MethodRegistration),
        };
        if (handoff is not null)
        {
            request.Headers.Add(HandoffHeader, handoff);
        }

        return ApiJson.SendAsync(http, request, ApiJson.Default.Fido2AuthenticationMethod, cancellationToken);
    }

    /// <summary>Gives a passkey another name.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<Fido2AuthenticationMethod> RenameAsync(CredentialId id, string displayName, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Patch, $"{Path}/{id}") { Content = JsonContent.Create(new(displayName), ApiJson.Default.Fido2MethodUpdate) },
            ApiJson.Default.Fido2AuthenticationMethod,
            cancellationToken);

    /// <summary>
    /// Deletes a passkey on the server; one that is not there counts as deleted. Needs a second factor within the last 5 minutes, else
    /// <c>step_up_required</c>; the last way to sign in goes only if that is meant, else <see cref="LastMethod.Code"/>.
    /// </summary>
    /// <param name="id">The passkey.</param>
    /// <param name="cancellationToken">Stops waiting; the server may have acted all the same.</param>
    /// <param name="evenIfLast">The person was warned that it is the last way in, and means it.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task DeleteAsync(CredentialId id, CancellationToken cancellationToken, bool evenIfLast = false)
    {
        try
        {
            (await ApiJson.SendAsync(http, new HttpRequestMessage(HttpMethod.Delete, $"{Path}/{id}").Says(evenIfLast ? LastMethod.Confirmed : null), cancellationToken)).Dispose();
        }
        catch (ApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound && e.Code == "passkey_not_found")
        {
        }
    }
}
