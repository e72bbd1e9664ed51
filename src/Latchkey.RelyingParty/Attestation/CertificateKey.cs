using System.Formats.Asn1;
using System.Security.Cryptography;
using Latchkey.Protocol.Cose;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>
/// A certificate's public key, and the two things done with it: checking an attestation signature with the COSE
/// algorithm the statement names, and checking the certificates it issued (RFC 3279, 4055, 5480, 8410).
/// </summary>
internal sealed class CertificateKey
{
    private readonly CoseKeyType _type;
    private readonly CoseCurve _curve;
    private readonly byte[] _first;
    private readonly byte[] _second;

    private CertificateKey(CoseKeyType type, CoseCurve curve, byte[] first, byte[] second) =>
        (_type, _curve, _first, _second) = (type, curve, first, second);

    /// <summary>Reads a SubjectPublicKeyInfo; a key of a kind not known here is read as one that verifies nothing.</summary>
    /// <exception cref="AsnContentException">It is not DER, or not such a structure.</exception>
    public static CertificateKey Read(AsnReader info)
    {
        var algorithm = info.ReadSequence();
        var oid = algorithm.ReadObjectIdentifier();
        var key = ReadWholeBytes(info);
        info.ThrowIfNotEmpty();
        return oid switch
        {
            "1.2.840.10045.2.1" => ReadPoint(algorithm, key),
            "1.2.840.113549.1.1.1" => ReadRsa(new AsnReader(key, AsnEncodingRules.DER).ReadSequence()),
            "1.3.101.112" => new(CoseKeyType.Okp, CoseCurve.Ed25519, key, []),
            "1.3.101.113" => new(CoseKeyType.Okp, CoseCurve.Ed448, key, []),
            _ => new(default, CoseCurve.None, [], []),
        };
    }

    /// <summary>A bit string that is bytes: keys and signatures leave no bit over.</summary>
    public static byte[] ReadWholeBytes(AsnReader reader) =>
        reader.ReadBitString(out var unusedBits) is var bytes && unusedBits == 0 ? bytes : throw new AsnContentException("Bits are left over.");

    /// <summary>The key for a COSE algorithm; false when it is of another type or curve, or unusable.</summary>
    public bool TryGet(CoseAlgorithm algorithm, out CoseKey key)
    {
        key = _type switch
        {
            CoseKeyType.Ec2 => CoseKey.Ec2(algorithm, _curve, _first, _second),
            CoseKeyType.Okp => CoseKey.Okp(algorithm, _curve, _first),
            CoseKeyType.Rsa => CoseKey.Rsa(algorithm, _first, _second),
            _ => default,
        };
        return SignatureVerifier.IsUsable(key);
    }

    /// <summary>True when this key made the signature, with the algorithm a certificate names.</summary>
    public bool Signed(string signatureOid, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => signatureOid switch
    {
        "1.2.840.10045.4.3.2" => Signed(CoseKeyType.Ec2, HashAlgorithmName.SHA256, data, signature),
        "1.2.840.10045.4.3.3" => Signed(CoseKeyType.Ec2, HashAlgorithmName.SHA384, data, signature),
        "1.2.840.10045.4.3.4" => Signed(CoseKeyType.Ec2, HashAlgorithmName.SHA512, data, signature),
        "1.2.840.113549.1.1.11" => Signed(CoseKeyType.Rsa, HashAlgorithmName.SHA256, data, signature),
        "1.2.840.113549.1.1.12" => Signed(CoseKeyType.Rsa, HashAlgorithmName.SHA384, data, signature),
        "1.2.840.113549.1.1.13" => Signed(CoseKeyType.Rsa, HashAlgorithmName.SHA512, data, signature),
        "1.3.101.112" or "1.3.101.113" => Signed(CoseKeyType.Okp, HashAlgorithmName.SHA512, data, signature),
        _ => false, // SHA-1 and MD5 among them
    };

    private bool Signed(CoseKeyType type, HashAlgorithmName hash, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        _type == type
        && TryGet(NativeAlgorithm, out var key)
        && SignatureVerifier.Verify(key, hash, data, signature);

    // An algorithm that fits the key, to carry it; a certificate names its hash apart.
    private CoseAlgorithm NativeAlgorithm => (_type, _curve) switch
    {
        (CoseKeyType.Ec2, CoseCurve.P256) => CoseAlgorithm.ES256,
        (CoseKeyType.Ec2, CoseCurve.P384) => CoseAlgorithm.ES384,
        (CoseKeyType.Ec2, CoseCurve.P521) => CoseAlgorithm.ES512,
        (CoseKeyType.Okp, CoseCurve.Ed448) => CoseAlgorithm.Ed448,
        (CoseKeyType.Okp, _) => CoseAlgorithm.EdDSA,
        _ => CoseAlgorithm.RS256,
    };

    private static CertificateKey ReadPoint(AsnReader algorithm, byte[] point)
    {
        var (curve, length) = algorithm.ReadObjectIdentifier() switch
        {
            "1.2.840.10045.3.1.7" => (CoseCurve.P256, 32),
            "1.3.132.0.34" => (CoseCurve.P384, 48),
            "1.3.132.0.35" => (CoseCurve.P521, 66),
            _ => (CoseCurve.None, 0),
        };
        const byte Uncompressed = 0x04;
        return length != 0 && point.Length == 1 + (2 * length) && point[0] == Uncompressed
            ? new(CoseKeyType.Ec2, curve, point[1..(1 + length)], point[(1 + length)..])
            : new(default, CoseCurve.None, [], []);
    }

    private static CertificateKey ReadRsa(AsnReader numbers) =>
        new(CoseKeyType.Rsa, CoseCurve.None, Unsigned(numbers.ReadIntegerBytes().Span), Unsigned(numbers.ReadIntegerBytes().Span));

    private static byte[] Unsigned(ReadOnlySpan<byte> number) => (number[0] == 0 ? number[1..] : number).ToArray();
}
