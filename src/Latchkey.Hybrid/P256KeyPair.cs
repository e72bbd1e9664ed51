using System.Security.Cryptography;
using Latchkey.Protocol;

namespace Latchkey.Hybrid;

/// <summary>A key pair for key agreement on P-256.</summary>
public sealed class P256KeyPair : IDisposable
{
    private readonly ECDiffieHellman _key;

    private P256KeyPair(ECDiffieHellman key)
    {
        _key = key;
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        Public = P256Point.ParseUncompressed((byte[])[0x04, .. q.X!, .. q.Y!]);
    }

    /// <summary>The public half.</summary>
    public P256Point Public { get; }

    /// <summary>A fresh pair.</summary>
    public static P256KeyPair Generate() => new(ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>The pair of a private key kept before.</summary>
    /// <param name="privateKey">The private number, 32 bytes big-endian.</param>
    /// <exception cref="WireFormatException">No private key of this curve.</exception>
    public static P256KeyPair FromPrivateKey(ByteString privateKey)
    {
        try
        {
            return new(ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = privateKey.ToArray() }));
        }
        catch (CryptographicException e)
        {
            throw new WireFormatException("P-256 private key", 0, "is none", e);
        }
    }

    /// <summary>The private number, 32 bytes big-endian, for whoever keeps it.</summary>
    public ByteString ExportPrivateKey() => _key.ExportParameters(includePrivateParameters: true).D!;

    /// <summary>The X coordinate of the point both agree on, 32 bytes big-endian.</summary>
    public ByteString Agree(P256Point other)
    {
        using var key = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new() { X = other.X.ToArray(), Y = other.Y.ToArray() } });
        using var publicKey = key.PublicKey;
        return _key.DeriveRawSecretAgreement(publicKey);
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
