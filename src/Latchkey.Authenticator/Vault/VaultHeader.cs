using System.Security.Cryptography;
using Latchkey.Protocol;

namespace Latchkey.Authenticator.Vault;

/// <summary>
/// The readable part of a vault file: how to get from the PIN to the data key, and how many wrong PINs may follow. The data key is
/// random and wrapped by a key derived from the PIN (Argon2id): checking a PIN is unwrapping it, and a change of PIN is another data key, so
/// that no earlier copy of the file with an earlier PIN leads to it.
/// </summary>
internal sealed record VaultHeader(Argon2Cost Cost, ByteString Salt, ByteString WrapNonce, ByteString WrappedKey, byte AttemptsLeft)
{
    public const int KeyLength = 32;
    public const int NonceLength = 12;
    public const int TagLength = 16;
    public const int SaltLength = 16;

    /// <summary>CTAP §6.5.5.7: "maximum of 8 retries".</summary>
    public const byte MaxAttempts = 8;

    /// <summary>Length in bytes: cost, salt, wrapped key, attempts.</summary>
    public const int Length = 4 + 4 + SaltLength + NonceLength + KeyLength + TagLength + 1;

    /// <summary>A header with a fresh salt that wraps <paramref name="dataKey"/> by a PIN.</summary>
    public static VaultHeader Wrap(string pin, ReadOnlySpan<byte> dataKey, Argon2Cost cost)
    {
        var salt = ByteString.Random(SaltLength);
        var nonce = ByteString.Random(NonceLength);
        var wrapped = new byte[KeyLength + TagLength];
        var pinKey = cost.Derive(pin, salt, KeyLength);
        try
        {
            using var aes = new AesGcm(pinKey, TagLength);
            aes.Encrypt(nonce, dataKey, wrapped.AsSpan(0, KeyLength), wrapped.AsSpan(KeyLength), BoundTo(cost, salt));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pinKey);
        }

        return new(cost, salt, nonce, wrapped, MaxAttempts);
    }

    /// <summary>The data key, or null when the PIN is wrong. The caller erases it.</summary>
    public byte[]? Unwrap(string pin)
    {
        var dataKey = new byte[KeyLength];
        var pinKey = Cost.Derive(pin, Salt, KeyLength);
        try
        {
            using var aes = new AesGcm(pinKey, TagLength);
            aes.Decrypt(WrapNonce, WrappedKey.Span[..KeyLength], WrappedKey.Span[KeyLength..], dataKey, BoundTo(Cost, Salt));
            return dataKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pinKey);
        }
    }

    public static VaultHeader Read(ref ByteReader reader)
    {
        var cost = new Argon2Cost(reader.ReadUInt32(), reader.ReadUInt32());
        var salt = reader.ReadBytes(SaltLength);
        var nonce = reader.ReadBytes(NonceLength);
        var wrapped = reader.ReadBytes(KeyLength + TagLength);
        var attempts = reader.ReadByte();
        return cost.IsSane && attempts <= MaxAttempts ? new(cost, salt, nonce, wrapped, attempts) : throw reader.Wrong("has a header nobody wrote");
    }

    public void Write(ByteWriter writer)
    {
        WriteBound(writer);
        writer.Byte(AttemptsLeft);
    }

    /// <summary>What the contents are bound to: all but the attempts, which are counted without the data key.</summary>
    public void WriteBound(ByteWriter writer) => writer
        .UInt32(Cost.MemoryKibibytes).UInt32(Cost.Passes)
        .Bytes(Salt)
        .Bytes(WrapNonce)
        .Bytes(WrappedKey);

    private static byte[] BoundTo(Argon2Cost cost, ByteString salt) =>
        new ByteWriter().UInt32(cost.MemoryKibibytes).UInt32(cost.Passes).Bytes(salt).ToByteString().ToArray();
}
