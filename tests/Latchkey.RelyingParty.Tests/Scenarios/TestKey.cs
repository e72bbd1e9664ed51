using System.Security.Cryptography;
using Latchkey.Protocol.Cose;

namespace Latchkey.RelyingParty.Tests.Scenarios;

/// <summary>A credential key pair of the test's authenticator.</summary>
internal sealed record TestKey(CoseKey Public, Func<byte[], byte[]> Sign)
{
    public static TestKey P256(CoseAlgorithm algorithm = CoseAlgorithm.ES256)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var q = key.ExportParameters(false).Q;
        return new(CoseKey.Ec2(algorithm, CoseCurve.P256, q.X!, q.Y!), Signer(key, HashAlgorithmName.SHA256));
    }

    public static TestKey P384()
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var q = key.ExportParameters(false).Q;
        return new(CoseKey.Ec2(CoseAlgorithm.ES384, CoseCurve.P384, q.X!, q.Y!), Signer(key, HashAlgorithmName.SHA384));
    }

    public static TestKey Rsa()
    {
        var key = RSA.Create(2048);
        var numbers = key.ExportParameters(false);
        return new(CoseKey.Rsa(CoseAlgorithm.RS256, numbers.Modulus!, numbers.Exponent!), data => key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public static Func<byte[], byte[]> Signer(ECDsa key, HashAlgorithmName hash) =>
        data => key.SignData(data, hash, DSASignatureFormat.Rfc3279DerSequence);
}
