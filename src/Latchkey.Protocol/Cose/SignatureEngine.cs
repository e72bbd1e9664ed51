using System.Security.Cryptography;

namespace Latchkey.Protocol.Cose;

/// <summary>
/// The one seam behind <see cref="SignatureVerifier"/>: key numbers in, yes or no out. The caller has checked lengths,
/// ranges and the form of the signature; the engine checks the point and the mathematics.
/// </summary>
internal abstract class SignatureEngine
{
    /// <summary>libcrypto where it answers its probe, else the BCL.</summary>
    public static SignatureEngine Default { get; } = LibCryptoEngine.TryCreate() ?? (SignatureEngine)BclEngine.Instance;

    public abstract string Name { get; }

    public abstract bool HasEd448 { get; }

    public abstract bool IsOnCurve(CoseCurve curve, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y);

    public abstract bool VerifyEcdsa(CoseCurve curve, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature);

    public abstract bool VerifyPkcs1(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, HashAlgorithmName hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature);

    /// <summary>The salt is as long as the digest, as RFC 8230 §2 says.</summary>
    public abstract bool VerifyPss(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, HashAlgorithmName hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature);

    public abstract bool VerifyEd448(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature);
}
