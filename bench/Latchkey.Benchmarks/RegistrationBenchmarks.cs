using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BenchmarkDotNet.Attributes;
using Latchkey.Protocol.Cose;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.Benchmarks;

/// <summary>Registration, from the browser's JSON to the verdict, beside one bare ES256 check.</summary>
[MemoryDiagnoser]
public class RegistrationBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CeremonyWorkspace _workspace = new();
    private readonly RelyingPartyScope _scope = new(Recordings.RpId, [Recordings.Origin]);
    private readonly CoseAlgorithm[] _offered = [CoseAlgorithm.ES256, CoseAlgorithm.EdDSA, CoseAlgorithm.RS256];
    private ECDsa _raw = null!;
    private TrustAnchors _anchors = null!;
    private byte[] _root = null!;
    private byte[] _challenge = null!;
    private byte[] _none = null!;
    private byte[] _self = null!;
    private byte[] _x5c = null!;
    private byte[] _signed = null!;
    private byte[] _signature = null!;

    /// <summary>Makes keys, certificates and responses.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _raw = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = _raw.ExportParameters(false).Q;
        var key = CoseKey.Ec2(CoseAlgorithm.ES256, CoseCurve.P256, q.X!, q.Y!);
        _challenge = Recordings.Challenge.Bytes.ToArray();
        (_none, _, _) = Recordings.Registration(key, null);
        (_self, _signed, _signature) = Recordings.Registration(key, Signer(_raw));

        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var rootRequest = new CertificateRequest("CN=Benchmark Root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = rootRequest.CreateSelfSigned(Now.AddYears(-5), Now.AddYears(20));
        var leafRequest = new CertificateRequest("CN=Benchmark, OU=Authenticator Attestation, O=Latchkey, C=AA", leafKey, HashAlgorithmName.SHA256);
        leafRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        leafRequest.CertificateExtensions.Add(new X509Extension("1.3.6.1.4.1.45724.1.1.4", Aaguid(), false));
        using var leaf = leafRequest.Create(root.SubjectName, X509SignatureGenerator.CreateForECDsa(rootKey), Now.AddYears(-1), Now.AddYears(9), [1, 2, 3, 4]);
        _root = root.RawData;
        _anchors = TrustAnchors.FromDer([_root]);
        (_x5c, _, _) = Recordings.Registration(key, Signer(leafKey), [leaf.RawData]);

        Recordings.Expect(None(), null);
        Recordings.Expect(PackedSelf(), null);
        Recordings.Expect(PackedX5c(), null);
        Recordings.Expect(PackedX5cAnew(), null);
    }

    /// <summary>The bare check: the key already imported.</summary>
    [Benchmark(Baseline = true, Description = "raw ECDsa.VerifyData, imported key")]
    public bool Raw() => _raw.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>No attestation: the point is checked, no signature is.</summary>
    [Benchmark(Description = "registration none, JSON to verdict")]
    public RegistrationError? None() => Verify(_none);

    /// <summary>One signature check.</summary>
    [Benchmark(Description = "registration packed self, JSON to verdict")]
    public RegistrationError? PackedSelf() => Verify(_self);

    /// <summary>One signature check: the certificates led to the anchor before.</summary>
    [Benchmark(Description = "registration packed x5c, certificates known")]
    public RegistrationError? PackedX5c() => Verify(_x5c);

    /// <summary>Two signature checks, and the anchor parsed: the first of a model.</summary>
    [Benchmark(Description = "registration packed x5c, anchor parsed and path checked each time")]
    public RegistrationError? PackedX5cAnew() => Verify(_x5c, TrustAnchors.FromDer([_root]));

    private RegistrationError? Verify(byte[] json) => Verify(json, _anchors);

    private RegistrationError? Verify(byte[] json, TrustAnchors anchors) => RegistrationCeremony.Verify(
        _scope,
        new RegistrationDemand { Challenge = _challenge, UserVerificationRequired = true, Algorithms = _offered, TrustAnchors = anchors, Now = Now },
        json,
        _workspace,
        out _);

    private static Func<byte[], byte[]> Signer(ECDsa key) => data => key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    private static byte[] Aaguid()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteOctetString(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff").ToByteArray(bigEndian: true));
        return writer.Encode();
    }
}
