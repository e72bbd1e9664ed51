using System.Text;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// The client data: what the client says it was asked, by whom. Read as spans over the bytes that arrived, which are
/// never written again to be verified.
/// <see href="https://www.w3.org/TR/webauthn-3/#dictionary-client-data"/>
/// </summary>
public readonly ref struct CollectedClientData
{
    /// <summary><c>type</c> of a registration ceremony.</summary>
    public const string TypeCreate = "webauthn.create";

    /// <summary><c>type</c> of an authentication ceremony.</summary>
    public const string TypeGet = "webauthn.get";

    /// <summary>The most client data read, in bytes.</summary>
    public const int MaxLength = 16 * 1024;

    /// <summary><c>type</c>, UTF-8.</summary>
    public required ReadOnlySpan<byte> Type { get; init; }

    /// <summary><c>challenge</c>, UTF-8 of base64url.</summary>
    public required ReadOnlySpan<byte> Challenge { get; init; }

    /// <summary><c>origin</c>, UTF-8.</summary>
    public required ReadOnlySpan<byte> Origin { get; init; }

    /// <summary><c>crossOrigin</c>; absent or null counts as false.</summary>
    public bool CrossOrigin { get; init; }

    /// <summary>Whether <c>topOrigin</c> is there, and not null.</summary>
    public bool HasTopOrigin { get; init; }

    /// <summary><c>topOrigin</c>, UTF-8; empty when absent.</summary>
    public ReadOnlySpan<byte> TopOrigin { get; init; }

    /// <summary>Reads client data as it arrived. Members the standard does not name are passed over.</summary>
    /// <param name="json">UTF-8; a byte order mark is stripped, as the standard's "UTF-8 decode" does.</param>
    /// <exception cref="WireFormatException">Not a JSON object, a member missing, twice, or of another type.</exception>
    public static CollectedClientData Parse(ReadOnlySpan<byte> json)
    {
        if (json.Length > MaxLength)
        {
            throw new WireFormatException(Structure, MaxLength, $"is longer than {MaxLength} bytes");
        }

        if (json.StartsWith("\uFEFF"u8))
        {
            json = json[3..];
        }

        ReadOnlySpan<byte> type = default, challenge = default, origin = default, topOrigin = default;
        bool hasType = false, hasChallenge = false, hasOrigin = false, hasCrossOrigin = false, seesTopOrigin = false, hasTopOrigin = false;
        bool? crossOrigin = null;

        var reader = new JsonObjectReader(json, Structure);
        while (reader.NextMember())
        {
            if (reader.NameIs("type"u8))
            {
                type = reader.ReadString(ref hasType);
            }
            else if (reader.NameIs("challenge"u8))
            {
                challenge = reader.ReadString(ref hasChallenge);
            }
            else if (reader.NameIs("origin"u8))
            {
                origin = reader.ReadString(ref hasOrigin);
            }
            else if (reader.NameIs("crossOrigin"u8))
            {
                crossOrigin = reader.ReadBoolean(ref hasCrossOrigin);
            }
            else if (reader.NameIs("topOrigin"u8))
            {
                hasTopOrigin = reader.TryReadString(ref seesTopOrigin, out topOrigin);
            }
            else
            {
                reader.SkipValue();
            }
        }

        reader.ExpectEnd();
        return hasType && hasChallenge && hasOrigin
            ? new()
            {
                Type = type,
                Challenge = challenge,
                Origin = origin,
                CrossOrigin = crossOrigin is true,
                HasTopOrigin = hasTopOrigin,
                TopOrigin = topOrigin,
            }
            : throw new WireFormatException(Structure, json.Length, "lacks type, challenge or origin");
    }

    /// <summary>
    /// Writes client data by the standard's serialization, which limited verifiers compare byte by byte.
    /// <see href="https://www.w3.org/TR/webauthn-3/#clientdatajson-serialization"/>
    /// </summary>
    /// <param name="type"><see cref="TypeCreate"/> or <see cref="TypeGet"/>.</param>
    /// <param name="challenge">The relying party's challenge.</param>
    /// <param name="origin">The serialized origin of the caller.</param>
    /// <param name="crossOrigin">Whether the caller is not same-origin with all its ancestors.</param>
    /// <param name="topOrigin">The serialized origin of the top-level page; only when cross-origin.</param>
    public static ByteString Encode(string type, Challenge challenge, string origin, bool crossOrigin = false, string? topOrigin = null)
    {
        var json = new StringBuilder(160 + origin.Length);
        json.Append("{\"type\":");
        AppendCcdString(json, type);
        json.Append(",\"challenge\":");
        AppendCcdString(json, challenge.Bytes.ToBase64Url());
        json.Append(",\"origin\":");
        AppendCcdString(json, origin);
        json.Append(",\"crossOrigin\":").Append(crossOrigin ? "true" : "false");
        if (topOrigin is not null)
        {
            json.Append(",\"topOrigin\":");
            AppendCcdString(json, topOrigin);
        }

        return Encoding.UTF8.GetBytes(json.Append('}').ToString());
    }

    private const string Structure = "client data";

    // "CCDToString": nothing is escaped but the quotation mark, the backslash and control characters.
    private static void AppendCcdString(StringBuilder json, string value)
    {
        json.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append("\\\\"),
                < ' ' => json.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        json.Append('"');
    }
}
