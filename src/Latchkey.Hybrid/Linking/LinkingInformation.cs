using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;

namespace Latchkey.Hybrid.Linking;

/// <summary>
/// What a phone gives a computer, in an update message, so that they can meet again without a QR code.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-linking"/>
/// </summary>
/// <param name="ContactId">1: by what the tunnel service knows the phone.</param>
/// <param name="LinkId">2: by what the phone knows the computer.</param>
/// <param name="LinkSecret">3: 32 bytes; the keys of every later meeting come from them.</param>
/// <param name="PhoneKey">4: what the phone proves itself with.</param>
/// <param name="PhoneName">5: what the person calls the phone.</param>
/// <param name="Signature">6: ties it to the meeting in which it is given; <see cref="IsFrom"/>.</param>
internal sealed record LinkingInformation(ContactId ContactId, LinkId LinkId, ByteString LinkSecret, P256Point PhoneKey, string PhoneName, ByteString Signature)
{
    public const int SecretLength = 32;

    private const string Structure = "linking information";
    private const int KeyUpdateLinking = 1;
    private const int KeyContactId = 1, KeyLinkId = 2, KeyLinkSecret = 3, KeyPhoneKey = 4, KeyPhoneName = 5, KeySignature = 6;
    private const int MaxNameLength = 256;

    /// <summary>Reads an update message. Unknown members are passed over.</summary>
    /// <returns>Null when the update is about something else.</returns>
    /// <exception cref="WireFormatException">Not CBOR of this shape.</exception>
    public static LinkingInformation? ParseUpdate(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, WireCborReader.CtapMaxDepth);
        LinkingInformation? linking = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            if (reader.ReadInt64() == KeyUpdateLinking) linking = Parse(reader);
            else reader.SkipValue();
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        return linking;
    }

    /// <summary>Writes an update message.</summary>
    public ByteString EncodeUpdate() => new CanonicalCborWriter()
        .StartMap(1).Integer(KeyUpdateLinking)
        .StartMap(6)
        .Integer(KeyContactId).Bytes(ContactId.Bytes)
        .Integer(KeyLinkId).Bytes(LinkId.Bytes)
        .Integer(KeyLinkSecret).Bytes(LinkSecret)
        .Integer(KeyPhoneKey).Bytes(PhoneKey.Uncompressed)
        .Integer(KeyPhoneName).Text(PhoneName)
        .Integer(KeySignature).Bytes(Signature)
        .EndMap()
        .EndMap().Encode();

    /// <summary>Whether the phone of this very meeting gave it, and holds the key it names.</summary>
    /// <param name="computer">The QR code's identity key.</param>
    /// <param name="handshakeHash">The meeting's.</param>
    public bool IsFrom(P256KeyPair computer, ByteString handshakeHash) => Signature.FixedTimeEquals(LinkingSignature.Compute(computer, PhoneKey, handshakeHash));

    private static LinkingInformation Parse(WireCborReader reader)
    {
        ByteString? contactId = null, linkId = null, secret = null, phoneKey = null, signature = null;
        string? name = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadInt64())
            {
                case KeyContactId: contactId = reader.ReadByteString(ContactId.MaxLength); break;
                case KeyLinkId: linkId = reader.ReadByteString(LinkId.Length); break;
                case KeyLinkSecret: secret = reader.ReadByteString(SecretLength); break;
                case KeyPhoneKey: phoneKey = reader.ReadByteString(P256Point.UncompressedLength); break;
                case KeyPhoneName: name = reader.ReadText(MaxNameLength); break;
                case KeySignature: signature = reader.ReadByteString(LinkingSignature.Length); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        if (linkId is not { Length: LinkId.Length } link) throw reader.Malformed($"has no link ID of {LinkId.Length} bytes");
        if (secret is not { Length: SecretLength } shared) throw reader.Malformed($"has no link secret of {SecretLength} bytes");
        return new(
            new(contactId ?? throw reader.Malformed("has no contact ID")),
            new(link),
            shared,
            P256Point.ParseUncompressed(phoneKey ?? throw reader.Malformed("has no authenticator public key")),
            name ?? throw reader.Malformed("has no authenticator name"),
            signature ?? throw reader.Malformed("has no signature"));
    }
}
