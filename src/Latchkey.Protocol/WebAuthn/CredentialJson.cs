using System.Text;
using System.Text.Json;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>What the JSON forms of both ceremonies' responses share: the outer <c>PublicKeyCredential</c>.</summary>
internal static class CredentialJson
{
    /// <summary>The one credential type there is.</summary>
    public const string PublicKey = "public-key";

    /// <summary>Refuses a credential of another type.</summary>
    public static void ExpectPublicKey(scoped ReadOnlySpan<byte> type, ref JsonObjectReader reader)
    {
        if (!type.SequenceEqual("public-key"u8))
        {
            throw reader.Wrong("has a type that is not public-key");
        }
    }

    /// <summary>A text that may be absent; the two usual ones cost no allocation.</summary>
    public static string? Text(ReadOnlySpan<byte> utf8, bool present) => !present ? null
        : utf8.SequenceEqual("platform"u8) ? "platform"
        : utf8.SequenceEqual("cross-platform"u8) ? "cross-platform"
        : Encoding.UTF8.GetString(utf8);

    /// <summary>Writes the outer object around the members of <c>response</c>.</summary>
    public static byte[] Encode(CredentialId id, string? attachment, Action<Utf8JsonWriter> response, Action<Utf8JsonWriter> extensions)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("id", id.ToString());
            json.WriteString("rawId", id.ToString());
            json.WriteStartObject("response");
            response(json);
            json.WriteEndObject();
            if (attachment is not null)
            {
                json.WriteString("authenticatorAttachment", attachment);
            }

            json.WriteStartObject("clientExtensionResults");
            extensions(json);
            json.WriteEndObject();
            json.WriteString("type", PublicKey);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }
}
