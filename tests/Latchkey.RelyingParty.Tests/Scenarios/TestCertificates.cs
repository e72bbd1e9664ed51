using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;

namespace Latchkey.RelyingParty.Tests.Scenarios;

/// <summary>A certificate of the test with its key.</summary>
internal sealed record TestAuthority(X509Certificate2 Certificate, ECDsa Key)
{
    public ByteString Der => Certificate.RawData;
}

/// <summary>What an attestation certificate is made from; a test changes one thing of it.</summary>
internal sealed record LeafRecipe
{
    public string Subject { get; init; } = "CN=Test Authenticator, OU=Authenticator Attestation, O=Latchkey Tests, C=AA";
    public ECCurve Curve { get; init; } = ECCurve.NamedCurves.nistP256;
    public bool HasBasicConstraints { get; init; } = true;
    public bool IsAuthority { get; init; }
    public Aaguid? Aaguid { get; init; } = RegistrationScenario.Happy().Aaguid;
    public bool AaguidCritical { get; init; }
    public bool AaguidWrappedOnce { get; init; }
    public bool UnknownCriticalExtension { get; init; }
    public DateTimeOffset NotBefore { get; init; } = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public DateTimeOffset NotAfter { get; init; } = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
}

/// <summary>Makes roots, intermediates and attestation certificates, and registrations that carry them.</summary>
internal static class TestCertificates
{
    private static readonly DateTimeOffset From = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset To = new(2040, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TestAuthority Root(string name = "CN=Test Root", DateTimeOffset? notAfter = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return new(request.CreateSelfSigned(From, notAfter ?? To), key);
    }

    public static TestAuthority Intermediate(TestAuthority issuer, bool isAuthority = true, int? pathLength = null, X509KeyUsageFlags usage = X509KeyUsageFlags.KeyCertSign, DateTimeOffset? notAfter = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest($"CN=Test Intermediate {Guid.NewGuid()}", key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, pathLength is not null, pathLength ?? 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
        return new(Sign(request, issuer, From, notAfter ?? To), key);
    }

    public static TestAuthority Leaf(TestAuthority issuer, LeafRecipe? recipe = null)
    {
        recipe ??= new();
        var key = ECDsa.Create(recipe.Curve);
        var request = new CertificateRequest(recipe.Subject, key, HashAlgorithmName.SHA256);
        if (recipe.HasBasicConstraints)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(recipe.IsAuthority, false, 0, true));
        }

        if (recipe.Aaguid is { } aaguid)
        {
            request.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.45724.1.1.4", recipe.AaguidWrappedOnce ? aaguid.ToBytes() : Octets(aaguid.ToBytes()), recipe.AaguidCritical));
        }

        if (recipe.UnknownCriticalExtension)
        {
            request.CertificateExtensions.Add(new X509Extension("1.2.3.4.5", Octets([1]), true));
        }

        return new(Sign(request, issuer, recipe.NotBefore, recipe.NotAfter), key);
    }

    /// <summary>A registration whose packed statement is signed by a certificate's key.</summary>
    public static RegistrationScenario Packed(TestAuthority leaf, TestAuthority[] anchors, TestAuthority[]? rest = null, CoseAlgorithm algorithm = CoseAlgorithm.ES256) => RegistrationScenario.Happy() with
    {
        Format = AttestationObject.FormatPacked,
        Anchors = TrustAnchors.FromDer(anchors.Select(a => a.Der)),
        Statement = signed =>
        {
            var others = rest ?? [];
            var writer = new CanonicalCborWriter().StartMap(3)
                .Text("alg").Integer((int)algorithm)
                .Text("sig").Bytes(leaf.Key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence))
                .Text("x5c").StartArray(1 + others.Length).Bytes(leaf.Der);
            foreach (var other in others)
            {
                writer.Bytes(other.Der);
            }

            return writer.EndArray().EndMap().Encode();
        },
    };

    private static X509Certificate2 Sign(CertificateRequest request, TestAuthority issuer, DateTimeOffset notBefore, DateTimeOffset notAfter) =>
        request.Create(issuer.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.Key), notBefore, notAfter, RandomNumberGenerator.GetBytes(8));

    private static byte[] Octets(byte[] bytes)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(bytes);
        return writer.Encode();
    }
}
