using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;

namespace Latchkey.Benchmarks;

/// <summary>ES256 authentication, from the browser's JSON and the stored COSE key to the verdict, beside the bare check.</summary>
[MemoryDiagnoser]
public class AuthenticationBenchmarks
{
    private readonly CeremonyWorkspace _workspace = new();
    private readonly RelyingPartyScope _scope = new(Recordings.RpId, [Recordings.Origin]);
    private ECDsa _raw = null!;
    private byte[] _challenge = null!;
    private byte[] _otherChallenge = null!;
    private ByteString _publicKey;
    private byte[] _json = null!;
    private byte[] _damagedJson = null!;
    private byte[] _signed = null!;
    private byte[] _signature = null!;

    /// <summary>Makes the key and the responses.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _raw = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = _raw.ExportParameters(false).Q;
        _publicKey = CoseKey.Ec2(CoseAlgorithm.ES256, CoseCurve.P256, q.X!, q.Y!).Encode();
        byte[] Sign(byte[] data) => _raw.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        (_json, _signed, _signature) = Recordings.Authentication(Sign);
        (_damagedJson, _, _) = Recordings.Authentication(data => Sign([.. data, 0]));
        _challenge = Recordings.Challenge.Bytes.ToArray();
        _otherChallenge = RandomNumberGenerator.GetBytes(_challenge.Length);
        Recordings.Expect(Authenticate(), null);
        Recordings.Expect(WrongChallenge(), AuthenticationError.ChallengeMismatch);
        Recordings.Expect(DamagedSignature(), AuthenticationError.SignatureInvalid);
    }

    /// <summary>The bare check: the key already imported.</summary>
    [Benchmark(Baseline = true, Description = "raw ECDsa.VerifyData, imported key")]
    public bool Raw() => _raw.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>The ceremony.</summary>
    [Benchmark(Description = "authentication ES256, JSON to verdict")]
    public AuthenticationError? Authenticate() => Verify(_challenge, _json);

    /// <summary>A refusal before the signature.</summary>
    [Benchmark(Description = "wrong challenge, refused")]
    public AuthenticationError? WrongChallenge() => Verify(_otherChallenge, _json);

    /// <summary>A refusal by the signature.</summary>
    [Benchmark(Description = "damaged signature, refused")]
    public AuthenticationError? DamagedSignature() => Verify(_challenge, _damagedJson);

    private AuthenticationError? Verify(byte[] challenge, byte[] json) => AuthenticationCeremony.Verify(
        _scope,
        new AuthenticationDemand { Challenge = challenge, PublicKey = _publicKey, UserVerificationRequired = true, BackupEligible = false, UserHandle = Recordings.User },
        json,
        _workspace,
        out _);
}
