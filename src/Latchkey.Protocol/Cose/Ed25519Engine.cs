using NSec.Cryptography;

namespace Latchkey.Protocol.Cose;

/// <summary>Ed25519 by libsodium, which the BCL lacks; its import costs nothing and takes any bytes, its verification refuses points of small order.</summary>
internal static class Ed25519Engine
{
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        PublicKey.TryImport(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey, out var key)
        && SignatureAlgorithm.Ed25519.Verify(key!, data, signature);
}
