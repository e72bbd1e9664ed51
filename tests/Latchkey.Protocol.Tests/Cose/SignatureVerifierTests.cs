using System.Security.Cryptography;
using Latchkey.Protocol.Cose;

namespace Latchkey.Protocol.Tests.Cose;

/// <summary>The same demands on both engines behind the seam.</summary>
public abstract class SignatureVerifierTests
{
    private static readonly byte[] Data = "what was signed"u8.ToArray();
    private static readonly byte[] PrimeP256 = Convert.FromHexString("FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF");
    private static readonly byte[] OrderP256 = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    private static readonly byte[] OrderP384 = Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973");
    private static readonly byte[] OrderP521 = Convert.FromHexString("01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409");

    internal abstract SignatureEngine Engine { get; }

    public static TheoryData<CoseAlgorithm> Algorithms() =>
        [.. Enum.GetValues<CoseAlgorithm>().Where(a => a is not CoseAlgorithm.Ed448)];

    public static TheoryData<CoseAlgorithm> EcdsaAlgorithms() => [CoseAlgorithm.ES256, CoseAlgorithm.ES384, CoseAlgorithm.ES512];

    [Theory, MemberData(nameof(Algorithms))]
    public void Verifies_a_good_signature_and_refuses_other_data_and_a_damaged_one(CoseAlgorithm algorithm)
    {
        var (key, sign) = SigningKeys.Create(algorithm);
        var signature = sign(Data);

        Assert.True(SignatureVerifier.IsUsable(Engine, key));
        Assert.True(SignatureVerifier.Verify(Engine, key, Data, signature));
        Assert.False(SignatureVerifier.Verify(Engine, key, "something else"u8, signature));
        signature[^1] ^= 1;
        Assert.False(SignatureVerifier.Verify(Engine, key, Data, signature));
        Assert.False(SignatureVerifier.Verify(Engine, key, Data, signature.AsSpan(1)));
        Assert.False(SignatureVerifier.Verify(Engine, key, Data, []));
    }

    [Theory, MemberData(nameof(Algorithms))]
    public void Refuses_the_signature_of_another_key(CoseAlgorithm algorithm) =>
        Assert.False(SignatureVerifier.Verify(Engine, SigningKeys.Create(algorithm).Key, Data, SigningKeys.Create(algorithm).Sign(Data)));

    [Theory, MemberData(nameof(Algorithms))]
    public void Refuses_a_key_whose_algorithm_belongs_to_another_type_or_curve(CoseAlgorithm algorithm)
    {
        var key = SigningKeys.Create(algorithm).Key;
        foreach (var other in Enum.GetValues<CoseAlgorithm>().Where(other => Family(other) != Family(algorithm)))
        {
            var wrong = key.Type switch
            {
                CoseKeyType.Ec2 => CoseKey.Ec2(other, key.Curve, key.X, key.Y),
                CoseKeyType.Okp => CoseKey.Okp(other, key.Curve, key.X),
                _ => CoseKey.Rsa(other, key.Modulus, key.Exponent),
            };
            Assert.False(SignatureVerifier.IsUsable(Engine, wrong), $"{algorithm} as {other}");
        }
    }

    [Theory, MemberData(nameof(EcdsaAlgorithms))]
    public void Refuses_zero_and_out_of_range_signature_values_CVE_2022_21449(CoseAlgorithm algorithm)
    {
        var (key, sign) = SigningKeys.Create(algorithm);
        var order = algorithm switch { CoseAlgorithm.ES256 => OrderP256, CoseAlgorithm.ES384 => OrderP384, _ => OrderP521 };
        byte[] zero = [0];
        byte[] one = [1];
        Assert.True(SignatureVerifier.Verify(Engine, key, Data, sign(Data)));
        foreach (var (r, s) in new[] { (zero, zero), (zero, one), (one, zero), (order, order), (order, one), (one, order) })
        {
            var signature = Der(r, s);
            Assert.False(EcdsaSignature.IsCanonical(key.Curve, signature));
            Assert.False(SignatureVerifier.Verify(Engine, key, Data, signature));
            // and the engine alone, without the guard before it
            Assert.False(Engine.VerifyEcdsa(key.Curve, key.X, key.Y, SHA256.HashData(Data), signature));
        }
    }

