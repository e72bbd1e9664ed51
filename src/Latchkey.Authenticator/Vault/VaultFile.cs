using System.Security.Cryptography;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Vault;

/// <summary>
/// The bytes of a vault file: magic, version, <see cref="VaultHeader"/>, then the contents under the data key (AES-256-GCM, bound to all of the
/// header but the count of attempts), then SHA-256 of all before. The hash is no protection; it tells a damaged file from a wrong PIN, and damage
/// from an attempt. Format 1 bound the contents to no header, and kept its data key when the PIN was changed: it is read, and never written anew.
/// </summary>
internal sealed record VaultFile(VaultHeader Header, ByteString Nonce, ByteString Ciphertext, byte Version = VaultFile.CurrentVersion)
{
    public const byte CurrentVersion = 2;

    /// <summary>A vault holds keys and names; more than this, in bytes, is something else.</summary>
    public const int MaxLength = 64 * 1024 * 1024;

    private const byte UnboundVersion = 1;

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
            if (version > CurrentVersion) throw new VaultNewerVersionException(version);
            var end = bytes.Length - SHA256.HashSizeInBytes;
            if (version == 0 || end < reader.Offset || !bytes.Slice(end).FixedTimeEquals(SHA256.HashData(bytes.Slice(0, end))))
            {
                throw new VaultDamagedException("is not as it was written");
            }

            var header = VaultHeader.Read(ref reader);
            var nonce = reader.ReadBytes(VaultHeader.NonceLength);
            return end - reader.Offset >= VaultHeader.TagLength
                ? new(header, nonce, reader.ReadBytes(end - reader.Offset), version)
                : throw new VaultDamagedException("has no contents");
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
        aes.Encrypt(nonce, plaintext, ciphertext.AsSpan(0, plaintext.Length), ciphertext.AsSpan(plaintext.Length), Bound(CurrentVersion, header));
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
            aes.Decrypt(Nonce, Ciphertext.Span[..plaintext.Length], Ciphertext.Span[plaintext.Length..], plaintext, Bound(Version, Header));
            return plaintext;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new VaultDamagedException("has contents its key did not seal", e);
        }
    }

    // Another header cannot be put before the contents, so a PIN that was changed opens them no more. The count of attempts must change without
    // the data key, so it is bound by nothing.
    private static byte[] Bound(byte version, VaultHeader header)
    {
        var writer = new ByteWriter().Bytes(Magic).Byte(version);
        if (version != UnboundVersion) header.WriteBound(writer);
        return writer.ToByteString().ToArray();
    }
}
