using System.Text.Json;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>The relying party as the options name it. <see href="https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialrpentity"/></summary>
/// <param name="Id">The RP ID; absent means the caller's host.</param>
/// <param name="Name">What a person reads.</param>
public sealed record PublicKeyCredentialRpEntity(string? Id, string Name);

/// <summary>The account as the options name it. <see href="https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialuserentityjson"/></summary>
/// <param name="Id">The user handle.</param>
/// <param name="Name">The account's name, to tell it from others.</param>
/// <param name="DisplayName">The person's name.</param>
public sealed record PublicKeyCredentialUserEntity(UserHandle Id, string Name, string DisplayName);

/// <summary>
/// A kind of credential that will do. A client passes over types it does not know, yet a list of nothing else is not an empty list.
/// <see href="https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialparameters"/>
/// </summary>
/// <param name="Type">The credential type, <c>public-key</c> in all there are.</param>
/// <param name="Alg">The COSE algorithm number.</param>
public sealed record PublicKeyCredentialParameters(string Type, int Alg)
{
    /// <summary>A public key of this COSE algorithm number.</summary>
    public PublicKeyCredentialParameters(int alg)
        : this(CredentialJson.PublicKey, alg)
    {
    }

    /// <summary>Whether it is the one type there is.</summary>
    public bool IsPublicKey => Type == CredentialJson.PublicKey;
}

/// <summary>What kind of authenticator is asked for. <see href="https://www.w3.org/TR/webauthn-3/#dictdef-authenticatorselectioncriteria"/></summary>
public sealed record AuthenticatorSelectionCriteria
{
    /// <summary><c>platform</c> or <c>cross-platform</c>; absent means either.</summary>
    public string? AuthenticatorAttachment { get; init; }

    /// <summary><c>required</c>, <c>preferred</c> or <c>discouraged</c>; absent follows <see cref="RequireResidentKey"/>.</summary>
    public string? ResidentKey { get; init; }

    /// <summary>Level 1's word for a required discoverable credential.</summary>
    public bool RequireResidentKey { get; init; }

    /// <summary><c>required</c>, <c>preferred</c> (when absent) or <c>discouraged</c>.</summary>
    public string? UserVerification { get; init; }
}

/// <summary>
/// What a relying party asks at registration; JSON exactly the standard's.
/// <see href="https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialcreationoptionsjson"/>
/// </summary>
public sealed record PublicKeyCredentialCreationOptions
{
    /// <summary>The relying party.</summary>
    public required PublicKeyCredentialRpEntity Rp { get; init; }

    /// <summary>The account.</summary>
    public required PublicKeyCredentialUserEntity User { get; init; }

    /// <summary>The challenge.</summary>
    public required Challenge Challenge { get; init; }

    /// <summary>What will do, the most liked first; empty means ES256 and RS256.</summary>
    public required IReadOnlyList<PublicKeyCredentialParameters> PubKeyCredParams { get; init; }

    /// <summary>How long the client should wait, in milliseconds.</summary>
    public uint? Timeout { get; init; }

    /// <summary>Credentials the account has: an authenticator that holds one makes no second.</summary>
    public IReadOnlyList<PublicKeyCredentialDescriptor> ExcludeCredentials { get; init; } = [];

    /// <summary>What kind of authenticator is asked for.</summary>
    public AuthenticatorSelectionCriteria? AuthenticatorSelection { get; init; }

    /// <summary>Hints for the client's dialog: <c>security-key</c>, <c>client-device</c>, <c>hybrid</c>.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];

    /// <summary><c>none</c> (when absent), <c>indirect</c>, <c>direct</c> or <c>enterprise</c>.</summary>
    public string? Attestation { get; init; }

    /// <summary>Attestation statement formats the relying party likes, the most liked first.</summary>
    public IReadOnlyList<string> AttestationFormats { get; init; } = [];

    /// <summary>Extensions asked for.</summary>
    public AuthenticationExtensionsClientInputs Extensions { get; init; } = AuthenticationExtensionsClientInputs.None;

    /// <summary>Reads the JSON form, UTF-8.</summary>
    /// <exception cref="WireFormatException">Not such an object.</exception>
    public static PublicKeyCredentialCreationOptions Parse(ReadOnlyMemory<byte> utf8) => OptionsJson.Read(utf8, "creation options", json =>
    {
        var rp = json.Object("rp");
        var user = json.Object("user");
        return new PublicKeyCredentialCreationOptions
        {
            Rp = new(rp.TextOrNull("id"), rp.Text("name")),
            User = new(new(user.Bytes("id")), user.Text("name"), user.Text("displayName")),
            Challenge = new(json.Bytes("challenge")),
            PubKeyCredParams = [.. json.Objects("pubKeyCredParams").Select(p => new PublicKeyCredentialParameters(p.Text("type"), p.Integer("alg")))],
            Timeout = json.Unsigned("timeout"),
            ExcludeCredentials = PublicKeyCredentialDescriptor.ParseList(json, "excludeCredentials"),
            AuthenticatorSelection = json.ObjectOrNull("authenticatorSelection") is not { } selection ? null : new()
            {
                AuthenticatorAttachment = selection.TextOrNull("authenticatorAttachment"),
                ResidentKey = selection.TextOrNull("residentKey"),
                RequireResidentKey = selection.Flag("requireResidentKey") is true,
                UserVerification = selection.TextOrNull("userVerification"),
            },
            Hints = json.Texts("hints"),
            Attestation = json.TextOrNull("attestation"),
            AttestationFormats = json.Texts("attestationFormats"),
            Extensions = AuthenticationExtensionsClientInputs.Parse(json.ObjectOrNull("extensions")),
        };
    });

    /// <summary>Writes the JSON form, UTF-8.</summary>
    public byte[] Encode() => OptionsJson.Write(EncodeMembers);

    /// <summary>Writes the members of the JSON form into an object that is already begun.</summary>
    public void EncodeMembers(Utf8JsonWriter json)
    {
        json.WriteStartObject("rp");
        OptionsJson.WriteText(json, "id", Rp.Id);
        json.WriteString("name", Rp.Name);
        json.WriteEndObject();
        json.WriteStartObject("user");
        json.WriteString("id", User.Id.ToString());
        json.WriteString("name", User.Name);
        json.WriteString("displayName", User.DisplayName);
        json.WriteEndObject();
        json.WriteString("challenge", Challenge.Bytes.ToBase64Url());
        json.WriteStartArray("pubKeyCredParams");
        foreach (var parameters in PubKeyCredParams)
        {
            json.WriteStartObject();
            json.WriteString("type", parameters.Type);
            json.WriteNumber("alg", parameters.Alg);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (Timeout is { } timeout)
        {
            json.WriteNumber("timeout", timeout);
        }

        PublicKeyCredentialDescriptor.EncodeList(json, "excludeCredentials", ExcludeCredentials);
        if (AuthenticatorSelection is { } selection)
        {
            json.WriteStartObject("authenticatorSelection");
            OptionsJson.WriteText(json, "authenticatorAttachment", selection.AuthenticatorAttachment);
            OptionsJson.WriteText(json, "residentKey", selection.ResidentKey);
            json.WriteBoolean("requireResidentKey", selection.RequireResidentKey);
            OptionsJson.WriteText(json, "userVerification", selection.UserVerification);
            json.WriteEndObject();
        }

        OptionsJson.WriteTexts(json, "hints", Hints);
        OptionsJson.WriteText(json, "attestation", Attestation);
        OptionsJson.WriteTexts(json, "attestationFormats", AttestationFormats);
        Extensions.Encode(json);
    }
}
