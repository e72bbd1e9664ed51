using System.Globalization;
using System.Numerics;
using Latchkey.Protocol;

namespace Latchkey.Hybrid;

/// <summary>
/// A point of the curve P-256, and never anything else: whoever has one need not ask whether it is on the curve.
/// <see href="https://www.secg.org/sec1-v2.pdf"/> §2.3.3 and §2.3.4.
/// </summary>
public sealed class P256Point : IEquatable<P256Point>
{
    /// <summary>Length of the uncompressed form, in bytes.</summary>
    public const int UncompressedLength = 65;

    /// <summary>Length of the compressed form, in bytes.</summary>
    public const int CompressedLength = 33;

    private const string Structure = "P-256 point";
    private const byte TagEven = 0x02, TagOdd = 0x03, TagUncompressed = 0x04;
    private const int CoordinateLength = 32;

    // y² = x³ - 3x + b (mod p)
    private static readonly BigInteger P = Number("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    private static readonly BigInteger B = Number("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b");

    private P256Point(ByteString uncompressed) => Uncompressed = uncompressed;

    /// <summary>65 bytes: 0x04, X, Y.</summary>
    public ByteString Uncompressed { get; }

    /// <summary>33 bytes: 0x02 or 0x03 by the parity of Y, X.</summary>
    public ByteString Compressed
    {
        get
        {
            byte[] bytes = [(Uncompressed.Span[^1] & 1) == 0 ? TagEven : TagOdd, .. X.Span];
            return bytes;
        }
    }

    /// <summary>X, 32 bytes big-endian.</summary>
    internal ByteString X => Uncompressed.Slice(1, CoordinateLength);

    /// <summary>Y, 32 bytes big-endian.</summary>
    internal ByteString Y => Uncompressed.Slice(1 + CoordinateLength, CoordinateLength);

    /// <summary>Reads the uncompressed form.</summary>
    /// <exception cref="WireFormatException">Not 65 bytes, another form, or no point of the curve.</exception>
    public static P256Point ParseUncompressed(ByteString bytes)
    {
        if (bytes.Length != UncompressedLength) throw new WireFormatException(Structure, 0, $"is not {UncompressedLength} bytes long");
        if (bytes.Span[0] != TagUncompressed) throw new WireFormatException(Structure, 0, "is not in the uncompressed form");
        var point = new P256Point(ByteString.CopyOf(bytes));
        var x = Coordinate(point.X);
        var y = Coordinate(point.Y);
        return y * y % P == RightSide(x) ? point : throw NotOnCurve();
    }

    /// <summary>Reads the compressed form and finds its Y.</summary>
    /// <exception cref="WireFormatException">Not 33 bytes, another form, or an X without a point of the curve.</exception>
    public static P256Point ParseCompressed(ByteString bytes)
    {
        if (bytes.Length != CompressedLength) throw new WireFormatException(Structure, 0, $"is not {CompressedLength} bytes long");
        var tag = bytes.Span[0];
        if (tag is not (TagEven or TagOdd)) throw new WireFormatException(Structure, 0, "is not in the compressed form");
        var square = RightSide(Coordinate(bytes.Slice(1)));

        // p ≡ 3 (mod 4), so this is a square root if there is one. Everything here is public: it may take its time as it likes.
        var y = BigInteger.ModPow(square, (P + 1) / 4, P);
        if (y * y % P != square) throw NotOnCurve();
        if (y.IsEven != (tag == TagEven)) y = P - y;

        var uncompressed = new byte[UncompressedLength];
        uncompressed[0] = TagUncompressed;
        bytes.Span[1..].CopyTo(uncompressed.AsSpan(1));
        var digits = y.ToByteArray(isUnsigned: true, isBigEndian: true);
        digits.CopyTo(uncompressed.AsSpan(UncompressedLength - digits.Length));
        return new(uncompressed);
    }

    /// <inheritdoc/>
    public bool Equals(P256Point? other) => other is not null && Uncompressed == other.Uncompressed;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as P256Point);

    /// <inheritdoc/>
    public override int GetHashCode() => Uncompressed.GetHashCode();

    private static BigInteger RightSide(BigInteger x) => ((x * x * x) - (3 * x) + B + (3 * P)) % P;

    private static BigInteger Coordinate(ByteString bytes)
    {
        var value = new BigInteger(bytes.Span, isUnsigned: true, isBigEndian: true);
        return value < P ? value : throw NotOnCurve();
    }

    private static WireFormatException NotOnCurve() => new(Structure, 1, "is no point of the curve");

    private static BigInteger Number(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
