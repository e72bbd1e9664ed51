using System.Formats.Cbor;
using Latchkey.Protocol.Cbor;

namespace Latchkey.Protocol.Cose;

/// <summary>
/// A public key as COSE_Key: what an authenticator hands out at registration and a relying party stores. It parses by
/// shape; whether the key can be used (algorithm and curve agree, the point is on the curve, the numbers are in range)
/// is asked of <see cref="SignatureVerifier.IsUsable(in CoseKey)"/>. A struct of slices: parsing allocates nothing.
/// <see href="https://www.w3.org/TR/webauthn-3/#credentialpublickey"/>, RFC 9053 §7, RFC 8230 §4.
/// </summary>
public readonly record struct CoseKey
{
    private const int KeyTypeLabel = 1;
    private const int AlgorithmLabel = 3;
    private const int CurveLabel = -1; // EC2, OKP
    private const int XLabel = -2;
    private const int YLabel = -3;
    private const int ModulusLabel = -1; // RSA
    private const int ExponentLabel = -2;
    private const string Structure = "COSE key";

    /// <summary>The longest coordinate (P-521), in bytes.</summary>
    public const int MaxCoordinateLength = 66;

    /// <summary>The longest RSA modulus read, in bytes.</summary>
    public const int MaxModulusLength = 1024;

    private CoseKey(CoseKeyType type, CoseAlgorithm algorithm, CoseCurve curve, ByteString first, ByteString second) =>
        (Type, Algorithm, Curve, First, Second) = (type, algorithm, curve, first, second);

    /// <summary>The key type, named or not; of a type not named here only the algorithm is read.</summary>
    public CoseKeyType Type { get; }

    /// <summary>The algorithm the key is for, named or not.</summary>
    public CoseAlgorithm Algorithm { get; }

    /// <summary>The curve of an EC2 or OKP key, named or not; <see cref="CoseCurve.None"/> for RSA.</summary>
    public CoseCurve Curve { get; }

    /// <summary>x of an EC2 key (big-endian, as long as the curve's field), the public key of an OKP key; else empty.</summary>
    public ByteString X => Type is CoseKeyType.Rsa ? default : First;

    /// <summary>y of an EC2 key, big-endian, as long as the curve's field; else empty.</summary>
    public ByteString Y => Type is CoseKeyType.Ec2 ? Second : default;

    /// <summary>n of an RSA key, big-endian without leading zeros; else empty.</summary>
    public ByteString Modulus => Type is CoseKeyType.Rsa ? First : default;

    /// <summary>e of an RSA key, big-endian without leading zeros; else empty.</summary>
    public ByteString Exponent => Type is CoseKeyType.Rsa ? Second : default;

    private ByteString First { get; }

    private ByteString Second { get; }

    /// <summary>An elliptic curve key from its coordinates.</summary>
    public static CoseKey Ec2(CoseAlgorithm algorithm, CoseCurve curve, ByteString x, ByteString y) =>
        new(CoseKeyType.Ec2, algorithm, curve, x, y);

    /// <summary>An octet key pair's public key.</summary>
    public static CoseKey Okp(CoseAlgorithm algorithm, CoseCurve curve, ByteString x) =>
        new(CoseKeyType.Okp, algorithm, curve, x, default);

    /// <summary>An RSA key from its numbers, big-endian without leading zeros.</summary>
    public static CoseKey Rsa(CoseAlgorithm algorithm, ByteString modulus, ByteString exponent) =>
        new(CoseKeyType.Rsa, algorithm, CoseCurve.None, modulus, exponent);

    /// <summary>Reads a key that is all of <paramref name="bytes"/>, its members in any order.</summary>
    /// <exception cref="WireFormatException">It is not a COSE key, or has optional members or leftover bytes.</exception>
    public static CoseKey Parse(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, form: CborForm.AnyOrder);
        var key = Read(reader);
        reader.ExpectEnd();
        return key;
    }

    /// <summary>Reads the key that comes next, as authenticator data has it: whatever follows is left unread.</summary>
    /// <exception cref="WireFormatException">It is not a COSE key in the reader's form, or has optional members.</exception>
    public static CoseKey Read(WireCborReader reader)
    {
        int? type = null, algorithm = null, curve = null;
        ByteString? modulus = null, second = null, third = null;
        var others = 0;
        for (var members = reader.ReadStartMap(); members > 0; members--)
        {
            switch (ReadLabel(reader))
            {
                case KeyTypeLabel: Once(reader, type is null, "kty"); type = reader.ReadInt32(); break;
                case AlgorithmLabel: Once(reader, algorithm is null, "alg"); algorithm = reader.ReadInt32(); break;
                // One label is the curve in EC2 and OKP, and n in RSA; which type it is may stand behind it.
                case CurveLabel when IsInteger(reader): Once(reader, curve is null && modulus is null, "crv or n"); curve = reader.ReadInt32(); break;
                case ModulusLabel when IsBytes(reader): Once(reader, curve is null && modulus is null, "crv or n"); modulus = reader.ReadByteString(); break;
                case XLabel when IsBytes(reader): Once(reader, second is null, "x or e"); second = reader.ReadByteString(); break;
                case YLabel when IsBytes(reader): Once(reader, third is null, "y"); third = reader.ReadByteString(); break;
                default: reader.SkipValue(); others++; break;
            }
        }

        reader.ReadEndMap();
        if (type is not { } kty || algorithm is not { } alg)
        {
            throw reader.Malformed("lacks kty or alg");
        }

        // "MUST contain the 'alg' parameter and MUST NOT contain any other OPTIONAL parameters": so the members of each type are known.
        return ((CoseKeyType)kty, curve, modulus, second, third, others) switch
        {
            (CoseKeyType.Okp, { } crv, null, { Length: <= MaxCoordinateLength } x, null, 0) => Okp((CoseAlgorithm)alg, (CoseCurve)crv, x),
            (CoseKeyType.Ec2, { } crv, null, { Length: <= MaxCoordinateLength } x, { Length: <= MaxCoordinateLength } y, 0) => Ec2((CoseAlgorithm)alg, (CoseCurve)crv, x, y),
            (CoseKeyType.Rsa, null, { Length: <= MaxModulusLength } n, { Length: <= MaxModulusLength } e, null, 0) => Rsa((CoseAlgorithm)alg, n, e),
            (CoseKeyType.Okp or CoseKeyType.Ec2 or CoseKeyType.Rsa, _, _, _, _, _) => throw reader.Malformed("has other members than its type, or longer ones"),
            // A type of tomorrow is a fact about the key, not a broken key: it is refused as unsupported, not as malformed.
            (var unknown, _, _, _, _, _) => new(unknown, (CoseAlgorithm)alg, CoseCurve.None, default, default),
        };
    }

    /// <summary>The canonical encoding; <see cref="Parse"/> reads it back.</summary>
    /// <exception cref="InvalidOperationException">The key is of a type not named here.</exception>
    public ByteString Encode()
    {
        var writer = new CanonicalCborWriter();
        writer.StartMap(Type is CoseKeyType.Ec2 ? 5 : 4).Integer(KeyTypeLabel).Integer((int)Type).Integer(AlgorithmLabel).Integer((int)Algorithm);
        _ = Type switch
        {
            CoseKeyType.Okp => writer.Integer(CurveLabel).Integer((int)Curve).Integer(XLabel).Bytes(First),
            CoseKeyType.Ec2 => writer.Integer(CurveLabel).Integer((int)Curve).Integer(XLabel).Bytes(First).Integer(YLabel).Bytes(Second),
            CoseKeyType.Rsa => writer.Integer(ModulusLabel).Bytes(First).Integer(ExponentLabel).Bytes(Second),
            _ => throw new InvalidOperationException("A key of an unknown type cannot be written."),
        };
        return writer.EndMap().Encode();
    }

    private static long? ReadLabel(WireCborReader reader)
    {
        if (IsInteger(reader))
        {
            return reader.ReadInt64();
        }

        reader.SkipValue();
        return null;
    }

    private static bool IsInteger(WireCborReader reader) => reader.Peek() is CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger;

    private static bool IsBytes(WireCborReader reader) => reader.Peek() is CborReaderState.ByteString;

    private static void Once(WireCborReader reader, bool isFirst, string name)
    {
        if (!isFirst) throw reader.Malformed($"has {name} twice");
    }
}
