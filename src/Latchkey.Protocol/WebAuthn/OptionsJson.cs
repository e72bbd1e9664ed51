using System.Text.Json;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>Reads options objects member by member; a member of another type is a <see cref="WireFormatException"/>, an unknown one is passed over.</summary>
internal readonly struct OptionsJson(JsonElement json, string structure)
{
    /// <summary>Parses the whole text and hands its object to <paramref name="read"/>.</summary>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, string structure, Func<OptionsJson, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(new(document.RootElement, structure))
                : throw new WireFormatException(structure, 0, "is not a JSON object");
        }
        catch (JsonException e)
        {
            throw new WireFormatException(structure, (int)(e.BytePositionInLine ?? 0), "is not JSON", e);
        }
        catch (InvalidOperationException e)
        {
            throw new WireFormatException(structure, 0, "has a string that is not Unicode", e);
        }
    }

    /// <summary>Writes an object and gives its UTF-8.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Writes a list of texts as the member <paramref name="name"/>; nothing when it is empty.</summary>
    public static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a text member, if there is one.</summary>
    public static void WriteText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    /// <summary>Whether something is there, and it is neither null nor no.</summary>
    public bool Asks(string name) => Member(name) is { ValueKind: not JsonValueKind.False };

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => TextOrNull(name) ?? throw Wrong($"lacks {name}");

    /// <summary>A text that may be absent.</summary>
    public string? TextOrNull(string name) => Member(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong($"has a {name} that is not a string");

    /// <summary>Base64url that must be there.</summary>
    public ByteString Bytes(string name) => ByteString.FromBase64Url(Text(name));

    /// <summary>A boolean that may be absent.</summary>
    public bool? Flag(string name) => Member(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong($"has a {name} that is not a boolean"),
    };

    /// <summary>A 32-bit integer that must be there.</summary>
    public int Integer(string name) => Member(name) is not { } value ? throw Wrong($"lacks {name}")
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
        : throw Wrong($"has a {name} that is not a 32-bit integer");

    /// <summary>An unsigned 32-bit integer that may be absent.</summary>
    public uint? Unsigned(string name) => Member(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetUInt32(out var number) ? number
        : throw Wrong($"has a {name} that is not an unsigned 32-bit integer");

    /// <summary>A list of texts; empty when absent.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        var texts = new List<string>();
        foreach (var element in Array(name))
        {
            texts.Add(element.ValueKind == JsonValueKind.String ? element.GetString()! : throw Wrong($"has a {name} element that is not a string"));
        }

        return texts;
    }

    /// <summary>An object that must be there.</summary>
    public OptionsJson Object(string name) => ObjectOrNull(name) ?? throw Wrong($"lacks {name}");

    /// <summary>An object that may be absent.</summary>
    public OptionsJson? ObjectOrNull(string name) => Member(name) is { } value ? AsObject(value, name) : null;

    /// <summary>A list of objects; empty when absent.</summary>
    public IEnumerable<OptionsJson> Objects(string name)
    {
        var self = this;
        return Array(name).Select(element => self.AsObject(element, name)).ToList();
    }

    private JsonElement.ArrayEnumerator Array(string name) => Member(name) is not { } value ? default
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : throw Wrong($"has a {name} that is not an array");

    private OptionsJson AsObject(JsonElement value, string name) => value.ValueKind == JsonValueKind.Object
        ? new(value, structure)
        : throw Wrong($"has a {name} that is not an object");

    private JsonElement? Member(string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private WireFormatException Wrong(string problem) => new(structure, 0, problem);
}
