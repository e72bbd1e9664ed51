using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Ctap;

/// <summary>
/// The parameters of authenticatorMakeCredential.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#authenticatorMakeCredential"/>
/// </summary>
/// <param name="ClientDataHash">0x01: what an attestation statement signs.</param>
/// <param name="Rp">0x02: for whom.</param>
/// <param name="User">0x03: for which account.</param>
/// <param name="PubKeyCredParams">0x04: COSE algorithm numbers, the most liked first; entries of unknown type are passed over.</param>
public sealed record MakeCredentialRequest(ClientDataHash ClientDataHash, CtapRelyingParty Rp, CtapUser User, IReadOnlyList<int> PubKeyCredParams)
{
    /// <summary>0x05: an authenticator that holds one of these makes no second; empty when absent.</summary>
    public IReadOnlyList<PublicKeyCredentialDescriptor> ExcludeList { get; init; } = [];

    /// <summary>0x06 <c>credProtect</c>: the protection asked for; other extensions are passed over.</summary>
    public CredentialProtection? CredProtect { get; init; }

    /// <summary>0x07 <c>rk</c>: a discoverable credential; absent means no.</summary>
    public bool? Rk { get; init; }

    /// <summary>0x07 <c>up</c>: user presence; absent means yes, and no is invalid.</summary>
    public bool? Up { get; init; }

    /// <summary>0x07 <c>uv</c>: user verification by the authenticator itself; absent means no.</summary>
    public bool? Uv { get; init; }

    /// <summary>0x08: proof made with a PIN/UV token; an authenticator that issues none refuses it.</summary>
    public ByteString? PinUvAuthParam { get; init; }

    /// <summary>0x09: the PIN/UV protocol of the proof.</summary>
    public uint? PinUvAuthProtocol { get; init; }

    /// <summary>0x0A: the kind of enterprise attestation asked for.</summary>
    public uint? EnterpriseAttestation { get; init; }

    /// <summary>0x0B: attestation statement formats, the most liked first; empty when absent.</summary>
    public IReadOnlyList<string> AttestationFormatsPreference { get; init; } = [];

    private const string Structure = "authenticatorMakeCredential request";
    private const int KeyClientDataHash = 0x01, KeyRp = 0x02, KeyUser = 0x03, KeyPubKeyCredParams = 0x04, KeyExcludeList = 0x05,
        KeyExtensions = 0x06, KeyOptions = 0x07, KeyPinUvAuthParam = 0x08, KeyPinUvAuthProtocol = 0x09,
        KeyEnterpriseAttestation = 0x0A, KeyAttestationFormatsPreference = 0x0B;

    /// <summary>Reads the CBOR after the command byte. Unknown parameters, options and extensions are passed over.</summary>
    /// <exception cref="WireFormatException">Not canonical CBOR of this shape, or a required parameter is missing.</exception>
    public static MakeCredentialRequest Parse(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, WireCborReader.CtapMaxDepth);
        ClientDataHash? clientDataHash = null;
        CtapRelyingParty? rp = null;
        CtapUser? user = null;
        IReadOnlyList<int>? algorithms = null;
        IReadOnlyList<PublicKeyCredentialDescriptor> excludeList = [];
        CredentialProtection? credProtect = null;
        CtapOptions options = default;
        ByteString? pinUvAuthParam = null;
        uint? pinUvAuthProtocol = null, enterpriseAttestation = null;
        IReadOnlyList<string> formats = [];
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadInt64())
            {
                case KeyClientDataHash: clientDataHash = CtapCbor.ReadClientDataHash(reader); break;
                case KeyRp: rp = CtapRelyingParty.Parse(reader); break;
                case KeyUser: user = CtapUser.Parse(reader); break;
                case KeyPubKeyCredParams: algorithms = CtapCbor.ReadAlgorithms(reader); break;
                case KeyExcludeList: excludeList = CtapCbor.ReadDescriptors(reader); break;
                case KeyExtensions: credProtect = ReadExtensions(reader); break;
                case KeyOptions: options = CtapOptions.Parse(reader); break;
                case KeyPinUvAuthParam: pinUvAuthParam = reader.ReadByteString(); break;
                case KeyPinUvAuthProtocol: pinUvAuthProtocol = reader.ReadUInt32(); break;
                case KeyEnterpriseAttestation: enterpriseAttestation = reader.ReadUInt32(); break;
                case KeyAttestationFormatsPreference: formats = CtapCbor.ReadTexts(reader); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        return new(
            clientDataHash ?? throw CtapCbor.Missing(reader, "clientDataHash"),
            rp ?? throw CtapCbor.Missing(reader, "rp"),
            user ?? throw CtapCbor.Missing(reader, "user"),
            algorithms ?? throw CtapCbor.Missing(reader, "pubKeyCredParams"))
        {
            ExcludeList = excludeList,
            CredProtect = credProtect,
            Rk = options.Rk,
            Up = options.Up,
            Uv = options.Uv,
            PinUvAuthParam = pinUvAuthParam,
            PinUvAuthProtocol = pinUvAuthProtocol,
            EnterpriseAttestation = enterpriseAttestation,
            AttestationFormatsPreference = formats,
        };
    }

    /// <summary>Writes the CBOR after the command byte.</summary>
    public ByteString Encode()
    {
        var options = new CtapOptions(Rk, Up, Uv);
        var writer = new CanonicalCborWriter();
        writer.StartMap(4 + (ExcludeList.Count == 0 ? 0 : 1) + (CredProtect is null ? 0 : 1) + (options.IsEmpty ? 0 : 1) + (PinUvAuthParam is null ? 0 : 1)
            + (PinUvAuthProtocol is null ? 0 : 1) + (EnterpriseAttestation is null ? 0 : 1) + (AttestationFormatsPreference.Count == 0 ? 0 : 1));
        writer.Integer(KeyClientDataHash).Bytes(ClientDataHash.Bytes);
        writer.Integer(KeyRp);
        Rp.Encode(writer);
        writer.Integer(KeyUser);
        User.Encode(writer);
        writer.Integer(KeyPubKeyCredParams);
        CtapCbor.WriteAlgorithms(writer, PubKeyCredParams);
        if (ExcludeList.Count != 0)
        {
            writer.Integer(KeyExcludeList);
            CtapCbor.WriteList(writer, ExcludeList, CtapCbor.WriteDescriptor);
        }

        if (CredProtect is { } level)
        {
            writer.Integer(KeyExtensions).StartMap(1).Text(CredentialProtectionNames.Extension).Integer((byte)level).EndMap();
        }

        if (!options.IsEmpty)
        {
            writer.Integer(KeyOptions);
            options.Encode(writer);
        }

        if (PinUvAuthParam is { } param) writer.Integer(KeyPinUvAuthParam).Bytes(param);
        if (PinUvAuthProtocol is { } protocol) writer.Integer(KeyPinUvAuthProtocol).Unsigned(protocol);
        if (EnterpriseAttestation is { } kind) writer.Integer(KeyEnterpriseAttestation).Unsigned(kind);
        if (AttestationFormatsPreference.Count != 0)
        {
            writer.Integer(KeyAttestationFormatsPreference);
            CtapCbor.WriteTexts(writer, AttestationFormatsPreference);
        }

        return writer.EndMap().Encode();
    }

    private static CredentialProtection? ReadExtensions(WireCborReader reader)
    {
        CredentialProtection? level = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            if (reader.ReadText() == CredentialProtectionNames.Extension)
            {
                var number = reader.ReadUInt32();
                level = number <= byte.MaxValue ? (CredentialProtection)number : throw reader.Malformed("has a credProtect level over one byte");
            }
            else
            {
                reader.SkipValue();
            }
        }

        reader.ReadEndMap();
        return level;
    }
}

