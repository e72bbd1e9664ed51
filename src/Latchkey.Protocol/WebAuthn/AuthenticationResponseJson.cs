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

    /// <summary>Client extension output <c>appid</c>: the AppID was used in place of the RP ID.</summary>
    public bool AppIdUsed { get; init; }

    /// <summary>Reads the JSON form.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="buffer">Where the byte strings are decoded to, at least as long as <paramref name="json"/>; a fresh one when absent. The result borrows it.</param>
    /// <exception cref="WireFormatException">Not such an object: a member missing, twice, of another type, or not base64url without padding.</exception>
    public static AuthenticationResponseJson Parse(ReadOnlySpan<byte> json, byte[]? buffer = null)
    {
        buffer ??= new byte[json.Length];
        var used = 0;
        ByteString id = default, rawId = default, clientData = default, authenticatorData = default, signature = default, userHandle = default;
        bool hasId = false, hasRawId = false, hasType = false, hasResponse = false, hasClientData = false, hasAuthenticatorData = false,
            hasSignature = false, hasUserHandle = false, hasAttachment = false, hasExtensions = false;
        string? attachment = null;
        bool? appId = null;

        var reader = new JsonObjectReader(json, Structure);
        while (reader.NextMember())
        {
            if (reader.NameIs("id"u8))
            {
                id = reader.ReadBase64Url(buffer, ref used, ref hasId);
            }
            else if (reader.NameIs("rawId"u8))
            {
                rawId = reader.ReadBase64Url(buffer, ref used, ref hasRawId);
            }
            else if (reader.NameIs("type"u8))
            {
                CredentialJson.ExpectPublicKey(reader.ReadString(ref hasType), ref reader);
            }
            else if (reader.NameIs("authenticatorAttachment"u8))
            {
                attachment = CredentialJson.Text(reader.ReadStringOrNull(ref hasAttachment), hasAttachment);
            }
            else if (reader.NameIs("response"u8))
            {
                reader.EnterObject(ref hasResponse);
                while (reader.NextMember())
                {
                    if (reader.NameIs("clientDataJSON"u8))
                    {
                        clientData = reader.ReadBase64Url(buffer, ref used, ref hasClientData);
                    }
                    else if (reader.NameIs("authenticatorData"u8))
                    {
                        authenticatorData = reader.ReadBase64Url(buffer, ref used, ref hasAuthenticatorData);
                    }
                    else if (reader.NameIs("signature"u8))
                    {
                        signature = reader.ReadBase64Url(buffer, ref used, ref hasSignature);
                    }
                    else if (reader.NameIs("userHandle"u8))
                    {
                        // Some clients write null, and old ones an empty string, where there is none.
                        var text = reader.ReadStringOrNull(ref hasUserHandle);
                        userHandle = reader.Decode(text, buffer, ref used);
                    }
                    else
                    {
                        reader.SkipValue();
                    }
                }
            }
            else if (reader.NameIs("clientExtensionResults"u8))
            {
                reader.EnterObject(ref hasExtensions);
                while (reader.NextMember())
                {
                    if (reader.NameIs("appid"u8))
                    {
                        appId = appId is null ? reader.ReadBoolean() : throw reader.Twice();
                    }
                    else
                    {
                        reader.SkipValue();
                    }
                }
            }
            else
            {
                reader.SkipValue();
            }
        }

        reader.ExpectEnd();
        if (!hasId || !hasClientData || !hasAuthenticatorData || !hasSignature)
        {
            throw reader.Wrong("lacks id, response.clientDataJSON, response.authenticatorData or response.signature");
        }

        if (hasRawId && rawId != id)
        {
            throw reader.Wrong("names another credential in rawId than in id");
        }

        return new(new(id), clientData, authenticatorData, signature, userHandle.IsEmpty ? null : new UserHandle(userHandle))
        {
            AuthenticatorAttachment = attachment,
            AppIdUsed = appId is true,
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
            if (self.AppIdUsed)
            {
                extensions.WriteBoolean("appid", true);
            }
        });
    }

    private const string Structure = "authentication response";
}
