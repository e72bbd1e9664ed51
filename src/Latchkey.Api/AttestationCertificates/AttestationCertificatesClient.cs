using System.Net;
using System.Net.Http.Json;

namespace Latchkey.Api.AttestationCertificates;

/// <summary>The certificates by which the server vouches for the signed-in person's Authenticators.</summary>
/// <param name="http">Base address: the server's root; authorization: the person's access token.</param>
public sealed class AttestationCertificatesClient(HttpClient http)
{
    /// <summary>The route, below the server's root.</summary>
    public const string Path = "v1.0/me/authentication/attestationCertificates";

    /// <summary>The code of a certificate the server does not stand for: it never issued it to this person, it has expired, or it was revoked.</summary>
    public const string NotFound = "attestation_certificate_not_found";

    /// <summary>
    /// Asks for a certificate. A new key needs a second factor within the last 5 minutes, else <c>step_up_required</c>; one that has a valid
    /// certificate already does not. The same key gets the same certificate until it is time for another.
    /// </summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public Task<IssuedAttestationCertificate> EnrolAsync(NewAttestationCertificate request, CancellationToken cancellationToken) =>
        ApiJson.SendAsync(
            http,
            new(HttpMethod.Post, Path) { Content = JsonContent.Create(request, ApiJson.Default.NewAttestationCertificate) },
            ApiJson.Default.IssuedAttestationCertificate,
            cancellationToken);

    /// <summary>Whether the server still stands for a certificate.</summary>
    /// <exception cref="ApiException">A refusal, or no answer.</exception>
    public async Task<bool> IsValidAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            (await ApiJson.SendAsync(http, new(HttpMethod.Get, $"{Path}/{id}"), cancellationToken)).Dispose();
            return true;
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound && e.Code == NotFound)
        {
            return false;
        }
    }
}
