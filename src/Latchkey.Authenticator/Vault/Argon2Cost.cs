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

    /// <summary>The key that a PIN or a passphrase stands for. The caller erases it.</summary>
    public byte[] Derive(string secret, ByteString salt, int length)
    {
        var bytes = Pin.ToBytes(secret);
        try
        {
            var argon2 = new Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = MemoryKibibytes, NumberOfPasses = Passes });
            // bytes, not the string: the overload for strings would hash UTF-16
            return argon2.DeriveBytes(bytes, salt, length);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
