using System.Security.Cryptography;
using System.Text;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// SHA-256 of an RP ID, 32 bytes.
/// <see href="https://www.w3.org/TR/webauthn-3/#authdata-rpidhash"/>
/// </summary>
public readonly record struct RpIdHash(ByteString Bytes)
{
    /// <summary>Length in bytes.</summary>
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>Hashes the UTF-8 of an RP ID (or of an AppID, which stands in its place).</summary>
    public static RpIdHash Of(string rpId) => new(SHA256.HashData(Encoding.UTF8.GetBytes(rpId)));
}
