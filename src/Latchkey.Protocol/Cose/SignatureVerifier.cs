using System.Security.Cryptography;

namespace Latchkey.Protocol.Cose;

/// <summary>
/// Checks signatures by public keys as they were stored, without a cache: libcrypto directly where it is present and
/// answers a probe at start, the BCL everywhere else, libsodium for Ed25519. A bad signature or an unusable key is
/// <c>false</c>, never an exception.
/// </summary>
public static class SignatureVerifier
{
    private const int MinModulusBits = 2048;
    private const int Ed25519KeyLength = 32;
    private const int Ed448KeyLength = 57;

    private static readonly SignatureEngine Engine = SignatureEngine.Default;

    /// <summary>Which implementation checks ECDSA and RSA here: <c>libcrypto</c> or <c>BCL</c>; for diagnosis.</summary>
    public static string Implementation => Engine.Name;

    /// <summary>True when signatures of this algorithm can be checked on this machine.</summary>
    public static bool IsSupported(CoseAlgorithm algorithm) => IsSupported(Engine, algorithm);

    /// <summary>
    /// True when the key can check signatures: its algorithm is supported and agrees with type and curve, its numbers
    /// have their exact length and range, its point is on the curve (and of EdDSA not one of small order, under which a signature
    /// proves nothing), its RSA modulus is odd and 2048 to 8192 bits, its RSA exponent odd and at least 65537.
    /// </summary>
    public static bool IsUsable(in CoseKey key) => IsUsable(Engine, key);

