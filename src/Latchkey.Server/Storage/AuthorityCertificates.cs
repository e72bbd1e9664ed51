using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Latchkey.Server.Storage;

/// <summary>
/// What an authority's certificate looks like, and one it issues.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-packed-attestation-cert-requirements"/>
/// </summary>
internal static class AuthorityCertificates
{
    /// <summary>An authority is made to be rotated by people, not by its end.</summary>
    public static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(20 * 365);

    public static readonly TimeSpan CertificateLife = TimeSpan.FromDays(365);

    // Clocks differ: what is made now is valid a little earlier.
    private static readonly TimeSpan Earlier = TimeSpan.FromHours(1);

    private const string AaguidOid = "1.3.6.1.4.1.45724.1.1.4"; // id-fido-gen-ce-aaguid
    private const string Maker = "Latchkey";

    // The subject's country is the vendor's. Software people run themselves has none: ISO 3166 leaves AA to its users.
    private const string NoCountry = "AA";

    private const int SerialLength = 16;

    /// <summary>A new authority's certificate over its own key.</summary>
    public static byte[] Authority(Guid id, ECDsa key, DateTimeOffset now)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddOrganizationName(Maker);
        name.AddOrganizationalUnitName("Attestation authority");
        name.AddCommonName(id.ToString());
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        using var certificate = request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now - Earlier, now + AuthorityLife, NewSerial());
        return certificate.RawData;
    }

    /// <summary>An attestation certificate over an Authenticator's key. It names the model, and nobody.</summary>
    public static X509Certificate2 Attestation(X509Certificate2 authority, ECDsa authorityKey, PublicKey key, Guid aaguid, DateTimeOffset now)
    {
        // "Version MUST be set to 3", as every certificate with extensions has it. "Subject field MUST be set to: Subject-C … Subject-O …
        // Subject-OU: Literal string "Authenticator Attestation" … Subject-CN"
        var name = new X500DistinguishedNameBuilder();
        name.AddCountryOrRegion(NoCountry);
        name.AddOrganizationName(Maker);
        name.AddOrganizationalUnitName("Authenticator Attestation");
        name.AddCommonName("Latchkey Authenticator");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);

        // "The Basic Constraints extension MUST have the CA component set to false."
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));

        // "the extension id-fido-gen-ce-aaguid MUST be present, containing the AAGUID as a 16-octet OCTET STRING. The extension MUST NOT be
        // marked as critical."
        request.CertificateExtensions.Add(new X509Extension(AaguidOid, Octets(aaguid.ToByteArray(bigEndian: true)), critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, includeKeyIdentifier: true, includeIssuerAndSerial: false));

        var (end, last) = (now + CertificateLife, new DateTimeOffset(authority.NotAfter));
        return request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), now - Earlier, end < last ? end : last, NewSerial());
    }

    // Positive, and of one length: its bytes are those of its DER integer.
    private static byte[] NewSerial()
    {
        var serial = RandomNumberGenerator.GetBytes(SerialLength);
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        return serial;
    }

    private static byte[] Octets(byte[] bytes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(bytes);
        return writer.Encode();
    }
}
