using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Ctap;

/// <summary>
/// The parameters of authenticatorGetAssertion.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#authenticatorGetAssertion"/>
/// </summary>
/// <param name="RpId">0x01: the RP ID, which the client checked against the origin.</param>
/// <param name="ClientDataHash">0x02: what is signed together with the authenticator data.</param>
public sealed record GetAssertionRequest(string RpId, ClientDataHash ClientDataHash)
{
    /// <summary>0x03: credentials that will do; empty asks for any discoverable one.</summary>
    public IReadOnlyList<PublicKeyCredentialDescriptor> AllowList { get; init; } = [];

    /// <summary>0x05 <c>rk</c>: never valid here; kept so that an authenticator can refuse it.</summary>
    public bool? Rk { get; init; }

    /// <summary>0x05 <c>up</c>: user presence; absent means yes.</summary>
    public bool? Up { get; init; }

    /// <summary>0x05 <c>uv</c>: user verification by the authenticator itself; absent means no.</summary>
    public bool? Uv { get; init; }

    /// <summary>0x06: proof made with a PIN/UV token; an authenticator that issues none refuses it.</summary>
    public ByteString? PinUvAuthParam { get; init; }

    /// <summary>0x07: the PIN/UV protocol of the proof.</summary>
    public uint? PinUvAuthProtocol { get; init; }

    private const string Structure = "authenticatorGetAssertion request";
    private const int KeyRpId = 0x01, KeyClientDataHash = 0x02, KeyAllowList = 0x03, KeyOptions = 0x05, KeyPinUvAuthParam = 0x06, KeyPinUvAuthProtocol = 0x07;

    /// <summary>Reads the CBOR after the command byte. Unknown parameters, options and extensions are passed over.</summary>
    /// <exception cref="WireFormatException">Not canonical CBOR of this shape, or a required parameter is missing.</exception>
    public static GetAssertionRequest Parse(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, WireCborReader.CtapMaxDepth);
        string? rpId = null;
        ClientDataHash? clientDataHash = null;
        IReadOnlyList<PublicKeyCredentialDescriptor> allowList = [];
        CtapOptions options = default;
        ByteString? pinUvAuthParam = null;
        uint? pinUvAuthProtocol = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadInt64())
            {
                case KeyRpId: rpId = reader.ReadText(CtapRelyingParty.MaxTextLength); break;
                case KeyClientDataHash: clientDataHash = CtapCbor.ReadClientDataHash(reader); break;
                case KeyAllowList: allowList = CtapCbor.ReadDescriptors(reader); break;
                case KeyOptions: options = CtapOptions.Parse(reader); break;
                case KeyPinUvAuthParam: pinUvAuthParam = reader.ReadByteString(); break;
                case KeyPinUvAuthProtocol: pinUvAuthProtocol = reader.ReadUInt32(); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        return new(rpId ?? throw CtapCbor.Missing(reader, "rpId"), clientDataHash ?? throw CtapCbor.Missing(reader, "clientDataHash"))
        {
            AllowList = allowList,
            Rk = options.Rk,
            Up = options.Up,
            Uv = options.Uv,
            PinUvAuthParam = pinUvAuthParam,
            PinUvAuthProtocol = pinUvAuthProtocol,
        };
    }

    /// <summary>Writes the CBOR after the command byte.</summary>
    public ByteString Encode()
    {
        var options = new CtapOptions(Rk, Up, Uv);
        var writer = new CanonicalCborWriter();
        writer.StartMap(2 + (AllowList.Count == 0 ? 0 : 1) + (options.IsEmpty ? 0 : 1) + (PinUvAuthParam is null ? 0 : 1) + (PinUvAuthProtocol is null ? 0 : 1));
        writer.Integer(KeyRpId).Text(RpId);
        writer.Integer(KeyClientDataHash).Bytes(ClientDataHash.Bytes);
        if (AllowList.Count != 0)
        {
            writer.Integer(KeyAllowList);
            CtapCbor.WriteList(writer, AllowList, CtapCbor.WriteDescriptor);
        }

        if (!options.IsEmpty)
        {
            writer.Integer(KeyOptions);
            options.Encode(writer);
        }

        if (PinUvAuthParam is { } param) writer.Integer(KeyPinUvAuthParam).Bytes(param);
        if (PinUvAuthProtocol is { } protocol) writer.Integer(KeyPinUvAuthProtocol).Unsigned(protocol);
        return writer.EndMap().Encode();
    }
}

