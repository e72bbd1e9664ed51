using System.Security.Cryptography;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Vault;

/// <summary>
/// The bytes of a vault file: magic, version, <see cref="VaultHeader"/>, then the contents under the data key (AES-256-GCM), then
/// SHA-256 of all before. The hash is no protection; it tells a damaged file from a wrong PIN, and damage from an attempt.
/// </summary>
internal sealed record VaultFile(VaultHeader Header, ByteString Nonce, ByteString Ciphertext)
{
    public const byte Version = 1;

    private const string Structure = "vault file";
    private static readonly ByteString Magic = "LATCHKEY-VAULT"u8.ToArray();

    /// <summary>Reads a file.</summary>
    /// <exception cref="VaultDamagedException">Any byte is missing or not as it was written.</exception>
    /// <exception cref="VaultNewerVersionException">A newer program wrote it.</exception>
    public static VaultFile Parse(ByteString bytes)
    {
        try
        {
            var reader = new ByteReader(bytes, Structure);
            if (reader.ReadBytes(Magic.Length) != Magic) throw new VaultDamagedException("is no vault");
            var version = reader.ReadByte();
            if (version > Version) throw new VaultNewerVersionException(version);
            var end = bytes.Length - SHA256.HashSizeInBytes;
            if (version == 0 || end < reader.Offset || !bytes.Slice(end).FixedTimeEquals(SHA256.HashData(bytes.Slice(0, end))))
            {
                throw new VaultDamagedException("is not as it was written");
            }

            var header = VaultHeader.Read(ref reader);
            var nonce = reader.ReadBytes(VaultHeader.NonceLength);
            var ciphertext = reader.ReadBytes(end - reader.Offset);
            return ciphertext.Length >= VaultHeader.TagLength ? new(header, nonce, ciphertext) : throw new VaultDamagedException("has no contents");
        }
        catch (WireFormatException e)
        {
            throw new VaultDamagedException("is cut short or not as it was written", e);
        }
    }

    /// <summary>Writes the file.</summary>
    public ByteString Encode()
    {
        var writer = new ByteWriter(Magic.Length + 1 + VaultHeader.Length + Nonce.Length + Ciphertext.Length + SHA256.HashSizeInBytes).Bytes(Magic).Byte(Version);
        Header.Write(writer);
        var body = writer.Bytes(Nonce).Bytes(Ciphertext).ToByteString();
        return writer.Bytes(SHA256.HashData(body)).ToByteString();
    }

    /// <summary>Encrypts contents under the data key, with a fresh nonce. <paramref name="plaintext"/> is the caller's to erase.</summary>
    public static VaultFile Seal(VaultHeader header, ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> plaintext)
    {
        var nonce = ByteString.Random(VaultHeader.NonceLength);
        var ciphertext = new byte[plaintext.Length + VaultHeader.TagLength];
        using var aes = new AesGcm(dataKey, VaultHeader.TagLength);
        aes.Encrypt(nonce, plaintext, ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), Bound);
        return new(header, nonce, ciphertext);
    }

    /// <summary>Decrypts the contents; the caller erases them.</summary>
    /// <exception cref="VaultDamagedException">The contents are not what this key sealed.</exception>
    public byte[] Open(ReadOnlySpan<byte> dataKey)
    {
        var plaintext = new byte[Ciphertext.Length - VaultHeader.TagLength];
        try
        {
            using var aes = new AesGcm(dataKey, VaultHeader.TagLength);
            aes.Decrypt(Nonce, Ciphertext.Span[..plaintext.Length], Ciphertext.Span[plaintext.Length..], plaintext, Bound);
            return plaintext;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new VaultDamagedException("has contents its key did not seal", e);
        }
    }

    // The header's wrapped key binds itself; the count of attempts must change without the data key, so it is bound by nothing.
    private static byte[] Bound => new ByteWriter().Bytes(Magic).Byte(Version).ToByteString().ToArray();
}
