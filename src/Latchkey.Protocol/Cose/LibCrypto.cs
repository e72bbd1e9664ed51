using System.Runtime.InteropServices;

namespace Latchkey.Protocol.Cose;

/// <summary>
/// The few functions of OpenSSL's libcrypto that the engine calls, found by name: a library without one of them counts
/// as absent. Only on Linux and FreeBSD; elsewhere the system's own cryptography is the BCL's.
/// </summary>
internal sealed unsafe class LibCrypto
{
    private static readonly string[] Names = ["libcrypto.so.3", "libcrypto.so.4", "libcrypto.so"];

    public readonly delegate* unmanaged<int, nint> EcKeyNew;
    public readonly delegate* unmanaged<nint, void> EcKeyFree;
    public readonly delegate* unmanaged<nint, byte*, nuint, nint, int> EcKeyOct2Key;
    public readonly delegate* unmanaged<int, byte*, int, byte*, int, nint, int> EcdsaVerify;
    public readonly delegate* unmanaged<nint> RsaNew;
    public readonly delegate* unmanaged<nint, void> RsaFree;
    public readonly delegate* unmanaged<nint, nint, nint, nint, int> RsaSet0Key;
    public readonly delegate* unmanaged<int, byte*, uint, byte*, uint, nint, int> RsaVerify;
    public readonly delegate* unmanaged<int, byte*, byte*, nint, int, int> RsaPublicDecrypt;
    public readonly delegate* unmanaged<nint, byte*, nint, nint, byte*, int, int> RsaVerifyPss;
    public readonly delegate* unmanaged<byte*, int, nint, nint> BnBin2Bn;
    public readonly delegate* unmanaged<nint, void> BnFree;
    public readonly delegate* unmanaged<nint> EvpSha256;
    public readonly delegate* unmanaged<nint> EvpSha384;
    public readonly delegate* unmanaged<nint> EvpSha512;
    public readonly delegate* unmanaged<int, nint, byte*, nuint, nint> EvpNewRawPublicKey;
    public readonly delegate* unmanaged<nint, void> EvpPkeyFree;
    public readonly delegate* unmanaged<nint> EvpMdCtxNew;
    public readonly delegate* unmanaged<nint, void> EvpMdCtxFree;
    public readonly delegate* unmanaged<nint, nint, nint, nint, nint, int> EvpDigestVerifyInit;
    public readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int> EvpDigestVerify;
    public readonly delegate* unmanaged<void> ErrClear;

    private LibCrypto(nint library)
    {
        EcKeyNew = (delegate* unmanaged<int, nint>)NativeLibrary.GetExport(library, "EC_KEY_new_by_curve_name");
        EcKeyFree = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "EC_KEY_free");
        EcKeyOct2Key = (delegate* unmanaged<nint, byte*, nuint, nint, int>)NativeLibrary.GetExport(library, "EC_KEY_oct2key");
        EcdsaVerify = (delegate* unmanaged<int, byte*, int, byte*, int, nint, int>)NativeLibrary.GetExport(library, "ECDSA_verify");
        RsaNew = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "RSA_new");
        RsaFree = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "RSA_free");
        RsaSet0Key = (delegate* unmanaged<nint, nint, nint, nint, int>)NativeLibrary.GetExport(library, "RSA_set0_key");
        RsaVerify = (delegate* unmanaged<int, byte*, uint, byte*, uint, nint, int>)NativeLibrary.GetExport(library, "RSA_verify");
        RsaPublicDecrypt = (delegate* unmanaged<int, byte*, byte*, nint, int, int>)NativeLibrary.GetExport(library, "RSA_public_decrypt");
        RsaVerifyPss = (delegate* unmanaged<nint, byte*, nint, nint, byte*, int, int>)NativeLibrary.GetExport(library, "RSA_verify_PKCS1_PSS_mgf1");
        BnBin2Bn = (delegate* unmanaged<byte*, int, nint, nint>)NativeLibrary.GetExport(library, "BN_bin2bn");
        BnFree = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "BN_free");
        EvpSha256 = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "EVP_sha256");
        EvpSha384 = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "EVP_sha384");
        EvpSha512 = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "EVP_sha512");
        EvpNewRawPublicKey = (delegate* unmanaged<int, nint, byte*, nuint, nint>)NativeLibrary.GetExport(library, "EVP_PKEY_new_raw_public_key");
        EvpPkeyFree = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "EVP_PKEY_free");
        EvpMdCtxNew = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "EVP_MD_CTX_new");
        EvpMdCtxFree = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "EVP_MD_CTX_free");
        EvpDigestVerifyInit = (delegate* unmanaged<nint, nint, nint, nint, nint, int>)NativeLibrary.GetExport(library, "EVP_DigestVerifyInit");
        EvpDigestVerify = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int>)NativeLibrary.GetExport(library, "EVP_DigestVerify");
        ErrClear = (delegate* unmanaged<void>)NativeLibrary.GetExport(library, "ERR_clear_error");
    }

    /// <summary>The library, or null where there is none with all of these functions.</summary>
    public static LibCrypto? TryLoad()
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsFreeBSD())
        {
            return null;
        }

        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library))
            {
                continue;
            }

            try
            {
                return new(library);
            }
            catch (EntryPointNotFoundException)
            {
                NativeLibrary.Free(library); // another library of that name, or a later version without these functions
            }
        }

        return null;
    }
}
