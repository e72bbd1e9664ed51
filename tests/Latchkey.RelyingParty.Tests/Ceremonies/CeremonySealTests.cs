using System.Security.Cryptography;
using CsCheck;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Ceremonies;

namespace Latchkey.RelyingParty.Tests.Ceremonies;

public sealed class CeremonySealTests : IDisposable
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(CeremonySeal.KeyLength);

    private readonly CeremonySeal _seal = new("example.org", Key);

    public void Dispose() => _seal.Dispose();

    [Fact]
    public void Opens_what_it_sealed() => Gen.Select(Gen.Guid, Gen.Byte.Array[1, 64], Gen.Byte.Array[0, 64], Gen.Int.Array[0, 32], Gen.Bool, Gen.Bool)
        .Sample((id, user, session, algorithms, verified, conditional) =>
        {
            var pending = new PendingRegistration
            {
                Id = new(id),
                Kind = CeremonyKind.Registration,
                User = new UserHandle(user),
                SessionBinding = session,
                Expires = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_123),
                UserVerificationRequired = verified,
                Conditional = conditional,
                Algorithms = [.. algorithms.Select(a => (CoseAlgorithm)a)],
            };
            var opened = Assert.IsType<PendingRegistration>(_seal.Open(_seal.Seal(pending).Bytes));

            Assert.Equal(pending.Algorithms, opened.Algorithms);
            Assert.Equal(pending, opened with { Algorithms = pending.Algorithms });
        });

    [Fact]
    public void Opens_an_authentication_for_nobody_in_particular()
    {
        var opened = Assert.IsType<PendingAuthentication>(_seal.Open(_seal.Seal(SignIn()).Bytes));

        Assert.Equal(SignIn() with { Id = opened.Id }, opened);
    }

    [Fact]
    public void Opens_nothing_that_was_changed_cut_or_lengthened()
    {
        var challenge = _seal.Seal(SignIn()).Bytes.ToArray();
        for (var i = 0; i < challenge.Length; i++)
        {
            var changed = (byte[])challenge.Clone();
            changed[i] ^= 1;
            Assert.Null(_seal.Open(changed));
            Assert.Null(_seal.Open(challenge.AsSpan(0, i)));
        }

        Assert.Null(_seal.Open([.. challenge, 0]));
        Assert.Null(_seal.Open(new byte[100_000]));
    }

    [Fact]
    public void Opens_nothing_of_another_key_or_another_relying_party()
    {
        var challenge = _seal.Seal(SignIn()).Bytes;
        using var otherKey = new CeremonySeal("example.org", RandomNumberGenerator.GetBytes(CeremonySeal.KeyLength));
        using var otherRp = new CeremonySeal("example.com", Key);

        Assert.Null(otherKey.Open(challenge));
        Assert.Null(otherRp.Open(challenge));
    }

    [Fact]
    public void Opens_under_an_older_key_and_seals_under_the_new_one()
    {
        var challenge = _seal.Seal(SignIn()).Bytes;
        using var newer = new CeremonySeal("example.org", RandomNumberGenerator.GetBytes(CeremonySeal.KeyLength), keyId: 2, new Dictionary<byte, byte[]> { [1] = Key });

        Assert.NotNull(newer.Open(challenge));
        Assert.Null(_seal.Open(newer.Seal(SignIn()).Bytes));
        Assert.NotNull(newer.Open(newer.Seal(SignIn()).Bytes));
    }

    [Fact]
    public void Seals_the_same_ceremony_never_twice_alike() => Assert.NotEqual(_seal.Seal(SignIn()), _seal.Seal(SignIn()));

    private static PendingAuthentication SignIn() => new()
    {
        Id = new(Guid.Parse("5f0a5a2e-9f6f-4d0b-9a43-0d8a4be0a001")),
        Kind = CeremonyKind.SignIn,
        User = null,
        SessionBinding = ByteString.Empty,
        Expires = DateTimeOffset.FromUnixTimeMilliseconds(1_790_000_000_000),
        UserVerificationRequired = true,
    };
}
