using System.Security.Cryptography;

namespace Latchkey.Protocol.Cose;

/// <summary>The BCL's cryptography: everywhere, and about three times the cost, because importing a key is dearer than using it.</summary>
internal sealed class BclEngine : SignatureEngine
{
    public static readonly BclEngine Instance = new();

    public override string Name => "BCL";

    public override bool HasEd448 => false;

    public override bool IsOnCurve(CoseCurve curve, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        using var key = TryImport(curve, x, y);
        return key is not null;
    }

    public override bool VerifyEcdsa(CoseCurve curve, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        using var key = TryImport(curve, x, y);
        return key is not null && key.VerifyHash(digest, signature, DSASignatureFormat.Rfc3279DerSequence);
    }

    public override bool VerifyPkcs1(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, HashAlgorithmName hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature) =>
        VerifyRsa(modulus, exponent, hash, digest, signature, RSASignaturePadding.Pkcs1);

    public override bool VerifyPss(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, HashAlgorithmName hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature) =>
        VerifyRsa(modulus, exponent, hash, digest, signature, RSASignaturePadding.Pss);

    public override bool VerifyEd448(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => false;

    private static bool VerifyRsa(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, HashAlgorithmName hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature, RSASignaturePadding padding)
    {
        if (signature.Length != modulus.Length)
        {
            return false;
        }

        try
        {
            using var key = RSA.Create(new RSAParameters { Modulus = modulus.ToArray(), Exponent = exponent.ToArray() });
            return key.VerifyHash(digest, signature, hash, padding);
        }
        catch (CryptographicException)
        {
            return false; // a modulus no library takes
        }
    }

    // The BCL says "not on the curve" by an exception; only the fallback pays for it.
    private static ECDsa? TryImport(CoseCurve curve, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        try
        {
            return ECDsa.Create(new ECParameters
            {
                Curve = curve switch
                {
                    CoseCurve.P256 => ECCurve.NamedCurves.nistP256,
                    CoseCurve.P384 => ECCurve.NamedCurves.nistP384,
                    _ => ECCurve.NamedCurves.nistP521,
                },
                Q = new ECPoint { X = x.ToArray(), Y = y.ToArray() },
            });
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
