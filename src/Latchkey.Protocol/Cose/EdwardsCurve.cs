using System.Numerics;

namespace Latchkey.Protocol.Cose;

/// <summary>
/// What the libraries under <see cref="SignatureVerifier"/> do not look at when they take an EdDSA key: whether its bytes are a point at all, and
/// one that a signature can depend on. Under a point of small order one constant signature is right for every message, or for every fourth; bytes
/// that are no point verify nothing, so that their owner could never sign in.
/// <see href="https://www.rfc-editor.org/rfc/rfc8032#section-5.1.3"/>, <see href="https://www.rfc-editor.org/rfc/rfc8032#section-5.2.3"/>
/// </summary>
internal sealed class EdwardsCurve
{
    private readonly BigInteger _p, _d;
    private readonly int _a;
    private readonly int _length;

    private EdwardsCurve(BigInteger p, int a, BigInteger d, int length) => (_p, _a, _d, _length) = (p, a, d, length);

    /// <summary>-x² + y² = 1 - 121665/121666 x²y², cofactor 8.</summary>
    public static EdwardsCurve Ed25519 { get; } = OfEd25519((BigInteger.One << 255) - 19);

    /// <summary>x² + y² = 1 - 39081 x²y², cofactor 4.</summary>
    public static EdwardsCurve Ed448 { get; } = new((BigInteger.One << 448) - (BigInteger.One << 224) - 1, 1, -39081, 57);

    /// <summary>
    /// The part of <see cref="IsUsable"/> that costs next to nothing: the encoding is the canonical one ("If the resulting value is >= p, decoding
    /// fails"), and the point is none of small order.
    /// </summary>
    public bool IsCanonicalAndLarge(ReadOnlySpan<byte> key)
    {
        if (key.Length != _length) return false;
        var y = YOf(key);
        if (y >= _p) return false;
        // Of order 1, 2 and 4: where an axis is met. Of order 8, where there are such: the double is where y is 0.
        var square = y * y % _p;
        return !y.IsZero && !square.IsOne && !(_a < 0 && Mod((_d * square * square) + (2 * square) - 1).IsZero);
    }

    /// <summary>Whether the bytes are a point of this curve in its only encoding, and not of small order.</summary>
    public bool IsUsable(ReadOnlySpan<byte> key)
    {
        if (!IsCanonicalAndLarge(key)) return false;
        // x² = (1 - y²) / (a - d y²): a point where that is a square. Their product is one where their quotient is (Euler's criterion).
        var y = YOf(key);
        var square = y * y % _p;
        return BigInteger.ModPow(Mod((1 - square) * (_a - (_d * square))), (_p - 1) / 2, _p).IsOne;
    }

    private static EdwardsCurve OfEd25519(BigInteger p) => new(p, -1, (p - 121665) * BigInteger.ModPow(121666, p - 2, p) % p, 32);

    // "interpret the string as an integer in little-endian representation. Bit 255 [455] of this number is the least significant bit of the
    // x-coordinate"; the other bits of the last byte of Ed448 are 0, or y would be far over p
    private static BigInteger YOf(ReadOnlySpan<byte> key)
    {
        var last = (BigInteger)(key[^1] & 0x7F) << (8 * (key.Length - 1));
        return new BigInteger(key[..^1], isUnsigned: true) + last;
    }

    private BigInteger Mod(BigInteger number) => ((number % _p) + _p) % _p;
}