    [Fact]
    public void Refuses_a_signature_in_another_encoding_than_DER()
    {
        var (key, _) = SigningKeys.Create(CoseAlgorithm.ES256);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = ecdsa.ExportParameters(false).Q;
        key = CoseKey.Ec2(CoseAlgorithm.ES256, CoseCurve.P256, q.X!, q.Y!);
        var fixedLength = ecdsa.SignData(Data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        var der = ecdsa.SignData(Data, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        byte[] longForm = [0x30, 0x81, .. der[1..]];
        byte[] trailing = [.. der, 0];
        byte[] paddedNumber = [0x30, (byte)(der[1] + 1), 0x02, (byte)(der[3] + 1), 0x00, .. der[4..]];
        byte[] indefinite = [0x30, 0x80, .. der[2..], 0, 0];

        Assert.True(SignatureVerifier.Verify(Engine, key, Data, der));
        foreach (var signature in new[] { fixedLength, longForm, trailing, paddedNumber, indefinite })
        {
            Assert.False(SignatureVerifier.Verify(Engine, key, Data, signature));
        }
    }

    [Fact]
    public void Refuses_a_point_off_the_curve_at_infinity_or_out_of_the_field()
    {
        var key = SigningKeys.Create(CoseAlgorithm.ES256).Key;
        var y = key.Y.ToArray();
        y[^1] ^= 1;
        var zeros = new byte[32];

        Assert.False(Usable(key.X, y));
        Assert.False(Usable(zeros, zeros));
        Assert.False(Usable(PrimeP256, key.Y));
        Assert.False(Usable(key.X, PrimeP256));
        Assert.False(Usable(key.X.Slice(1), key.Y));
        Assert.False(Usable(new byte[] { 0 }.Concat(key.X.ToArray()).ToArray(), key.Y));
        Assert.False(Usable(default, default));

        bool Usable(ByteString x, ByteString yy) => SignatureVerifier.IsUsable(Engine, CoseKey.Ec2(CoseAlgorithm.ES256, CoseCurve.P256, x, yy));
    }

    [Fact]
    public void Refuses_an_x_that_is_a_field_element_written_above_the_prime()
    {
        // (0, y) lies on P-256; written as (p, y) it would be the same point to a careless reader.
        var y = Convert.FromHexString("66485C780E2F83D72433BD5D84A06BB6541C2AF31DAE871728BF856A174F93F4");

        Assert.True(Engine.IsOnCurve(CoseCurve.P256, new byte[32], y));
        Assert.False(Engine.IsOnCurve(CoseCurve.P256, PrimeP256, y));
    }

    [Theory]
    [InlineData("01")]
    [InlineData("03")]
    [InlineData("010000")]
    [InlineData("010002")]
    [InlineData("00010001")]
    [InlineData("")]
    [InlineData("010000000000000001")]
    public void Refuses_a_tiny_even_padded_or_oversized_RSA_exponent(string hex)
    {
        var key = SigningKeys.Create(CoseAlgorithm.RS256).Key;

        Assert.False(SignatureVerifier.IsUsable(Engine, CoseKey.Rsa(CoseAlgorithm.RS256, key.Modulus, Convert.FromHexString(hex))));
    }

    [Fact]
    public void Refuses_a_tiny_even_padded_or_missing_RSA_modulus()
    {
        var (key, sign) = SigningKeys.Create(CoseAlgorithm.RS256);
        var even = key.Modulus.ToArray();
        even[^1] &= 0xFE;

        Assert.True(SignatureVerifier.Verify(Engine, key, Data, sign(Data)));
        foreach (var modulus in new byte[][] { even, [0, .. key.Modulus.Span], key.Modulus.Slice(0, 128).ToArray(), [], [3] })
        {
            var wrong = CoseKey.Rsa(CoseAlgorithm.RS256, modulus, key.Exponent);
            Assert.False(SignatureVerifier.IsUsable(Engine, wrong));
            Assert.False(SignatureVerifier.Verify(Engine, wrong, Data, sign(Data)));
        }
    }

    [Theory]
    [InlineData(CoseAlgorithm.RS256)]
    [InlineData(CoseAlgorithm.PS256)]
    public void Refuses_an_RSA_signature_shorter_or_longer_than_the_modulus(CoseAlgorithm algorithm)
    {
        var (key, sign) = SigningKeys.Create(algorithm);
        var signature = sign(Data);

        Assert.False(SignatureVerifier.Verify(Engine, key, Data, [0, .. signature]));
        Assert.False(SignatureVerifier.Verify(Engine, key, Data, signature.AsSpan(0, signature.Length - 1)));
    }

    [Fact]
    public void Refuses_an_Ed25519_key_of_small_order_and_a_signature_with_s_out_of_range()
    {
        var (key, sign) = SigningKeys.Create(CoseAlgorithm.EdDSA);
        var smallOrder = new byte[32];
        smallOrder[0] = 1;
        var signature = sign(Data);
        signature.AsSpan(32).Fill(0xFF);

        Assert.False(SignatureVerifier.Verify(Engine, CoseKey.Okp(CoseAlgorithm.EdDSA, CoseCurve.Ed25519, smallOrder), Data, new byte[64]));
        Assert.False(SignatureVerifier.Verify(Engine, key, Data, signature));
        Assert.False(SignatureVerifier.IsUsable(Engine, CoseKey.Okp(CoseAlgorithm.EdDSA, CoseCurve.Ed25519, new byte[31])));
    }

    [Theory]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000", "order 1")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "order 2")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", "order 4")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000080", "order 4, the other")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "order 8")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85", "order 8, the second")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "order 8, the third")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa", "order 8, the fourth")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080", "order 1, with the sign no x of 0 has")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "y = p")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "y = p + 1")]
    [InlineData("f1ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "y = p + 4, a point in another encoding")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "all ones")]
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000", "no point")]
    public void An_Ed25519_key_that_proves_nothing_or_can_never_sign_is_not_usable(string hex, string what)
    {
        foreach (var algorithm in (CoseAlgorithm[])[CoseAlgorithm.EdDSA, CoseAlgorithm.Ed25519])
        {
            var key = CoseKey.Okp(algorithm, CoseCurve.Ed25519, ByteString.FromHex(hex));

            Assert.False(SignatureVerifier.IsUsable(Engine, key), what);
            Assert.False(SignatureVerifier.Verify(Engine, key, Data, Constant(32)), what);
        }
    }

    [Fact]
    public void Every_Ed25519_key_of_a_private_key_is_usable()
    {
        for (var i = 0; i < 50; i++) Assert.True(SignatureVerifier.IsUsable(Engine, SigningKeys.Create(CoseAlgorithm.EdDSA).Key));
    }

    /// <summary>R the neutral element and S 0: right for every message under a key that is the neutral element too.</summary>
    protected static byte[] Constant(int length) => [1, .. new byte[2 * length - 1]];

    [Fact]
    public void Keeps_the_keys_of_concurrent_callers_apart()
    {
        var pairs = Enumerable.Range(0, 8).Select(_ => SigningKeys.Create(CoseAlgorithm.ES256)).ToArray();
        var signatures = pairs.Select(pair => pair.Sign(Data)).ToArray();

        Parallel.For(0, 400, i =>
        {
            var own = pairs[i % pairs.Length].Key;
            Assert.True(SignatureVerifier.Verify(Engine, own, Data, signatures[i % pairs.Length]));
            Assert.False(SignatureVerifier.Verify(Engine, own, Data, signatures[(i + 1) % pairs.Length]));
            Assert.False(Engine.IsOnCurve(CoseCurve.P256, own.Y, own.X));
        });
    }

    [Fact]
    public void Leaves_an_unknown_algorithm_unsupported()
    {
        Assert.False(SignatureVerifier.IsSupported(Engine, (CoseAlgorithm)(-65535)));
        Assert.False(SignatureVerifier.IsSupported(Engine, default(CoseAlgorithm)));
    }

    private static int Family(CoseAlgorithm algorithm) => algorithm switch
    {
        CoseAlgorithm.ES256 or CoseAlgorithm.ESP256 => 1,
        CoseAlgorithm.ES384 or CoseAlgorithm.ESP384 => 2,
        CoseAlgorithm.ES512 or CoseAlgorithm.ESP512 => 3,
        CoseAlgorithm.EdDSA or CoseAlgorithm.Ed25519 => 4,
        CoseAlgorithm.Ed448 => 5,
        _ => 6,
    };

    private static byte[] Der(byte[] r, byte[] s)
    {
        var writer = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteIntegerUnsigned(r);
            writer.WriteIntegerUnsigned(s);
        }

        return writer.Encode();
    }
}

