using System.Security.Cryptography;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// SHA-256 of the serialized client data, 32 bytes: what the authenticator signs instead of the client data.
/// <see href="https://www.w3.org/TR/webauthn-3/#collectedclientdata-hash-of-the-serialized-client-data"/>
/// </summary>
public readonly record struct ClientDataHash(ByteString Bytes)
{
    /// <summary>Length in bytes.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>Hashes the client data exactly as it was received or written.</summary>
    public static ClientDataHash Of(ReadOnlySpan<byte> clientDataJson) => new(SHA256.HashData(clientDataJson));
}
