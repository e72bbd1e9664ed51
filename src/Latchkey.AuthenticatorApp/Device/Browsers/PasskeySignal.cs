using System.Text.Json;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>One of the three things a page can tell about passkeys. <see href="https://www.w3.org/TR/webauthn-3/#sctn-signal-methods"/></summary>
/// <param name="RpId">Whose.</param>
internal abstract record PasskeySignal(string RpId)
{
    private const string Structure = "signal options";

    /// <summary><c>signalUnknownCredential</c>.</summary>
    public sealed record Unknown(string RpId, CredentialId Credential) : PasskeySignal(RpId);

    /// <summary><c>signalAllAcceptedCredentials</c>.</summary>
    public sealed record AllAccepted(string RpId, UserHandle User, IReadOnlySet<CredentialId> Credentials) : PasskeySignal(RpId);

    /// <summary><c>signalCurrentUserDetails</c>.</summary>
    public sealed record CurrentUser(string RpId, UserHandle User, string Name, string DisplayName) : PasskeySignal(RpId);

    /// <summary>Reads the options of a method, named without its <c>signal</c>.</summary>
    /// <exception cref="WireFormatException">Not such options, or no such method.</exception>
    public static PasskeySignal Parse(string method, ReadOnlyMemory<byte> utf8)
    {
        using var document = JsonDocument.Parse(utf8);
        var json = document.RootElement;
        string Text(string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new WireFormatException(Structure, 0, $"lacks {name}");
        var rpId = Text("rpId");
        return method switch
        {
            "unknownCredential" => new Unknown(rpId, CredentialId.Parse(Text("credentialId"))),
            "allAcceptedCredentials" => new AllAccepted(rpId, new(ByteString.FromBase64Url(Text("userId"))), ReadIds(json)),
            "currentUserDetails" => new CurrentUser(rpId, new(ByteString.FromBase64Url(Text("userId"))), Text("name"), Text("displayName")),
            _ => throw new WireFormatException(Structure, 0, "are of an unknown method"),
        };
    }

    private static HashSet<CredentialId> ReadIds(JsonElement json)
    {
        if (!json.TryGetProperty("allAcceptedCredentialIds", out var ids) || ids.ValueKind != JsonValueKind.Array) throw new WireFormatException(Structure, 0, "lack allAcceptedCredentialIds");
        return [.. ids.EnumerateArray().Select(id => CredentialId.Parse(id.ValueKind == JsonValueKind.String ? id.GetString() : throw new WireFormatException(Structure, 0, "have an ID that is not a string")))];
    }
}
