using System.Net.Http.Json;

namespace Latchkey.Api.SoftwareOathMethods;

/// <summary>The signed-in person's authenticators that show codes.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class SoftwareOathMethodsClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "v1.0/me/authentication/softwareOathMethods";

    /// <summary>All of them, oldest first.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<IReadOnlyList<SoftwareOathMethod>> ListAsync(CancellationToken cancellationToken) =>
        (await ApiJson.SendAsync(http, new(HttpMethod.Get, Path), ApiJson.Default.SoftwareOathMethodCollection, cancellationToken)).Value;

    /// <summary>Begins: the server makes a secret, and keeps nothing. Needs a second factor within the last 5 minutes, else <c>step_up_required</c>.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<SoftwareOathBeginning> BeginAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Post, Path), ApiJson.Default.SoftwareOathBeginning, cancellationToken);

    /// <summary>Confirms by a first code. What is pending is confirmed once, and gets the same answer whenever it is sent again.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<SoftwareOathMethod> ConfirmAsync(Guid id, SoftwareOathConfirmation confirmation, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Post, $"{Path}/{id}/confirm") { Content = JsonContent.Create(confirmation, ApiJson.Default.SoftwareOathConfirmation) },
            ApiJson.Default.SoftwareOathMethod,
            cancellationToken);

    /// <summary>
    /// Deletes one on the server; one that is not there counts as deleted. Needs a second factor within the last 5 minutes, else
    /// <c>step_up_required</c>; the last way to sign in goes only if that is meant, else <see cref="LastMethod.Code"/>.
    /// </summary>
    /// <param name="id">The codes.</param>
    /// <param name="cancellationToken">Stops waiting; the server may have acted all the same.</param>
    /// <param name="evenIfLast">The person was warned that it is the last way in, and means it.</param>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task DeleteAsync(Guid id, CancellationToken cancellationToken, bool evenIfLast = false)
    {
        try
        {
            (await ApiJson.SendAsync(http, new HttpRequestMessage(HttpMethod.Delete, $"{Path}/{id}").Says(evenIfLast ? LastMethod.Confirmed : null), cancellationToken)).Dispose();
        }
        catch (ApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound && e.Code == "code_method_not_found")
        {
        }
    }
}