public sealed class BclSignatureVerifierTests : SignatureVerifierTests
{
    internal override SignatureEngine Engine => BclEngine.Instance;

    [Fact]
    public void Leaves_Ed448_unsupported() => Assert.False(SignatureVerifier.IsSupported(Engine, CoseAlgorithm.Ed448));
}

public sealed class LibCryptoSignatureVerifierTests : SignatureVerifierTests
{
    // Where there is no libcrypto the seam falls back, and this class tests what will really run.
    internal override SignatureEngine Engine => SignatureEngine.Default;

    [Fact]
    public void Verifies_Ed448_by_the_vector_of_RFC_8032()
    {
        Assert.SkipUnless(Engine.HasEd448, "needs libcrypto");
        var x = Convert.FromHexString("43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480");
        var signature = Convert.FromHexString(
            "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00");
        var key = CoseKey.Okp(CoseAlgorithm.Ed448, CoseCurve.Ed448, x);

        Assert.True(SignatureVerifier.IsUsable(Engine, key));
        Assert.True(SignatureVerifier.Verify(Engine, key, [0x03], signature));
        Assert.False(SignatureVerifier.Verify(Engine, key, [0x04], signature));
    }

    [Theory]
    [InlineData("01", "00", "order 1")]
    [InlineData("01", "80", "order 1, with the sign no x of 0 has")]
    [InlineData("00", "00", "order 4")]
    [InlineData("00", "80", "order 4, the other")]
    [InlineData("feffffffffffffffffffffffffffffffffffffffffffffffffffffff" + "feffffffffffffffffffffffffffffffffffffffffffffffffffffff", "00", "order 2")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffff" + "feffffffffffffffffffffffffffffffffffffffffffffffffffffff", "00", "y = p")]
    [InlineData("00000000000000000000000000000000000000000000000000000000ffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "00", "y = p + 1")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "ff", "all ones")]
    [InlineData("05", "01", "a bit that is nobody's")]
    public void An_Ed448_key_that_proves_nothing_or_can_never_sign_is_not_usable(string start, string last, string what)
    {
        Assert.SkipUnless(Engine.HasEd448, "needs libcrypto");
        var key = CoseKey.Okp(CoseAlgorithm.Ed448, CoseCurve.Ed448, ByteString.FromHex(start.PadRight(112, '0') + last));

        Assert.False(SignatureVerifier.IsUsable(Engine, key), what);
        for (byte i = 0; i < 16; i++) Assert.False(SignatureVerifier.Verify(Engine, key, [i], Constant(57)), what);
    }

    [Fact]
    public void About_half_of_all_bytes_are_no_point_and_those_are_not_usable()
    {
        Assert.SkipUnless(Engine.HasEd448, "needs libcrypto");
        var usable = Enumerable.Range(2, 64).Count(y => SignatureVerifier.IsUsable(Engine, CoseKey.Okp(CoseAlgorithm.Ed448, CoseCurve.Ed448, new byte[57].Select((_, i) => i == 0 ? (byte)y : (byte)0).ToArray())));
        Assert.InRange(usable, 16, 48);
    }

    [Fact]
    public void Allocates_nothing_for_a_verification()
    {
        Assert.SkipUnless(Engine is LibCryptoEngine, "needs libcrypto");
        var (key, sign) = SigningKeys.Create(CoseAlgorithm.ES256);
        var data = "data"u8.ToArray();
        var signature = sign(data);
        Assert.True(SignatureVerifier.Verify(Engine, key, data, signature));

        var before = GC.GetAllocatedBytesForCurrentThread();
        SignatureVerifier.Verify(Engine, key, data, signature);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
