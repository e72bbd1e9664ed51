using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Latchkey.Server.Hosting;

/// <summary>
/// The server's own keys: made at the first start, kept in <c>DIR/keys</c>, readable by its own account only. The current ones sign, encrypt and seal;
/// retired ones still check and open, for as long as anything they issued can live (<see cref="KeyFiles"/>).
/// </summary>
public sealed class ServerKeys
{
    private const string Signing = "token-signing", Encryption = "token-encryption", Sealing = "ceremony-seal";

    // What 0.1.0 called its only sealing key.
    private const byte FirstSealId = 1;

    private static readonly string[] Names = [Signing, Encryption, Sealing];

    private ServerKeys(IReadOnlyList<byte[]> signing, IReadOnlyList<byte[]> encryption, IReadOnlyList<byte[]> sealing)
    {
        TokenSigning = [.. signing.Select(bytes => new RsaSecurityKey(Rsa(bytes)))];
        TokenEncryption = [.. encryption.Select(bytes => new SymmetricSecurityKey(bytes))];
        CeremonySeal = sealing[0];

        // Challenges name their key by a byte of its hash; those of 0.1.0 are the oldest key's.
        OlderSeals = sealing.Skip(1).Select(bytes => (Id: SealId(bytes), Key: bytes)).Append((Id: FirstSealId, Key: sealing[^1]))
            .Where(older => older.Id != SealId(CeremonySeal)).DistinctBy(older => older.Id).ToDictionary(older => older.Id, older => older.Key);
    }

    /// <summary>The current one first, then those that still check.</summary>
    public IReadOnlyList<RsaSecurityKey> TokenSigning { get; }

    /// <summary>The current one first, then those that still open.</summary>
    public IReadOnlyList<SymmetricSecurityKey> TokenEncryption { get; }

    /// <summary>32 bytes: seals pending ceremonies.</summary>
    public byte[] CeremonySeal { get; }

    /// <summary>What names that key in a challenge.</summary>
    public byte CeremonySealId => SealId(CeremonySeal);

    /// <summary>Keys that still open, by their names.</summary>
    public IReadOnlyDictionary<byte, byte[]> OlderSeals { get; }

    /// <summary>At a start: takes over the keys a rotation has made, and makes those that are missing.</summary>
    public static ServerKeys LoadOrCreate(string directory, TimeProvider? time = null)
    {
        PrivateFiles.CreateDirectory(directory);
        var files = new KeyFiles(directory, time ?? TimeProvider.System);
        return new ServerKeys(files.Load(Signing, NewRsa, IsRsa), files.Load(Encryption, Random32, Is32), files.Load(Sealing, Random32, Is32));
    }

    /// <summary>Makes new keys. They take over at the next start; until then nothing changes.</summary>
    public void Rotate(string directory, TimeProvider time)
    {
        var files = new KeyFiles(directory, time);
        foreach (var name in Names)
        {
            files.Prepare(name, name switch { Signing => NewRsa(), Encryption => Random32(), _ => NewSeal() });
        }
    }

    private byte[] NewSeal()
    {
        byte[] seal;
        do
        {
            seal = Random32();
        }
        while (SealId(seal) is var id && (id == FirstSealId || id == CeremonySealId || OlderSeals.ContainsKey(id)));

        return seal;
    }

    private static byte SealId(byte[] key) => SHA256.HashData(key)[0];

    private static RSA Rsa(byte[] bytes)
    {
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(bytes, out _);
        return rsa;
    }

    private static byte[] NewRsa()
    {
        using var rsa = RSA.Create(3072);
        return rsa.ExportPkcs8PrivateKey();
    }

    private static bool IsRsa(byte[] bytes)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportPkcs8PrivateKey(bytes, out var read);
            return read == bytes.Length;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static bool Is32(byte[] bytes) => bytes.Length == 32;

    private static byte[] Random32() => RandomNumberGenerator.GetBytes(32);
}
