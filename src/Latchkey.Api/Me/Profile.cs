namespace Latchkey.Api.Me;

/// <summary>The signed-in person. <c>GET /v1.0/me</c></summary>
/// <param name="Id">The subject: what tokens carry as <c>sub</c>.</param>
/// <param name="UserPrincipalName">The name the person signs in with.</param>
/// <param name="DisplayName">The person's name.</param>
/// <param name="Organization">The organisation's display name.</param>
/// <param name="TunnelDomain">The tunnel domain to meet browsers at when a QR code is answered (CTAP 2.2 §11.5); absent when the organisation has none.</param>
public sealed record Profile(string Id, string UserPrincipalName, string DisplayName, string Organization, int? TunnelDomain = null);

/// <summary>Asks who is signed in.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class ProfileClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "v1.0/me";

    /// <summary>Who is signed in.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<Profile> GetAsync(CancellationToken cancellationToken) =>
        ApiJson.SendAsync(http, new(HttpMethod.Get, Path), ApiJson.Default.Profile, cancellationToken);
}