/// <summary>
/// The answer to authenticatorGetAssertion and authenticatorGetNextAssertion.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#authenticatorgetassertion-response-structure"/>
/// </summary>
/// <param name="Credential">0x01: which credential signed; CTAP 2.0 may leave it out when the allow list had exactly one.</param>
/// <param name="AuthData">0x02: the authenticator data.</param>
/// <param name="Signature">0x03: over the authenticator data followed by the client data hash.</param>
public sealed record GetAssertionResponse(PublicKeyCredentialDescriptor? Credential, ByteString AuthData, ByteString Signature)
{
    /// <summary>0x04: the account; present for discoverable credentials.</summary>
    public CtapUser? User { get; init; }

    /// <summary>0x05: how many credentials fit, in the first answer of several; absent means one.</summary>
    public uint? NumberOfCredentials { get; init; }

    /// <summary>0x06: whether the person chose this credential on the authenticator; absent means no.</summary>
    public bool? UserSelected { get; init; }

    private const string Structure = "authenticatorGetAssertion response";
    private const int KeyCredential = 0x01, KeyAuthData = 0x02, KeySignature = 0x03, KeyUser = 0x04, KeyNumberOfCredentials = 0x05, KeyUserSelected = 0x06;

    /// <summary>Reads the CBOR after the status byte. Unknown members are passed over.</summary>
    /// <exception cref="WireFormatException">Not canonical CBOR of this shape, or a required member is missing.</exception>
    public static GetAssertionResponse Parse(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, WireCborReader.CtapMaxDepth);
        PublicKeyCredentialDescriptor? credential = null;
        ByteString? authData = null, signature = null;
        CtapUser? user = null;
        uint? numberOfCredentials = null;
        bool? userSelected = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadInt64())
            {
                case KeyCredential: credential = CtapCbor.ReadDescriptor(reader) ?? throw reader.Malformed("has a credential of unknown type"); break;
                case KeyAuthData: authData = reader.ReadByteString(); break;
                case KeySignature: signature = reader.ReadByteString(); break;
                case KeyUser: user = CtapUser.Parse(reader); break;
                case KeyNumberOfCredentials: numberOfCredentials = reader.ReadUInt32(); break;
                case KeyUserSelected: userSelected = reader.ReadBoolean(); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        return new(credential, authData ?? throw CtapCbor.Missing(reader, "authData"), signature ?? throw CtapCbor.Missing(reader, "signature"))
        {
            User = user,
            NumberOfCredentials = numberOfCredentials,
            UserSelected = userSelected,
        };
    }

    /// <summary>Writes the CBOR after the status byte.</summary>
    public ByteString Encode()
    {
        var writer = new CanonicalCborWriter();
        writer.StartMap(2 + (Credential is null ? 0 : 1) + (User is null ? 0 : 1) + (NumberOfCredentials is null ? 0 : 1) + (UserSelected is null ? 0 : 1));
        if (Credential is not null)
        {
            writer.Integer(KeyCredential);
            CtapCbor.WriteDescriptor(writer, Credential);
        }

        writer.Integer(KeyAuthData).Bytes(AuthData);
        writer.Integer(KeySignature).Bytes(Signature);
        if (User is not null)
        {
            writer.Integer(KeyUser);
            User.Encode(writer);
        }

        if (NumberOfCredentials is { } number) writer.Integer(KeyNumberOfCredentials).Unsigned(number);
        if (UserSelected is { } selected) writer.Integer(KeyUserSelected).Boolean(selected);
        return writer.EndMap().Encode();
    }
}
