using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.AttestationCertificates;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;

namespace Latchkey.Accounts.Tests;

/// <summary>An attestation authority on paper: certifies whoever asks, until it is told not to.</summary>
internal sealed class PaperAuthority(TimeProvider time)
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly X500DistinguishedName Name = new("CN=Paper authority");

    /// <summary>The code it refuses with; null when it certifies.</summary>
    public string? Refuses { get; set; }

    public TimeSpan Life { get; set; } = TimeSpan.FromDays(365);

    /// <summary>The RP ID it says its certificates are for.</summary>
    public string RpId { get; set; } = "localhost";

    /// <summary>The certificates it stands for, by ID.</summary>
    public Dictionary<string, string> Issued { get; } = [];

    public TrustAnchors Anchors => TrustAnchors.Of([new(Own()) { RevokedSerials = Revoked.ToHashSet() }]);

    public List<ByteString> Revoked { get; } = [];

    public HttpResponseMessage Enrol(string body, UserHandle user)
    {
        if (Refuses is { } code) return PaperServer.Refused(code, HttpStatusCode.Forbidden);
        var asked = JsonSerializer.Deserialize(body, ApiJson.Default.NewAttestationCertificate)!;
        var wanted = CertificateRequest.LoadSigningRequest(ByteString.FromBase64Url(asked.CertificationRequest).ToArray(), HashAlgorithmName.SHA256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=Test, OU=Authenticator Attestation, O=Test, C=AA"), wanted.PublicKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var aaguid = new AsnWriter(AsnEncodingRules.DER);
        aaguid.WriteOctetString(Guid.Parse(asked.AaGuid).ToByteArray(bigEndian: true));
        request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.45724.1.1.4", aaguid.Encode(), false));
        var now = time.GetUtcNow();
        byte[] serial = [0x40, .. RandomNumberGenerator.GetBytes(7)];
        using var certificate = request.Create(Name, X509SignatureGenerator.CreateForECDsa(Key), now.AddHours(-1), now + Life, serial);
        var id = Convert.ToHexStringLower(serial);
        Issued[id] = Convert.ToHexString(wanted.PublicKey.ExportSubjectPublicKeyInfo());
        return PaperServer.Json(JsonSerializer.Serialize(
            new(id, asked.AaGuid, RpId, user.ToString(), new DateTimeOffset(certificate.NotAfter), [new ByteString(certificate.RawData).ToBase64Url()]), ApiJson.Default.IssuedAttestationCertificate));
    }

    public HttpResponseMessage Find(string id) => Issued.ContainsKey(id) ? PaperServer.Json("{}") : PaperServer.Refused(AttestationCertificatesClient.NotFound, HttpStatusCode.NotFound);

    private static ByteString Own()
    {
        var request = new CertificateRequest(Name, Key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return certificate.RawData;
    }
}
