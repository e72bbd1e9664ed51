using System.Security.Cryptography;

namespace Latchkey.Protocol.Cose;

/// <summary>
/// The other form of a public key, DER SubjectPublicKeyInfo, which <c>getPublicKey()</c> gives to pages.
/// <see href="https://www.w3.org/TR/webauthn-3/#dom-authenticatorattestationresponse-getpublickey"/>
/// </summary>
public static class SubjectPublicKeyInfo
{
    // RFC 8410 §4: SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING of the 32 bytes that follow }
    private static readonly ByteString Ed25519Prefix = ByteString.FromHex("302a300506032b6570032100");
    private const int Ed25519Length = 32;

    /// <summary>The key as SubjectPublicKeyInfo; null for a kind this library cannot write, or numbers that are no key.</summary>
    public static ByteString? ToSubjectPublicKeyInfo(this CoseKey key)
    {
        try
        {
            return (key.Type, key.Curve) switch
            {
                (CoseKeyType.Okp, CoseCurve.Ed25519) when key.X.Length == Ed25519Length => new ByteWriter(Ed25519Prefix.Length + Ed25519Length).Bytes(Ed25519Prefix).Bytes(key.X).ToByteString(),
                (CoseKeyType.Ec2, CoseCurve.P256) => OfCurve(ECCurve.NamedCurves.nistP256, key),
                (CoseKeyType.Ec2, CoseCurve.P384) => OfCurve(ECCurve.NamedCurves.nistP384, key),
                (CoseKeyType.Ec2, CoseCurve.P521) => OfCurve(ECCurve.NamedCurves.nistP521, key),
                (CoseKeyType.Rsa, _) => OfRsa(key),
                _ => default(ByteString?),
            };
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static ByteString OfCurve(ECCurve curve, CoseKey key)
    {
        using var ecdsa = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = key.X.ToArray(), Y = key.Y.ToArray() } });
        return ecdsa.ExportSubjectPublicKeyInfo();
    }

    private static ByteString OfRsa(CoseKey key)
    {
        using var rsa = RSA.Create(new RSAParameters { Modulus = key.Modulus.ToArray(), Exponent = key.Exponent.ToArray() });
        return rsa.ExportSubjectPublicKeyInfo();
    }
}
