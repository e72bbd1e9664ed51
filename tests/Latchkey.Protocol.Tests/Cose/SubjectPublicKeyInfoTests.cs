using System.Security.Cryptography;
using Latchkey.Protocol.Cose;

namespace Latchkey.Protocol.Tests.Cose;

public sealed class SubjectPublicKeyInfoTests
{
    [Theory]
    [InlineData("nistP256", CoseCurve.P256, CoseAlgorithm.ES256)]
    [InlineData("nistP384", CoseCurve.P384, CoseAlgorithm.ES384)]
    [InlineData("nistP521", CoseCurve.P521, CoseAlgorithm.ES512)]
    public void A_curve_key_is_what_the_platform_exports(string curve, CoseCurve cose, CoseAlgorithm algorithm)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        var point = key.ExportParameters(includePrivateParameters: false).Q;

        Assert.Equal(key.ExportSubjectPublicKeyInfo(), CoseKey.Ec2(algorithm, cose, point.X!, point.Y!).ToSubjectPublicKeyInfo()!.Value.ToArray());
    }

    [Fact]
    public void An_RSA_key_is_what_the_platform_exports()
    {
        using var key = RSA.Create(2048);
        var numbers = key.ExportParameters(includePrivateParameters: false);

        Assert.Equal(key.ExportSubjectPublicKeyInfo(), CoseKey.Rsa(CoseAlgorithm.RS256, numbers.Modulus!, numbers.Exponent!).ToSubjectPublicKeyInfo()!.Value.ToArray());
    }

    // RFC 8410 §10.1
    [Fact]
    public void An_Ed25519_key_is_the_standards_example() => Assert.Equal(
        ByteString.FromHex("302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1"),
        CoseKey.Okp(CoseAlgorithm.EdDSA, CoseCurve.Ed25519, ByteString.FromHex("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1")).ToSubjectPublicKeyInfo());

    [Fact]
    public void A_key_that_is_none_has_no_such_form()
    {
        Assert.Null(CoseKey.Ec2(CoseAlgorithm.ES256, CoseCurve.P256, new byte[32], new byte[32]).ToSubjectPublicKeyInfo());
        Assert.Null(CoseKey.Okp(CoseAlgorithm.EdDSA, CoseCurve.Ed25519, new byte[31]).ToSubjectPublicKeyInfo());
        Assert.Null(CoseKey.Okp(CoseAlgorithm.EdDSA, (CoseCurve)99, new byte[32]).ToSubjectPublicKeyInfo());
    }
}
