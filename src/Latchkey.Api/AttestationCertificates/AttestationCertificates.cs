namespace Latchkey.Api.AttestationCertificates;

/// <summary>An Authenticator asks the server's attestation authority for a certificate.</summary>
/// <param name="AaGuid">The model it says it is; the authority certifies its own Authenticators alone.</param>
/// <param name="CertificationRequest">The PKCS #10 request (RFC 2986), DER in base64url: it proves that the Authenticator has the key.</param>
public sealed record NewAttestationCertificate(string AaGuid, string CertificationRequest);

/// <summary>An attestation certificate the authority issued.</summary>
/// <param name="Id">What the authority calls it: its serial number.</param>
/// <param name="AaGuid">The model it names.</param>
/// <param name="RpId">The RP ID it is for.</param>
/// <param name="UserHandle">The account it is for, base64url.</param>
/// <param name="ExpirationDateTime">Until when it is valid.</param>
/// <param name="Certificates">The certificate, then those above it but for the root: DER in base64url.</param>
public sealed record IssuedAttestationCertificate(
    string Id, string AaGuid, string RpId, string UserHandle, DateTimeOffset ExpirationDateTime, IReadOnlyList<string> Certificates);
