using System.Security.Cryptography;
using Latchkey.TunnelService;
using Microsoft.IdentityModel.Tokens;

namespace Latchkey.Server.Hosting;

/// <summary>The server's own keys: made at the first start, kept in <c>DIR/keys</c>, readable by its own account only.</summary>
public sealed class ServerKeys
{
    private ServerKeys(RsaSecurityKey tokenSigning, SymmetricSecurityKey tokenEncryption, byte[] ceremonySeal)
    {
        TokenSigning = tokenSigning;
        TokenEncryption = tokenEncryption;
        CeremonySeal = ceremonySeal;
    }

    public RsaSecurityKey TokenSigning { get; }

    public SymmetricSecurityKey TokenEncryption { get; }

    /// <summary>32 bytes: seals pending ceremonies.</summary>
    public byte[] CeremonySeal { get; }

    public static ServerKeys LoadOrCreate(string directory)
    {
        PrivateFiles.CreateDirectory(directory);
        return new ServerKeys(
            new RsaSecurityKey(LoadOrCreateRsa(Path.Combine(directory, "token-signing.key"))),
            new SymmetricSecurityKey(LoadOrCreate32(Path.Combine(directory, "token-encryption.key"))),
            LoadOrCreate32(Path.Combine(directory, "ceremony-seal.key")));
    }

    private static RSA LoadOrCreateRsa(string file)
    {
        var rsa = RSA.Create();
        var bytes = PrivateFiles.ReadOrCreate(file, () => RSA.Create(3072).ExportPkcs8PrivateKey());
        try
        {
            rsa.ImportPkcs8PrivateKey(bytes, out var read);
            return read == bytes.Length ? rsa : throw Damaged(file);
        }
        catch (CryptographicException)
        {
            throw Damaged(file);
        }
    }

    private static byte[] LoadOrCreate32(string file) => PrivateFiles.ReadOrCreate(file, Random32) is { Length: 32 } bytes ? bytes : throw Damaged(file);

    private static StartException Damaged(string file) => new(
        $"The key {file} is damaged or empty. Put it back from a backup; if there is none, delete it, and a new one is made: everybody is signed out then, and what it sealed is lost.");

    private static byte[] Random32() => RandomNumberGenerator.GetBytes(32);
}
