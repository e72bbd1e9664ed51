using System.Security.Cryptography;
using Latchkey.Protocol;
using NSec.Cryptography;

namespace Latchkey.Authenticator.Vault;

/// <summary>What the key derivation costs; stored in the file, so that it can grow with the machines.</summary>
/// <param name="MemoryKibibytes">Memory, in KiB.</param>
/// <param name="Passes">Passes over it.</param>
internal sealed record Argon2Cost(uint MemoryKibibytes, uint Passes)
{
    /// <summary>RFC 9106 §4, second recommended option (64 MiB, 3 passes), on one lane: NSec has no more.</summary>
    public static Argon2Cost Default { get; } = new(64 * 1024, 3);

    // A file is not to make its reader take all memory or all day.
    public bool IsSane => MemoryKibibytes is >= 8 and <= 1024 * 1024 && Passes is >= 1 and <= 64;
}

/// <summary>
/// The readable part of a vault file: how to get from the PIN to the data key, and how many wrong PINs may follow. The data key is
/// random and wrapped by a key derived from the PIN (Argon2id): a change of PIN wraps it anew, and checking a PIN is unwrapping it.
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
        var pinKey = Derive(pin, salt, cost);
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
        var pinKey = Derive(pin, Salt, Cost);
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

    public void Write(ByteWriter writer) => writer
        .UInt32(Cost.MemoryKibibytes).UInt32(Cost.Passes)
        .Bytes(Salt)
        .Bytes(WrapNonce)
        .Bytes(WrappedKey)
        .Byte(AttemptsLeft);

    private static byte[] BoundTo(Argon2Cost cost, ByteString salt) =>
        new ByteWriter().UInt32(cost.MemoryKibibytes).UInt32(cost.Passes).Bytes(salt).ToByteString().ToArray();

    private static byte[] Derive(string pin, ByteString salt, Argon2Cost cost)
    {
        var bytes = Pin.ToBytes(pin);
        try
        {
            var argon2 = new Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = cost.MemoryKibibytes, NumberOfPasses = cost.Passes });
            // bytes, not the string: the overload for strings would hash UTF-16
            return argon2.DeriveBytes(bytes, salt, KeyLength);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
