using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;
using NSec.Cryptography;

namespace Latchkey.Benchmarks;

/// <summary>What RS256 and EdDSA authentications share.</summary>
[MemoryDiagnoser]
public abstract class OtherAlgorithmBenchmarks
{
    private readonly CeremonyWorkspace _workspace = new();
    private readonly RelyingPartyScope _scope = new(Recordings.RpId, [Recordings.Origin]);
    private byte[] _challenge = null!;
    private ByteString _publicKey;
    private byte[] _json = null!;

    private protected byte[] Signed { get; private set; } = null!;

    private protected byte[] Signature { get; private set; } = null!;

    private protected void Record(CoseKey key, Func<byte[], byte[]> sign)
    {
        _publicKey = key.Encode();
        (_json, Signed, Signature) = Recordings.Authentication(sign);
        _challenge = Recordings.Challenge.Bytes.ToArray();
        Recordings.Expect(Authenticate(), null);
    }

    /// <summary>The ceremony.</summary>
    [Benchmark(Description = "authentication, JSON to verdict")]
    public AuthenticationError? Authenticate() => AuthenticationCeremony.Verify(
        _scope, new AuthenticationDemand { Challenge = _challenge, PublicKey = _publicKey, UserVerificationRequired = true }, _json, _workspace, out _);
}

/// <summary>RS256 with 2048 bits.</summary>
public class Rs256Benchmarks : OtherAlgorithmBenchmarks
{
    private RSA _raw = null!;

    /// <summary>Makes the key and the response.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _raw = RSA.Create(2048);
        var numbers = _raw.ExportParameters(false);
        Record(CoseKey.Rsa(CoseAlgorithm.RS256, numbers.Modulus!, numbers.Exponent!), data => _raw.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>The bare check: the key already imported.</summary>
    [Benchmark(Baseline = true, Description = "raw RSA.VerifyData, imported key")]
    public bool Raw() => _raw.VerifyData(Signed, Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
}

/// <summary>EdDSA on Ed25519.</summary>
public class EdDsaBenchmarks : OtherAlgorithmBenchmarks
{
    private PublicKey _raw = null!;

    /// <summary>Makes the key and the response.</summary>
    [GlobalSetup]
    public void Setup()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519);
        _raw = key.PublicKey;
        var copy = key;
        Record(CoseKey.Okp(CoseAlgorithm.EdDSA, CoseCurve.Ed25519, _raw.Export(KeyBlobFormat.RawPublicKey)), data => SignatureAlgorithm.Ed25519.Sign(copy, data));
    }

    /// <summary>The bare check: libsodium, the key already imported.</summary>
    [Benchmark(Baseline = true, Description = "raw libsodium, imported key")]
    public bool Raw() => SignatureAlgorithm.Ed25519.Verify(_raw, Signed, Signature);
}