    /// <summary>True when <paramref name="signature"/> is the key's signature over <paramref name="data"/>.</summary>
    /// <param name="key">A public key; one that is not usable verifies nothing.</param>
    /// <param name="data">What was signed, unhashed.</param>
    /// <param name="signature">
    /// In WebAuthn's form: ECDSA as ASN.1 DER, RSA and EdDSA as they are.
    /// <see href="https://www.w3.org/TR/webauthn-3/#sctn-signature-attestation-types"/>
    /// </param>
    public static bool Verify(in CoseKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => Verify(Engine, key, HashOf(key.Algorithm), data, signature);

    /// <summary>The same with a hash of one's own choice, as certificates name it: SHA-384 on P-256 is nothing strange there.</summary>
    /// <param name="key">A public key; one that is not usable verifies nothing.</param>
    /// <param name="hash">SHA-256, SHA-384 or SHA-512, in place of the algorithm's own; EdDSA keeps its own.</param>
    /// <param name="data">What was signed, unhashed.</param>
    /// <param name="signature">ECDSA as ASN.1 DER, RSA and EdDSA as they are.</param>
    public static bool Verify(in CoseKey key, HashAlgorithmName hash, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => Verify(Engine, key, hash, data, signature);

    internal static bool IsSupported(SignatureEngine engine, CoseAlgorithm algorithm) =>
        algorithm is CoseAlgorithm.Ed448 ? engine.HasEd448 : CurveOf(algorithm) is not CoseCurve.None || IsRsa(algorithm);

    internal static bool IsUsable(SignatureEngine engine, in CoseKey key) => IsWellMade(engine, key) && key.Type switch
    {
        CoseKeyType.Ec2 => engine.IsOnCurve(key.Curve, key.X, key.Y),
        CoseKeyType.Okp => (key.Curve is CoseCurve.Ed448 ? EdwardsCurve.Ed448 : EdwardsCurve.Ed25519).IsUsable(key.X),
        _ => true,
    };

    internal static bool Verify(SignatureEngine engine, in CoseKey key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        Verify(engine, key, HashOf(key.Algorithm), data, signature);

    internal static bool Verify(SignatureEngine engine, in CoseKey key, HashAlgorithmName hash, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!IsWellMade(engine, key))
        {
            return false;
        }

        switch (key.Curve)
        {
            case CoseCurve.Ed25519: return Ed25519Engine.Verify(key.X, data, signature);
            // libsodium refuses points of small order itself; libcrypto takes them, and a constant signature with them.
            case CoseCurve.Ed448: return EdwardsCurve.Ed448.IsCanonicalAndLarge(key.X) && engine.VerifyEd448(key.X, data, signature);
        }

        Span<byte> digestBuffer = stackalloc byte[SHA512.HashSizeInBytes];
        var digest = digestBuffer[..CryptographicOperations.HashData(hash, data, digestBuffer)];
        return key.Algorithm switch
        {
            CoseAlgorithm.RS256 or CoseAlgorithm.RS384 or CoseAlgorithm.RS512 => engine.VerifyPkcs1(key.Modulus, key.Exponent, hash, digest, signature),
            CoseAlgorithm.PS256 or CoseAlgorithm.PS384 or CoseAlgorithm.PS512 => engine.VerifyPss(key.Modulus, key.Exponent, hash, digest, signature),
            _ => EcdsaSignature.IsCanonical(key.Curve, signature) && engine.VerifyEcdsa(key.Curve, key.X, key.Y, digest, signature),
        };
    }

    // Everything but the point on the curve: of ECDSA the engines check it whenever they take a key, of EdDSA registration does.
    private static bool IsWellMade(SignatureEngine engine, in CoseKey key) => IsSupported(engine, key.Algorithm) && key.Type switch
    {
        CoseKeyType.Ec2 => CurveOf(key.Algorithm) == key.Curve
            && key.X.Length == CoordinateLength(key.Curve) && key.Y.Length == CoordinateLength(key.Curve),
        CoseKeyType.Okp => CurveOf(key.Algorithm) == key.Curve
            && key.X.Length == key.Curve switch { CoseCurve.Ed25519 => Ed25519KeyLength, CoseCurve.Ed448 => Ed448KeyLength, _ => -1 },
        CoseKeyType.Rsa => IsRsa(key.Algorithm) && IsWellMadeRsa(key.Modulus, key.Exponent),
        _ => false,
    };

    private static bool IsWellMadeRsa(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        if (modulus.IsEmpty || modulus[0] == 0 || (modulus[^1] & 1) == 0 || modulus.Length > CoseKey.MaxModulusLength)
        {
            return false;
        }

        // 65537 is the smallest exponent FIPS 186-5 allows, and libcrypto takes none over 64 bits with a large modulus.
        var exponentInRange = exponent.Length is >= 3 and <= 8 && exponent[0] != 0 && (exponent[^1] & 1) != 0;
        return exponentInRange && (modulus.Length * 8) - (byte.LeadingZeroCount(modulus[0])) >= MinModulusBits;
    }

    private static bool IsRsa(CoseAlgorithm algorithm) =>
        algorithm is CoseAlgorithm.RS256 or CoseAlgorithm.RS384 or CoseAlgorithm.RS512 or CoseAlgorithm.PS256 or CoseAlgorithm.PS384 or CoseAlgorithm.PS512;

    private static CoseCurve CurveOf(CoseAlgorithm algorithm) => algorithm switch
    {
        CoseAlgorithm.ES256 or CoseAlgorithm.ESP256 => CoseCurve.P256,
        CoseAlgorithm.ES384 or CoseAlgorithm.ESP384 => CoseCurve.P384,
        CoseAlgorithm.ES512 or CoseAlgorithm.ESP512 => CoseCurve.P521,
        CoseAlgorithm.EdDSA or CoseAlgorithm.Ed25519 => CoseCurve.Ed25519,
        CoseAlgorithm.Ed448 => CoseCurve.Ed448,
        _ => CoseCurve.None,
    };

    private static HashAlgorithmName HashOf(CoseAlgorithm algorithm) => algorithm switch
    {
        CoseAlgorithm.ES384 or CoseAlgorithm.ESP384 or CoseAlgorithm.RS384 or CoseAlgorithm.PS384 => HashAlgorithmName.SHA384,
        CoseAlgorithm.ES512 or CoseAlgorithm.ESP512 or CoseAlgorithm.RS512 or CoseAlgorithm.PS512 => HashAlgorithmName.SHA512,
        _ => HashAlgorithmName.SHA256,
    };

    internal static int CoordinateLength(CoseCurve curve) => curve switch
    {
        CoseCurve.P256 => 32,
        CoseCurve.P384 => 48,
        CoseCurve.P521 => 66,
        _ => -1,
    };
}
