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

    // A file is not to make its reader take all memory or all day: at most four times the default's memory, and about five times its work.
    private const uint MostKibibytes = 256 * 1024;
    private const ulong MostWork = 1024 * 1024;

    public bool IsSane => MemoryKibibytes is >= 8 and <= MostKibibytes && Passes >= 1 && (ulong)MemoryKibibytes * Passes <= MostWork;

    /// <summary>The key that a PIN or a passphrase stands for. The caller erases it.</summary>
    /// <exception cref="VaultMemoryException">The machine has not that much memory.</exception>
    public byte[] Derive(string secret, ByteString salt, int length)
    {
        var bytes = Pin.ToBytes(secret);
        try
        {
            var argon2 = new Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = MemoryKibibytes, NumberOfPasses = Passes });
            // bytes, not the string: the overload for strings would hash UTF-16
            return argon2.DeriveBytes(bytes, salt, length);
        }
        catch (Exception e) when (e is CryptographicException or OutOfMemoryException)
        {
            throw new VaultMemoryException(MemoryKibibytes / 1024, e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
