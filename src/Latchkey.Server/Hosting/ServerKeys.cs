using System.Security.Cryptography;
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
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(
            PrivateFiles.ReadOrCreate(Path.Combine(directory, "token-signing.key"), () => RSA.Create(3072).ExportPkcs8PrivateKey()), out _);
        return new ServerKeys(
            new RsaSecurityKey(rsa),
            new SymmetricSecurityKey(PrivateFiles.ReadOrCreate(Path.Combine(directory, "token-encryption.key"), Random32)),
            PrivateFiles.ReadOrCreate(Path.Combine(directory, "ceremony-seal.key"), Random32));
    }

    private static byte[] Random32() => RandomNumberGenerator.GetBytes(32);
}
