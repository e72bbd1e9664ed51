namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// What a browser's <c>PublicKeyCredential.toJSON()</c> gives after <c>navigator.credentials.get()</c>.
/// <see href="https://www.w3.org/TR/webauthn-3/#dictdef-authenticationresponsejson"/>
/// </summary>
/// <param name="Id">The credential ID (<c>id</c>, <c>rawId</c>).</param>
/// <param name="ClientDataJson">The client data as it was hashed.</param>
/// <param name="AuthenticatorData">The authenticator data as it was signed.</param>
/// <param name="Signature">The assertion signature, in the form its COSE algorithm gives.</param>
/// <param name="UserHandle">The user handle, if the authenticator gave one.</param>
public readonly record struct AuthenticationResponseJson(
    CredentialId Id,
    ByteString ClientDataJson,
    ByteString AuthenticatorData,
    ByteString Signature,
    UserHandle? UserHandle)
{
    /// <summary><c>authenticatorAttachment</c>, if the client said it.</summary>
    public string? AuthenticatorAttachment { get; init; }

    /// <summary>Client extension output <c>appid</c>: whether the AppID was used in place of the RP ID; absent when nobody asked.</summary>
    public bool? AppIdUsed { get; init; }

    /// <summary>Reads the JSON form.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="buffer">Where the byte strings are decoded to, at least as long as <paramref name="json"/>; a fresh one when absent. The result borrows it.</param>
    /// <exception cref="WireFormatException">Not such an object: a member missing, twice, of another type, or not base64url without padding.</exception>
    public static AuthenticationResponseJson Parse(ReadOnlySpan<byte> json, byte[]? buffer = null)
    {
        var members = default(Members);
        var reader = new JsonObjectReader(json, Structure);
        var (id, attachment) = CredentialJson.Read(ref reader, buffer ?? new byte[json.Length], ref members);
        if (!members.HasClientData || !members.HasAuthenticatorData || !members.HasSignature)
        {
            throw reader.Wrong("lacks response.clientDataJSON, response.authenticatorData or response.signature");
        }

        return new(id, members.ClientData, members.AuthenticatorData, members.Signature, members.UserHandle.IsEmpty ? null : new UserHandle(members.UserHandle))
        {
            AuthenticatorAttachment = attachment,
            AppIdUsed = members.AppId,
        };
    }

    /// <summary>Writes the JSON form, UTF-8, with the members in the standard's order.</summary>
    public byte[] Encode()
    {
        var self = this;
        return CredentialJson.Encode(Id, AuthenticatorAttachment, json =>
        {
            json.WriteString("clientDataJSON", self.ClientDataJson.ToBase64Url());
            json.WriteString("authenticatorData", self.AuthenticatorData.ToBase64Url());
            json.WriteString("signature", self.Signature.ToBase64Url());
            if (self.UserHandle is { } userHandle)
            {
                json.WriteString("userHandle", userHandle.ToString());
            }
        }, extensions =>
        {
            if (self.AppIdUsed is { } used)
            {
                extensions.WriteBoolean("appid", used);
            }
        });
    }

    private const string Structure = "authentication response";

    private struct Members : ICredentialMembers
    {
        public ByteString ClientData, AuthenticatorData, Signature, UserHandle;
        public bool HasClientData, HasAuthenticatorData, HasSignature;
        public bool? AppId;
        private bool _hasUserHandle, _hasAppId;

        public void ReadResponseMember(ref JsonObjectReader reader, byte[] buffer, ref int used)
        {
            if (reader.NameIs("clientDataJSON"u8))
            {
                ClientData = reader.ReadBase64Url(buffer, ref used, ref HasClientData);
            }
            else if (reader.NameIs("authenticatorData"u8))
            {
                AuthenticatorData = reader.ReadBase64Url(buffer, ref used, ref HasAuthenticatorData);
            }
            else if (reader.NameIs("signature"u8))
            {
                Signature = reader.ReadBase64Url(buffer, ref used, ref HasSignature);
            }
            else if (reader.NameIs("userHandle"u8))
            {
                // Some clients write null, and old ones an empty string, where there is none.
                UserHandle = reader.Decode(reader.TryReadString(ref _hasUserHandle, out var handle) ? handle : default, buffer, ref used);
            }
            else
            {
                reader.SkipValue();
            }
        }

        public void ReadExtension(ref JsonObjectReader reader)
        {
            if (reader.NameIs("appid"u8))
            {
                AppId = reader.ReadBoolean(ref _hasAppId);
            }
            else
            {
                reader.SkipValue();
            }
        }
    }
}
