using System.Security.Cryptography;
using Latchkey.Protocol.Cbor;

namespace Latchkey.RelyingParty.Ceremonies;

/// <summary>
/// Memory one ceremony after the other can use, so that verifying allocates nothing. Not safe for concurrent use; byte
/// strings in the facts of a ceremony over JSON borrow it until the next one.
/// </summary>
/// <param name="form">In which form attestation objects, authenticator data and keys are taken.</param>
public sealed class CeremonyWorkspace(CborForm form = CborForm.AnyOrder)
{
    private const int InitialLength = 4096;

    [ThreadStatic]
    private static CeremonyWorkspace? _ofThisThread;

    private byte[] _decoded = [];
    private byte[] _signed = new byte[InitialLength];

    /// <summary>One for callers that keep nothing of it: a ceremony runs on one thread from begin to end.</summary>
    internal static CeremonyWorkspace OfThisThread => _ofThisThread ??= new();

    /// <summary>The one CBOR reader, reset for each structure.</summary>
    internal WireCborReader Cbor { get; } = new("nothing", default, form: form);

    /// <summary>Where a response's byte strings are decoded to: at least <paramref name="length"/> bytes.</summary>
    internal byte[] Decoded(int length)
    {
        if (_decoded.Length < length)
        {
            _decoded = new byte[Math.Max(length, InitialLength)];
        }

        return _decoded;
    }

    /// <summary>What both kinds of signature are over: the authenticator data as it arrived, then the client data's hash.</summary>
    internal ReadOnlySpan<byte> Signed(ReadOnlySpan<byte> authenticatorData, ReadOnlySpan<byte> clientDataJson)
    {
        var length = authenticatorData.Length + SHA256.HashSizeInBytes;
        if (_signed.Length < length)
        {
            _signed = new byte[length];
        }

        authenticatorData.CopyTo(_signed);
        SHA256.HashData(clientDataJson, _signed.AsSpan(authenticatorData.Length));
        return _signed.AsSpan(0, length);
    }
}
