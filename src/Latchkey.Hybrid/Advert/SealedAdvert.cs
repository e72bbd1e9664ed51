using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Advert;

/// <summary>
/// The 20 bytes a phone broadcasts: one block under AES-256, and four bytes of HMAC-SHA256 over it. To anybody without the key they
/// are random.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-ble-advert"/>
/// </summary>
public readonly record struct SealedAdvert
{
    /// <summary>Length, in bytes.</summary>
    public const int Length = AdvertPlaintext.Length + TagLength;

    private const int TagLength = 4;

    private SealedAdvert(ByteString bytes) => Bytes = bytes;

    /// <summary>20 bytes.</summary>
    public ByteString Bytes { get; }

    /// <summary>Seals, for the air.</summary>
    public static SealedAdvert Seal(AdvertPlaintext plaintext, EidKey key)
    {
        using var aes = Aes.Create();
        aes.SetKey(key.Encryption);
        var block = aes.EncryptEcb(plaintext.Encode().Span, PaddingMode.None);
        return new(new ByteWriter(Length).Bytes(block).Bytes(Tag(block, key)).ToByteString());
    }

    /// <summary>
    /// Opens what was heard, if it is for this key. The air is full of other people's adverts: not being able to is no error.
    /// </summary>
    /// <param name="heard">Service data as it was heard; what follows the 20 bytes is the suffix, <see cref="AdvertSuffix"/>.</param>
    /// <param name="key">Whose advert it must be.</param>
    /// <param name="plaintext">What it says.</param>
    public static bool TryOpen(ByteString heard, EidKey key, [NotNullWhen(true)] out AdvertPlaintext? plaintext)
    {
        plaintext = null;
        if (heard.Length < Length) return false;
        var block = heard.Slice(0, AdvertPlaintext.Length);
        if (!heard.Slice(AdvertPlaintext.Length, TagLength).FixedTimeEquals(Tag(block, key))) return false;

        using var aes = Aes.Create();
        aes.SetKey(key.Encryption);
        try
        {
            plaintext = AdvertPlaintext.Parse(aes.DecryptEcb(block.Span, PaddingMode.None));
            return true;
        }
        catch (WireFormatException)
        {
            // It has the key, and says what no phone may say to us: as good as not heard.
            return false;
        }
    }

    private static ReadOnlySpan<byte> Tag(ReadOnlySpan<byte> block, EidKey key) => HMACSHA256.HashData(key.Authentication, block).AsSpan(0, TagLength);
}
