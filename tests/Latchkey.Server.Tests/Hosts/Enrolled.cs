using Latchkey.Api.AttestationCertificates;
using Latchkey.Authenticator;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>An Authenticator the server vouches for, as its app enrols.</summary>
internal sealed class Enrolled(AttestationKey key) : IAttestationKeys
{
    public AttestationKey Key => key;

    public static async Task<Enrolled> AtAsync(HttpClient http, Aaguid? model = null, AttestationKey? renewed = null)
    {
        var request = renewed is null ? AttestationKeyRequest.ForNewKey() : AttestationKeyRequest.ForKeyOf(renewed);
        var issued = await AskAsync(http, request.CertificationRequest, model);
        return new(request.Certified(
            issued.Id, issued.RpId, UserHandle.Parse(issued.UserHandle), issued.Certificates.Select(certificate => ByteString.FromBase64Url(certificate)), issued.ExpirationDateTime));
    }

    public static Task<IssuedAttestationCertificate> AskAsync(HttpClient http, ByteString request, Aaguid? model = null) =>
        new AttestationCertificatesClient(http).EnrolAsync(new((model ?? AuthenticatorAaguid.Value).ToString(), request.ToBase64Url()), CancellationToken.None);

    public Task<AttestationKey?> FindAsync(string rpId, UserHandle user, CancellationToken cancellationToken) => Task.FromResult<AttestationKey?>(key);
}
