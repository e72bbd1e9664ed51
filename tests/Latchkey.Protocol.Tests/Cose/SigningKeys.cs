using System.Security.Cryptography;
using Latchkey.Protocol.Cose;

namespace Latchkey.Protocol.Tests.Cose;

/// <summary>A fresh key pair per algorithm, from the BCL and NSec, with its COSE form.</summary>
internal static class SigningKeys
{
    // Making an RSA key takes a second; the two take turns, so that "another key" is another key
    // (within a thread, since tests run side by side).
    private static readonly Lazy<RSAParameters>[] RsaKeys = [new(MakeRsa), new(MakeRsa)];

    [ThreadStatic]
    private static int _turn;

    public static (CoseKey Key, Func<byte[], byte[]> Sign) Create(CoseAlgorithm algorithm) => algorithm switch
    {
        CoseAlgorithm.ES256 or CoseAlgorithm.ESP256 => Ec(algorithm, CoseCurve.P256, ECCurve.NamedCurves.nistP256, HashAlgorithmName.SHA256),
        CoseAlgorithm.ES384 or CoseAlgorithm.ESP384 => Ec(algorithm, CoseCurve.P384, ECCurve.NamedCurves.nistP384, HashAlgorithmName.SHA384),
        CoseAlgorithm.ES512 or CoseAlgorithm.ESP512 => Ec(algorithm, CoseCurve.P521, ECCurve.NamedCurves.nistP521, HashAlgorithmName.SHA512),
        CoseAlgorithm.RS256 => RsaPair(algorithm, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
        CoseAlgorithm.RS384 => RsaPair(algorithm, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
        CoseAlgorithm.RS512 => RsaPair(algorithm, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1),
        CoseAlgorithm.PS256 => RsaPair(algorithm, HashAlgorithmName.SHA256, RSASignaturePadding.Pss),
        CoseAlgorithm.PS384 => RsaPair(algorithm, HashAlgorithmName.SHA384, RSASignaturePadding.Pss),
        CoseAlgorithm.PS512 => RsaPair(algorithm, HashAlgorithmName.SHA512, RSASignaturePadding.Pss),
        CoseAlgorithm.EdDSA or CoseAlgorithm.Ed25519 => Ed25519(algorithm),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    private static (CoseKey, Func<byte[], byte[]>) Ec(CoseAlgorithm algorithm, CoseCurve coseCurve, ECCurve curve, HashAlgorithmName hash)
    {
        var key = ECDsa.Create(curve);
        var q = key.ExportParameters(false).Q;
        return (CoseKey.Ec2(algorithm, coseCurve, q.X!, q.Y!), data => key.SignData(data, hash, DSASignatureFormat.Rfc3279DerSequence));
    }

    private static (CoseKey, Func<byte[], byte[]>) RsaPair(CoseAlgorithm algorithm, HashAlgorithmName hash, RSASignaturePadding padding)
    {
        var key = RSA.Create(RsaKeys[_turn++ % RsaKeys.Length].Value);
        var parameters = key.ExportParameters(false);
        return (CoseKey.Rsa(algorithm, parameters.Modulus!, parameters.Exponent!), data => key.SignData(data, hash, padding));
    }

    private static RSAParameters MakeRsa()
    {
        using var key = RSA.Create(2048);
        return key.ExportParameters(includePrivateParameters: true);
    }

    private static (CoseKey, Func<byte[], byte[]>) Ed25519(CoseAlgorithm algorithm)
    {
        var key = NSec.Cryptography.Key.Create(NSec.Cryptography.SignatureAlgorithm.Ed25519);
        var x = key.PublicKey.Export(NSec.Cryptography.KeyBlobFormat.RawPublicKey);
        return (CoseKey.Okp(algorithm, CoseCurve.Ed25519, x), data => NSec.Cryptography.SignatureAlgorithm.Ed25519.Sign(key, data));
    }
}
