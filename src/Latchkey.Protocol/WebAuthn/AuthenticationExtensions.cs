using System.Text.Json;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// The client extension inputs this project speaks; others are passed over, as the standard says.
/// <see href="https://www.w3.org/TR/webauthn-3/#dictdef-authenticationextensionsclientinputsjson"/>
/// </summary>
public sealed record AuthenticationExtensionsClientInputs
{
    private static readonly string[] NotBuilt = ["prf", "hmacCreateSecret", "hmacGetSecret", "largeBlob", "credBlob", "getCredBlob", "payment"];

    /// <summary>No extension asked for.</summary>
    public static AuthenticationExtensionsClientInputs None { get; } = new();

    /// <summary><c>appid</c>: the AppID of credentials from before WebAuthn; authentication only.</summary>
    public string? AppId { get; init; }

    /// <summary><c>appidExclude</c>: the same for the exclude list; registration only.</summary>
    public string? AppIdExclude { get; init; }

    /// <summary><c>credProps</c>: asks whether the credential is discoverable.</summary>
    public bool CredProps { get; init; }

    /// <summary><c>credentialProtectionPolicy</c> (CTAP credProtect): one of the three names of the CTAP standard.</summary>
    public string? CredentialProtectionPolicy { get; init; }

    /// <summary><c>enforceCredentialProtectionPolicy</c>: rather no credential than a less protected one.</summary>
    public bool EnforceCredentialProtectionPolicy { get; init; }

    /// <summary>
    /// Whether something is asked for that this project has not built and a page cannot do without: keys from a passkey (<c>prf</c>,
    /// <c>hmacCreateSecret</c>, <c>hmacGetSecret</c>), what is stored with one (<c>largeBlob</c>, <c>credBlob</c>, <c>getCredBlob</c>), <c>payment</c>.
    /// Whoever has them answers such a request better.
    /// </summary>
    public bool AsksForMore { get; init; }

    internal static AuthenticationExtensionsClientInputs Parse(OptionsJson? json) => json is not { } members ? None : new()
    {
        AsksForMore = NotBuilt.Any(members.Asks),
        AppId = members.TextOrNull("appid"),
        AppIdExclude = members.TextOrNull("appidExclude"),
        CredProps = members.Flag("credProps") is true,
        CredentialProtectionPolicy = members.TextOrNull("credentialProtectionPolicy"),
        EnforceCredentialProtectionPolicy = members.Flag("enforceCredentialProtectionPolicy") is true,
    };

    internal void Encode(Utf8JsonWriter json)
    {
        json.WriteStartObject("extensions");
        OptionsJson.WriteText(json, "appid", AppId);
        OptionsJson.WriteText(json, "appidExclude", AppIdExclude);
        if (CredProps)
        {
            json.WriteBoolean("credProps", true);
        }

        OptionsJson.WriteText(json, "credentialProtectionPolicy", CredentialProtectionPolicy);
        if (EnforceCredentialProtectionPolicy)
        {
            json.WriteBoolean("enforceCredentialProtectionPolicy", true);
        }

        json.WriteEndObject();
    }
}
