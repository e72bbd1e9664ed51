using System.Security.Cryptography;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using NSec.Cryptography;

namespace Latchkey.Authenticator;

/// <summary>
/// Makes key pairs and signs with them. The private key is the P-256 scalar (32 bytes, big-endian) for ES256 and the seed (32
/// bytes) for EdDSA; both are enough to have the public key again.
/// </summary>
internal static class CredentialKey
{
    /// <summary>What this authenticator can make, the most liked first.</summary>
    public static IReadOnlyList<CoseAlgorithm> Algorithms { get; } = [CoseAlgorithm.ES256, CoseAlgorithm.EdDSA];

    private const int PrivateKeyLength = 32;

    /// <summary>A fresh key pair for one of <see cref="Algorithms"/>.</summary>
    public static (ByteString PrivateKey, CoseKey PublicKey) Generate(CoseAlgorithm algorithm)
    {
        if (algorithm == CoseAlgorithm.EdDSA)
        {
            using var key = Key.Create(SignatureAlgorithm.Ed25519, new() { ExportPolicy = KeyExportPolicies.AllowPlaintextArchiving });
            return (key.Export(KeyBlobFormat.RawPrivateKey), CoseKey.Okp(algorithm, CoseCurve.Ed25519, key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
        }

        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var parameters = ecdsa.ExportParameters(includePrivateParameters: true);
        return (parameters.D!, CoseKey.Ec2(algorithm, CoseCurve.P256, parameters.Q.X!, parameters.Q.Y!));
    }

    /// <summary>Signs authenticator data followed by the client data hash, in the form WebAuthn wants for the algorithm.</summary>
    public static ByteString Sign(CoseAlgorithm algorithm, ByteString privateKey, ByteString authData, ByteString clientDataHash) =>
        Sign(algorithm, privateKey, new ByteWriter(authData.Length + clientDataHash.Length).Bytes(authData).Bytes(clientDataHash).ToByteString());

    /// <summary>Signs a message, in the form WebAuthn wants for the algorithm.</summary>
    public static ByteString Sign(CoseAlgorithm algorithm, ByteString privateKey, ByteString message)
    {
        if (algorithm == CoseAlgorithm.EdDSA)
        {
            using var key = Key.Import(SignatureAlgorithm.Ed25519, privateKey, KeyBlobFormat.RawPrivateKey);
            return SignatureAlgorithm.Ed25519.Sign(key, message);
        }

        var scalar = privateKey.ToArray();
        try
        {
            using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
            // §6.5.5 "the sig value MUST be encoded as an ASN.1 DER Ecdsa-Sig-Value"
            return ecdsa.SignData(message, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>The public half of a stored ES256 key.</summary>
    public static CoseKey PublicKeyOf(ByteString privateKey)
    {
        var scalar = privateKey.ToArray();
        try
        {
            using var ecdsa = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
            var point = ecdsa.ExportParameters(includePrivateParameters: false).Q;
            return CoseKey.Ec2(CoseAlgorithm.ES256, CoseCurve.P256, point.X!, point.Y!);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>Whether a stored key can be used at all.</summary>
    public static bool IsUsable(CoseAlgorithm algorithm, ByteString privateKey) =>
        Algorithms.Contains(algorithm) && privateKey.Length == PrivateKeyLength;
}
