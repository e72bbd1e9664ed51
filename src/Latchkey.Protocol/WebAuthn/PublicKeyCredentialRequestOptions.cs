using System.Text.Json;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// What a relying party asks at authentication; JSON exactly the standard's.
/// <see href="https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialrequestoptionsjson"/>
/// </summary>
public sealed record PublicKeyCredentialRequestOptions
{
    /// <summary>The challenge.</summary>
    public required Challenge Challenge { get; init; }

    /// <summary>How long the client should wait, in milliseconds.</summary>
    public uint? Timeout { get; init; }

    /// <summary>The RP ID; absent means the caller's host.</summary>
    public string? RpId { get; init; }

    /// <summary>Credentials that will do; empty asks for any discoverable one.</summary>
    public IReadOnlyList<PublicKeyCredentialDescriptor> AllowCredentials { get; init; } = [];

    /// <summary><c>required</c>, <c>preferred</c> (when absent) or <c>discouraged</c>.</summary>
    public string? UserVerification { get; init; }

    /// <summary>Hints for the client's dialog: <c>security-key</c>, <c>client-device</c>, <c>hybrid</c>.</summary>
    public IReadOnlyList<string> Hints { get; init; } = [];

    /// <summary>Extensions asked for.</summary>
    public AuthenticationExtensionsClientInputs Extensions { get; init; } = AuthenticationExtensionsClientInputs.None;

    /// <summary>Reads the JSON form, UTF-8.</summary>
    /// <exception cref="WireFormatException">Not such an object.</exception>
    public static PublicKeyCredentialRequestOptions Parse(ReadOnlyMemory<byte> utf8) => OptionsJson.Read(utf8, "request options", json =>
        new PublicKeyCredentialRequestOptions
        {
            Challenge = new(json.Bytes("challenge")),
            Timeout = json.Unsigned("timeout"),
            RpId = json.TextOrNull("rpId"),
            AllowCredentials = PublicKeyCredentialDescriptor.ParseList(json, "allowCredentials"),
            UserVerification = json.TextOrNull("userVerification"),
            Hints = json.Texts("hints"),
            Extensions = AuthenticationExtensionsClientInputs.Parse(json.ObjectOrNull("extensions")),
        });

    /// <summary>Writes the JSON form, UTF-8.</summary>
    public byte[] Encode() => OptionsJson.Write(EncodeMembers);

    /// <summary>Writes the members of the JSON form into an object that is already begun.</summary>
    public void EncodeMembers(Utf8JsonWriter json)
    {
        json.WriteString("challenge", Challenge.Bytes.ToBase64Url());
        if (Timeout is { } timeout)
        {
            json.WriteNumber("timeout", timeout);
        }

        OptionsJson.WriteText(json, "rpId", RpId);
        PublicKeyCredentialDescriptor.EncodeList(json, "allowCredentials", AllowCredentials);
        OptionsJson.WriteText(json, "userVerification", UserVerification);
        OptionsJson.WriteTexts(json, "hints", Hints);
        Extensions.Encode(json);
    }
}
