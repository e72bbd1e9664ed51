using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Latchkey.Protocol;
using Latchkey.RelyingParty.Ceremonies;

namespace Latchkey.Benchmarks;

/// <summary>What it costs to remember nothing: sealing a ceremony and opening it again.</summary>
[MemoryDiagnoser]
public class CeremonySealBenchmarks
{
    private readonly CeremonySeal _seal = new(Recordings.RpId, RandomNumberGenerator.GetBytes(CeremonySeal.KeyLength));
    private readonly PendingAuthentication _pending = new()
    {
        Id = new(Guid.NewGuid()),
        Kind = CeremonyKind.SignIn,
        User = Recordings.User,
        SessionBinding = ByteString.Random(32),
        Expires = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000),
        UserVerificationRequired = true,
    };

    /// <summary>Seals and opens.</summary>
    [Benchmark(Description = "seal + open")]
    public PendingCeremony? SealAndOpen() => _seal.Open(_seal.Seal(_pending).Bytes);
}