/// <summary>
/// The answer to authenticatorMakeCredential. Its parts stay as they arrived: only the client turns them into an attestation object.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#authenticatormakecredential-response-structure"/>
/// </summary>
/// <param name="Fmt">0x01: the attestation statement format.</param>
/// <param name="AuthData">0x02: the authenticator data.</param>
/// <param name="AttStmt">0x03: the attestation statement, one CBOR map as it is encoded.</param>
public sealed record MakeCredentialResponse(string Fmt, ByteString AuthData, ByteString AttStmt)
{
    /// <summary>0x04: whether an enterprise attestation was given; absent means no.</summary>
    public bool? EpAtt { get; init; }

    private const string Structure = "authenticatorMakeCredential response";
    private const int KeyFmt = 0x01, KeyAuthData = 0x02, KeyAttStmt = 0x03, KeyEpAtt = 0x04;

    private static readonly byte[] EmptyMap = [0xA0];

    /// <summary>Reads the CBOR after the status byte. Unknown members are passed over.</summary>
    /// <exception cref="WireFormatException">Not canonical CBOR of this shape, or a required member is missing.</exception>
    public static MakeCredentialResponse Parse(ByteString bytes)
    {
        // An attestation statement nests deeper than a request: the compound format has statements of its own.
        var reader = new WireCborReader(Structure, bytes.Memory);
        string? fmt = null;
        ByteString? authData = null, attStmt = null;
        bool? epAtt = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadInt64())
            {
                case KeyFmt: fmt = reader.ReadText(); break;
                case KeyAuthData: authData = reader.ReadByteString(); break;
                case KeyAttStmt: attStmt = ReadMap(reader); break;
                case KeyEpAtt: epAtt = reader.ReadBoolean(); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        return new(
            fmt ?? throw CtapCbor.Missing(reader, "fmt"),
            authData ?? throw CtapCbor.Missing(reader, "authData"),
            // "attStmt" may be absent when the format is "none"
            attStmt ?? (fmt == "none" ? EmptyMap : throw CtapCbor.Missing(reader, "attStmt")))
        {
            EpAtt = epAtt,
        };
    }

    /// <summary>Writes the CBOR after the status byte.</summary>
    public ByteString Encode()
    {
        var writer = new CanonicalCborWriter();
        writer.StartMap(3 + (EpAtt is null ? 0 : 1));
        writer.Integer(KeyFmt).Text(Fmt);
        writer.Integer(KeyAuthData).Bytes(AuthData);
        writer.Integer(KeyAttStmt).Encoded(AttStmt);
        if (EpAtt is { } epAtt) writer.Integer(KeyEpAtt).Boolean(epAtt);
        return writer.EndMap().Encode();
    }

    private static ByteString ReadMap(WireCborReader reader) =>
        reader.Peek() == System.Formats.Cbor.CborReaderState.StartMap ? reader.ReadEncodedValue() : throw reader.Malformed("has an attStmt that is no map");
}
