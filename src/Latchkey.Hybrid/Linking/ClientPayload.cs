using Latchkey.Hybrid.Qr;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;

namespace Latchkey.Hybrid.Linking;

/// <summary>By what a tunnel service knows a linked phone; the service chose it, and it is nobody else's to read.</summary>
public readonly record struct ContactId(ByteString Bytes)
{
    /// <summary>The longest one, in bytes.</summary>
    public const int MaxLength = 1024;

    /// <summary>The form in the address, base64url without padding.</summary>
    public override string ToString() => Bytes.ToBase64Url();
}

/// <summary>By what a linked phone knows a computer: 8 bytes.</summary>
public readonly record struct LinkId(ByteString Bytes)
{
    /// <summary>Length, in bytes.</summary>
    public const int Length = 8;
}

/// <summary>
/// What a computer sends a linked phone, by way of the tunnel service, so that both derive the keys of this meeting.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-state-assisted"/>
/// </summary>
/// <param name="LinkId">1: which link.</param>
/// <param name="Nonce">2: 16 random bytes, fresh for each meeting.</param>
/// <param name="OperationHint">3: what is about to be asked, as in a QR code.</param>
public sealed record ClientPayload(LinkId LinkId, ByteString Nonce, string OperationHint)
{
    /// <summary>Length of <see cref="Nonce"/>, in bytes.</summary>
    public const int NonceLength = 16;

    private const string Structure = "client payload";
    private const int KeyLinkId = 1, KeyNonce = 2, KeyOperation = 3;
    private const int MaxHintLength = 64;

    /// <summary>A fresh one.</summary>
    public static ClientPayload Create(LinkId linkId, HybridOperation operation) => new(linkId, ByteString.Random(NonceLength), HybridOperationHints.Of(operation));

    /// <summary>Reads the CBOR. Unknown members are passed over.</summary>
    /// <exception cref="WireFormatException">Not CBOR of this shape.</exception>
    public static ClientPayload Parse(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, WireCborReader.CtapMaxDepth);
        ByteString? linkId = null, nonce = null;
        string? operation = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadInt64())
            {
                case KeyLinkId: linkId = reader.ReadByteString(LinkId.Length); break;
                case KeyNonce: nonce = reader.ReadByteString(NonceLength); break;
                case KeyOperation: operation = reader.ReadText(MaxHintLength); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        if (linkId is not { Length: LinkId.Length } link) throw reader.Malformed($"has no link ID of {LinkId.Length} bytes");
        if (nonce is not { Length: NonceLength } fresh) throw reader.Malformed($"has no nonce of {NonceLength} bytes");
        return new(new(link), fresh, operation ?? throw reader.Malformed("has no operation"));
    }

    /// <summary>Writes the CBOR.</summary>
    public ByteString Encode() => new CanonicalCborWriter()
        .StartMap(3)
        .Integer(KeyLinkId).Bytes(LinkId.Bytes)
        .Integer(KeyNonce).Bytes(Nonce)
        .Integer(KeyOperation).Text(OperationHint)
        .EndMap().Encode();
}
