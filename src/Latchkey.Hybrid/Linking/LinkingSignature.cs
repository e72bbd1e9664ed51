using System.Security.Cryptography;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Linking;

/// <summary>
/// Ties linking information to the meeting in which it is given: HMAC-SHA256 of the handshake hash, by the secret that the phone's link
/// key and the QR code's identity key agree on. Either end can make it, nobody else.
/// </summary>
internal static class LinkingSignature
{
    public const int Length = 32;

    public static ByteString Compute(P256KeyPair ours, P256Point theirs, ByteString handshakeHash) => HMACSHA256.HashData(ours.Agree(theirs), handshakeHash);
}
