using System.Text;
using System.Text.Json;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>What one ceremony's response has inside the outer <c>PublicKeyCredential</c>; filled member by member.</summary>
internal interface ICredentialMembers
{
    /// <summary>Reads the current member of <c>response</c>, or passes over it.</summary>
    void ReadResponseMember(ref JsonObjectReader reader, byte[] buffer, ref int used);

    /// <summary>Reads the current member of <c>clientExtensionResults</c>, or passes over it.</summary>
    void ReadExtension(ref JsonObjectReader reader);
}

/// <summary>What the JSON forms of both ceremonies' responses share: the outer <c>PublicKeyCredential</c>.</summary>
internal static class CredentialJson
{
    /// <summary>The one credential type there is.</summary>
    public const string PublicKey = "public-key";

    /// <summary>Reads the whole outer object; <paramref name="members"/> takes what is inside. Allocates nothing of its own.</summary>
    /// <param name="reader">At the beginning; at the end afterwards.</param>
    /// <param name="buffer">Where byte strings are decoded to.</param>
    /// <param name="members">The ceremony's own members.</param>
    /// <returns>The credential ID, and <c>authenticatorAttachment</c> if the client said it.</returns>
    /// <exception cref="WireFormatException">A member missing, twice, of another type, or not base64url without padding.</exception>
    public static (CredentialId Id, string? Attachment) Read<TMembers>(ref JsonObjectReader reader, byte[] buffer, ref TMembers members)
        where TMembers : struct, ICredentialMembers
    {
        var used = 0;
        ByteString id = default, rawId = default;
        bool hasId = false, seesRawId = false, hasRawId = false, hasType = false, hasResponse = false, hasAttachment = false, hasExtensions = false;
        string? attachment = null;
        while (reader.NextMember())
        {
            if (reader.NameIs("id"u8))
            {
                id = reader.ReadBase64Url(buffer, ref used, ref hasId);
            }
            else if (reader.NameIs("rawId"u8))
            {
                hasRawId = reader.TryReadString(ref seesRawId, out var text);
                if (hasRawId) rawId = reader.Decode(text, buffer, ref used);
            }
            else if (reader.NameIs("type"u8))
            {
                if (reader.TryReadString(ref hasType, out var type) && !type.SequenceEqual("public-key"u8)) throw reader.Wrong("has a type that is not public-key");
            }
            else if (reader.NameIs("authenticatorAttachment"u8))
            {
                attachment = reader.TryReadString(ref hasAttachment, out var said) ? Text(said) : null;
            }
            else if (reader.NameIs("response"u8))
            {
                reader.EnterObject(ref hasResponse);
                while (reader.NextMember()) members.ReadResponseMember(ref reader, buffer, ref used);
            }
            else if (reader.NameIs("clientExtensionResults"u8))
            {
                if (!reader.TryEnterObject(ref hasExtensions)) continue;
                while (reader.NextMember()) members.ReadExtension(ref reader);
            }
            else
            {
                reader.SkipValue();
            }
        }

        reader.ExpectEnd();
        if (!hasId) throw reader.Wrong("lacks id");
        if (hasRawId && rawId != id) throw reader.Wrong("names another credential in rawId than in id");
        return (new(id), attachment);
    }

    /// <summary>The two usual texts cost no allocation.</summary>
    private static string Text(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual("platform"u8) ? "platform"
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
