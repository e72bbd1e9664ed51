using System.Text.Json.Serialization;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;

namespace Latchkey.Authenticator.Vault;

/// <summary>
/// The key by which this device answers one account's server: made here, and kept in this vault alone. It is no passkey: it signs what the
/// person decided, and signs nobody in by itself.
/// </summary>
/// <param name="PrivateKey">The P-256 scalar, 32 bytes.</param>
/// <param name="Id">What the server calls this device; absent while it has not answered the registration.</param>
public sealed record VaultDevice(ByteString PrivateKey, string? Id = null)
{
    /// <summary>The public half, as the COSE_Key bytes the server keeps.</summary>
    [JsonIgnore]
    public ByteString PublicKey => CredentialKey.PublicKeyOf(PrivateKey).Encode();

    /// <summary>A fresh key, known to no server.</summary>
    public static VaultDevice Create() => new(CredentialKey.Generate(CoseAlgorithm.ES256).PrivateKey);

    /// <summary>Signs a statement: ES256, as ASN.1 DER.</summary>
    public ByteString Sign(ByteString statement) => CredentialKey.Sign(CoseAlgorithm.ES256, PrivateKey, statement);

    /// <summary>What may be printed: never the key.</summary>
    public override string ToString() => $"Device {Id ?? "not registered"}";
}
