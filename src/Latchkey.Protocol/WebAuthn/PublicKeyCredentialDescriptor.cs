using System.Text.Json;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// Names one credential, and how its authenticator might be reached.
/// <see href="https://www.w3.org/TR/webauthn-3/#dictdef-publickeycredentialdescriptorjson"/>
/// </summary>
/// <param name="Id">The credential ID.</param>
/// <param name="Transports">Hints such as <c>internal</c> or <c>hybrid</c>; unknown names are kept; empty when unknown.</param>
public sealed record PublicKeyCredentialDescriptor(CredentialId Id, IReadOnlyList<string> Transports)
{
    /// <summary>Reads one descriptor; null for a credential type that is not <c>public-key</c>, which the standard says to pass over.</summary>
    internal static PublicKeyCredentialDescriptor? Parse(OptionsJson json) =>
        json.Text("type") != CredentialJson.PublicKey ? null : new(new(json.Bytes("id")), json.Texts("transports"));

    /// <summary>Reads a list of descriptors.</summary>
    internal static IReadOnlyList<PublicKeyCredentialDescriptor> ParseList(OptionsJson json, string name) =>
        [.. json.Objects(name).Select(Parse).OfType<PublicKeyCredentialDescriptor>()];

    /// <summary>Writes a list of descriptors as the member <paramref name="name"/>; nothing when it is empty.</summary>
    internal static void EncodeList(Utf8JsonWriter json, string name, IReadOnlyList<PublicKeyCredentialDescriptor> descriptors)
    {
        if (descriptors.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var descriptor in descriptors)
        {
            json.WriteStartObject();
            json.WriteString("id", descriptor.Id.ToString());
            json.WriteString("type", CredentialJson.PublicKey);
            OptionsJson.WriteTexts(json, "transports", descriptor.Transports);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
