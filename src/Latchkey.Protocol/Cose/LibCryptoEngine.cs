using System.Security.Cryptography;

namespace Latchkey.Protocol.Cose;

/// <summary>
/// OpenSSL's libcrypto without the detour through the BCL: the point goes straight into an <c>EC_KEY</c>, the modulus
/// straight into an <c>RSA</c>. <c>EC_KEY_oct2key</c> checks that the point is on the curve, which suffices where the
/// cofactor is 1, as on all three curves here. Native objects live for one call or in a pool, so nothing needs a finalizer.
/// </summary>
internal sealed unsafe class LibCryptoEngine : SignatureEngine
{
    private const int NidP256 = 415;
    private const int NidP384 = 715;
    private const int NidP521 = 716;
    private const int NidSha256 = 672;
    private const int NidSha384 = 673;
    private const int NidSha512 = 674;
    private const int RsaNoPadding = 3;
    private const int PssSaltAsLongAsDigest = -1;
    private const int EvpEd448 = 1088;
    private const int Ed448SignatureLength = 114;
    private const byte UncompressedPoint = 0x04;

    private readonly LibCrypto _native;
    private readonly EcKeyPool _p256;
    private readonly EcKeyPool _p384;
    private readonly EcKeyPool _p521;

    private LibCryptoEngine(LibCrypto native)
    {
        _native = native;
        _p256 = new(native, NidP256);
        _p384 = new(native, NidP384);
        _p521 = new(native, NidP521);
    }

    public override string Name => "libcrypto";

    public override bool HasEd448 => true;

    /// <summary>The engine, or null where there is no such library or it does not verify a known signature and refuse a damaged one.</summary>
    public static LibCryptoEngine? TryCreate() => LibCrypto.TryLoad() is { } native && new LibCryptoEngine(native) is var engine && engine.AnswersProbe() ? engine : null;

    public override bool IsOnCurve(CoseCurve curve, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        var pool = PoolOf(curve);
        var key = Import(pool, x, y);
        if (key == 0)
        {
            return false;
        }

        pool.Return(key);
        return true;
    }

    public override bool VerifyEcdsa(CoseCurve curve, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        var pool = PoolOf(curve);
        var key = Import(pool, x, y);
        if (key == 0)
        {
            return false;
        }

        int result;
        fixed (byte* digestBytes = digest, signatureBytes = signature)
        {
            result = _native.EcdsaVerify(0, digestBytes, digest.Length, signatureBytes, signature.Length, key);
        }

        pool.Return(key);
        return Succeeded(result);
    }

    public override bool VerifyPkcs1(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, HashAlgorithmName hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        var key = Import(modulus, exponent);
        if (key == 0)
        {
            return false;
        }

        int result;
        fixed (byte* digestBytes = digest, signatureBytes = signature)
        {
            var nid = digest.Length switch { SHA256.HashSizeInBytes => NidSha256, SHA384.HashSizeInBytes => NidSha384, _ => NidSha512 };
            result = _native.RsaVerify(nid, digestBytes, (uint)digest.Length, signatureBytes, (uint)signature.Length, key);
        }

        _native.RsaFree(key);
        return Succeeded(result);
    }

    public override bool VerifyPss(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent, HashAlgorithmName hash, ReadOnlySpan<byte> digest, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != modulus.Length || Import(modulus, exponent) is var key && key == 0)
        {
            return false;
        }

        var result = 0;
        Span<byte> encoded = stackalloc byte[CoseKey.MaxModulusLength];
        fixed (byte* digestBytes = digest, signatureBytes = signature, encodedBytes = encoded)
        {
            if (_native.RsaPublicDecrypt(signature.Length, signatureBytes, encodedBytes, key, RsaNoPadding) == modulus.Length)
            {
                var md = digest.Length switch { SHA256.HashSizeInBytes => _native.EvpSha256(), SHA384.HashSizeInBytes => _native.EvpSha384(), _ => _native.EvpSha512() };
                result = _native.RsaVerifyPss(key, digestBytes, md, md, encodedBytes, PssSaltAsLongAsDigest);
            }
        }

        _native.RsaFree(key);
        return Succeeded(result);
    }

    public override bool VerifyEd448(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != Ed448SignatureLength)
        {
            return false;
        }

        var result = 0;
        fixed (byte* keyBytes = publicKey, dataBytes = data, signatureBytes = signature)
        {
            var key = _native.EvpNewRawPublicKey(EvpEd448, 0, keyBytes, (nuint)publicKey.Length);
            var context = _native.EvpMdCtxNew();
            if (key != 0 && context != 0 && _native.EvpDigestVerifyInit(context, 0, 0, 0, key) == 1)
            {
                result = _native.EvpDigestVerify(context, signatureBytes, (nuint)signature.Length, dataBytes, (nuint)data.Length);
            }

            _native.EvpMdCtxFree(context);
            _native.EvpPkeyFree(key);
        }

        return Succeeded(result);
    }

    private EcKeyPool PoolOf(CoseCurve curve) => curve switch { CoseCurve.P256 => _p256, CoseCurve.P384 => _p384, _ => _p521 };

    private nint Import(EcKeyPool pool, ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        var key = pool.Rent();
        Span<byte> point = stackalloc byte[1 + (2 * CoseKey.MaxCoordinateLength)];
        point[0] = UncompressedPoint;
        x.CopyTo(point[1..]);
        y.CopyTo(point[(1 + x.Length)..]);
        fixed (byte* pointBytes = point)
        {
            if (key != 0 && _native.EcKeyOct2Key(key, pointBytes, (nuint)(1 + x.Length + y.Length), 0) == 1)
            {
                return key;
            }
        }

        // Not given back: what it holds now is nobody's point.
        _native.EcKeyFree(key);
        _native.ErrClear();
        return 0;
    }

    private nint Import(ReadOnlySpan<byte> modulus, ReadOnlySpan<byte> exponent)
    {
        fixed (byte* n = modulus, e = exponent)
        {
            var key = _native.RsaNew();
            var modulusNumber = _native.BnBin2Bn(n, modulus.Length, 0);
            var exponentNumber = _native.BnBin2Bn(e, exponent.Length, 0);
            // On success the key owns both numbers.
            if (key != 0 && modulusNumber != 0 && exponentNumber != 0 && _native.RsaSet0Key(key, modulusNumber, exponentNumber, 0) == 1)
            {
                return key;
            }

            _native.BnFree(modulusNumber);
            _native.BnFree(exponentNumber);
            _native.RsaFree(key);
            _native.ErrClear();
            return 0;
        }
    }

    // A failure leaves notes in the thread's error queue, where the next user of the library would find them.
    private bool Succeeded(int result)
    {
        if (result == 1)
        {
            return true;
        }

        _native.ErrClear();
        return false;
    }

    // RFC 6979 A.2.5: P-256, SHA-256, message "sample".
    private bool AnswersProbe()
    {
        var x = Convert.FromHexString("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6");
        var y = Convert.FromHexString("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299");
        var signature = Convert.FromHexString(
            "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
        var digest = SHA256.HashData("sample"u8);
        var good = VerifyEcdsa(CoseCurve.P256, x, y, digest, signature);
        digest[0] ^= 1;
        return good && !VerifyEcdsa(CoseCurve.P256, x, y, digest, signature) && !IsOnCurve(CoseCurve.P256, y, x);
    }
}
