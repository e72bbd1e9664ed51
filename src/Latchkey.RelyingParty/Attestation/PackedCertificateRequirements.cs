namespace Latchkey.RelyingParty.Attestation;

/// <summary>
/// What a packed attestation certificate must look like.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-packed-attestation-cert-requirements"/>
/// </summary>
internal static class PackedCertificateRequirements
{
    public static bool AreMet(AttestationCertificate certificate) =>
        // "Version MUST be set to 3"
        certificate.Version == 3
        // "Subject-C: ISO 3166 code specifying the country where the Authenticator vendor is incorporated"
        && certificate.Country is { Length: 2 } country && char.IsAsciiLetterUpper(country[0]) && char.IsAsciiLetterUpper(country[1])
        // "Subject-O: Legal name of the Authenticator vendor"
        && !string.IsNullOrEmpty(certificate.Organization)
        // "Subject-OU: Literal string "Authenticator Attestation""
        && certificate.OrganizationalUnits.Contains("Authenticator Attestation")
        // "Subject-CN: A UTF8String of the vendor's choosing"
        && !string.IsNullOrEmpty(certificate.CommonName)
        // "The extension MUST NOT be marked as critical", of id-fido-gen-ce-aaguid and of id-fido-gen-ce-fw-version
        && !certificate.HasCriticalFidoExtension
        // "The Basic Constraints extension MUST have the CA component set to false"
        && certificate.HasBasicConstraints && !certificate.IsAuthority;
}
