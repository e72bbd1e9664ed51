using System.Security.Cryptography;
using System.Text;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Handshake;

/// <summary>
/// Noise's symmetric state, as far as the two patterns of hybrid need it: each key encrypts one empty text, with nonce 0.
/// <see href="https://noiseprotocol.org/noise.html#the-symmetricstate-object"/>
/// </summary>
internal sealed class NoiseState
{
    /// <summary>The computer proves its identity, which the QR code told; the phone has none.</summary>
    public const string KnPsk0 = "Noise_KNpsk0_P256_AESGCM_SHA256";

    /// <summary>The phone proves its identity, which the link told; the computer has none.</summary>
    public const string NkPsk0 = "Noise_NKpsk0_P256_AESGCM_SHA256";

    /// <summary>Length of the tag over an empty text, in bytes.</summary>
    public const int TagLength = 16;

    private const int HashLength = SHA256.HashSizeInBytes;
    private static readonly byte[] NonceZero = new byte[12];

    private byte[] _chainingKey;
    private byte[] _key = [];

    public NoiseState(string protocol, byte prologue)
    {
        // "If protocol_name is less than or equal to HASHLEN bytes in length, sets h equal to protocol_name with zero bytes appended"
        Hash = new byte[HashLength];
        Encoding.ASCII.GetBytes(protocol, Hash);
        _chainingKey = Hash;
        MixHash([prologue]);
    }

    /// <summary>h: what both ends have seen so far.</summary>
    public byte[] Hash { get; private set; }

    public void MixHash(ReadOnlySpan<byte> data) => Hash = SHA256.HashData([.. Hash, .. data]);

    public void MixKey(ReadOnlySpan<byte> input)
    {
        var output = Expand(input, 2);
        _chainingKey = output[..HashLength];
        _key = output[HashLength..];
    }

    public void MixKeyAndHash(ReadOnlySpan<byte> input)
    {
        var output = Expand(input, 3);
        _chainingKey = output[..HashLength];
        MixHash(output.AsSpan(HashLength, HashLength));
        _key = output[(2 * HashLength)..];
    }

    /// <summary>EncryptAndHash of the empty text: its tag.</summary>
    public byte[] SealNothing()
    {
        var tag = new byte[TagLength];
        using (var aes = new AesGcm(_key, TagLength)) aes.Encrypt(NonceZero, ReadOnlySpan<byte>.Empty, Span<byte>.Empty, tag, Hash);
        MixHash(tag);
        return tag;
    }

    /// <summary>DecryptAndHash of the empty text.</summary>
    /// <returns>False when the other end does not have the same keys or has not seen the same bytes.</returns>
    public bool OpenNothing(ReadOnlySpan<byte> tag)
    {
        using (var aes = new AesGcm(_key, TagLength))
        {
            try { aes.Decrypt(NonceZero, ReadOnlySpan<byte>.Empty, tag, Span<byte>.Empty, Hash); }
            catch (AuthenticationTagMismatchException) { return false; }
        }

        MixHash(tag);
        return true;
    }

    /// <summary>Split: the keys of both directions.</summary>
    public HandshakeResult Split()
    {
        var output = Expand([], 2);
        return new(Hash, output[..HashLength], output[HashLength..]);
    }

    private byte[] Expand(ReadOnlySpan<byte> input, int outputs)
    {
        // HKDF in its two halves: OpenSSL's whole one refuses the empty input that Split needs.
        var extracted = HMACSHA256.HashData(_chainingKey, input);
        return HKDF.Expand(HashAlgorithmName.SHA256, extracted, outputs * HashLength, []);
    }
}

/// <summary>What a handshake leaves.</summary>
/// <param name="HandshakeHash">The same at both ends, and at nobody else's: what a linking signature signs.</param>
/// <param name="InitiatorKey">AES-256 key of what the computer sends.</param>
/// <param name="ResponderKey">AES-256 key of what the phone sends.</param>
internal sealed record HandshakeResult(ByteString HandshakeHash, ByteString InitiatorKey, ByteString ResponderKey);

/// <summary>Both messages of both handshakes: an ephemeral key, and a tag.</summary>
internal static class HandshakeMessage
{
    public const int Length = P256Point.UncompressedLength + NoiseState.TagLength;

    /// <summary>From a QR code, and from a link.</summary>
    public const byte PrologueQrInitiated = 1, PrologueStateAssisted = 0;

    public static ByteString Encode(P256Point ephemeral, ReadOnlySpan<byte> tag) => new ByteWriter(Length).Bytes(ephemeral.Uncompressed).Bytes(tag).ToByteString();

    /// <exception cref="HybridException">Another length, or no point.</exception>
    public static (P256Point Ephemeral, ByteString Tag) Parse(ByteString message)
    {
        try
        {
            var reader = new ByteReader(message, "handshake message");
            var ephemeral = P256Point.ParseUncompressed(reader.ReadBytes(P256Point.UncompressedLength));
            var tag = reader.ReadBytes(NoiseState.TagLength);
            reader.ExpectEnd();
            return (ephemeral, tag);
        }
        catch (WireFormatException e)
        {
            throw new HybridException(HybridProblem.HandshakeFailed, e.Message, e);
        }
    }

    public static HybridException NotTheSame() => new(HybridProblem.HandshakeFailed, "The other end does not have the same keys, or the messages were altered on the way.");
}
