using System.Buffers.Binary;
using System.Security.Cryptography;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Advert;

/// <summary>
/// What both ends derive from a shared secret: HKDF-SHA256, the purpose as four bytes little-endian for its info.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-keys"/>
/// </summary>
internal static class KeyDerivation
{
    public const uint PurposeEidKey = 1, PurposeTunnelId = 2, PurposePsk = 3;

    public static ByteString Derive(ByteString secret, ByteString salt, uint purpose, int length)
    {
        Span<byte> info = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(info, purpose);
        var key = new byte[length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, info);
        return key;
    }
}

/// <summary>The key that seals adverts: 32 bytes to encrypt with, 32 to authenticate with.</summary>
public sealed class EidKey
{
    private const int EncryptionLength = 32, Length = 64;

    internal EidKey(ByteString bytes) => Bytes = bytes;

    internal ByteString Bytes { get; }

    internal ByteString Encryption => Bytes.Slice(0, EncryptionLength);

    internal ByteString Authentication => Bytes.Slice(EncryptionLength);

    /// <summary>For a meeting by QR code.</summary>
    public static EidKey Of(HybridQrCode code) => Derive(code.Secret, ByteString.Empty);

    internal static EidKey Derive(ByteString secret, ByteString salt) => new(KeyDerivation.Derive(secret, salt, KeyDerivation.PurposeEidKey, Length));
}

/// <summary>The pre-shared key of the handshake. There is none without an advert: that is what proves that both are near.</summary>
public sealed class Psk
{
    private const int Length = 32;

    internal Psk(ByteString bytes) => Bytes = bytes;

    internal ByteString Bytes { get; }

    /// <summary>For a meeting by QR code, after its advert.</summary>
    public static Psk Of(HybridQrCode code, AdvertPlaintext advert) => Derive(code.Secret, advert);

    internal static Psk Derive(ByteString secret, AdvertPlaintext advert) => new(KeyDerivation.Derive(secret, advert.Encode(), KeyDerivation.PurposePsk, Length));
}

/// <summary>The name of a tunnel at the tunnel service: 16 bytes.</summary>
public readonly record struct TunnelId(ByteString Bytes)
{
    /// <summary>Length, in bytes.</summary>
    public const int Length = 16;

    /// <summary>For a meeting by QR code.</summary>
    public static TunnelId Of(HybridQrCode code) => new(KeyDerivation.Derive(code.Secret, ByteString.Empty, KeyDerivation.PurposeTunnelId, Length));
}

/// <summary>Three bytes by which a tunnel service finds its own tunnel again; only the advert carries them to the computer.</summary>
public readonly record struct RoutingId
{
    /// <summary>Length, in bytes.</summary>
    public const int Length = 3;

    private readonly ByteString _bytes;

    /// <summary>Takes three bytes.</summary>
    /// <exception cref="WireFormatException">Not three bytes.</exception>
    public RoutingId(ByteString bytes) => _bytes = bytes.Length == Length ? bytes : throw new WireFormatException("routing ID", 0, $"is not {Length} bytes long");

    /// <summary>The three bytes.</summary>
    public ByteString Bytes => _bytes.IsEmpty ? new byte[Length] : _bytes;

    /// <summary>Reads the header's six hexadecimal digits, in either case.</summary>
    /// <exception cref="WireFormatException">Not six hexadecimal digits.</exception>
    public static RoutingId Parse(string hex) => new(ByteString.FromHex(hex));

    /// <summary>Six hexadecimal digits.</summary>
    public override string ToString() => Bytes.ToHex();
}
