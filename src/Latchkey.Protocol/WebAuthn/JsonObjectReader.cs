using System.Text.Json;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// Walks the members of JSON objects over UTF-8 without building a tree; every surprise is a <see cref="WireFormatException"/>.
/// A member named twice is refused where it is read: two readers must not see two values. An optional member that is null counts as
/// absent, since clients in other languages write null where there is nothing.
/// </summary>
internal ref struct JsonObjectReader(ReadOnlySpan<byte> json, string structure)
{
    private Utf8JsonReader _reader = new(json, isFinalBlock: true, state: default);
    private bool _started;

    /// <summary>Moves to the next member of the object being read; false at its end.</summary>
    public bool NextMember()
    {
        if (!_started)
        {
            _started = true;
            Read();
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                throw Wrong("is not a JSON object");
            }
        }

        Read();
        return _reader.TokenType == JsonTokenType.PropertyName;
    }

    /// <summary>Enters the object that is the value of this member; read its members with <see cref="NextMember"/>.</summary>
    public void EnterObject(scoped ref bool seen)
    {
        if (!TryEnterObject(ref seen)) throw Wrong("has a member that is not an object");
    }

    /// <summary>Like <see cref="EnterObject"/>; false when the value is null.</summary>
    public bool TryEnterObject(scoped ref bool seen) => TryReadValue(ref seen, JsonTokenType.StartObject, "an object");

    /// <summary>Enters the array that is the value of this member; walk it with <see cref="NextString"/>. False when the value is null.</summary>
    public bool TryEnterArray(scoped ref bool seen) => TryReadValue(ref seen, JsonTokenType.StartArray, "an array");

    /// <summary>The next element, a string as UTF-8, of the array entered; false at its end.</summary>
    public bool NextString(out ReadOnlySpan<byte> utf8)
    {
        Read();
        utf8 = default;
        if (_reader.TokenType == JsonTokenType.EndArray)
        {
            return false;
        }

        utf8 = _reader.TokenType == JsonTokenType.String ? StringValue() : throw Wrong("has an element that is not a string");
        return true;
    }

    /// <summary>True when the current member has this name.</summary>
    public readonly bool NameIs(ReadOnlySpan<byte> name)
    {
        try
        {
            return _reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException e)
        {
            throw new WireFormatException(structure, (int)_reader.BytesConsumed, "has a name that is not Unicode", e);
        }
    }

    /// <summary>The current member's value as UTF-8; a slice of the input unless it has escapes.</summary>
    public ReadOnlySpan<byte> ReadString(scoped ref bool seen) =>
        TryReadString(ref seen, out var utf8) ? utf8 : throw Wrong("has a member that is not a string");

    /// <summary>Like <see cref="ReadString"/>; false when the value is null.</summary>
    public bool TryReadString(scoped ref bool seen, out ReadOnlySpan<byte> utf8)
    {
        var isThere = TryReadValue(ref seen, JsonTokenType.String, "a string");
        utf8 = isThere ? StringValue() : default;
        return isThere;
    }

    /// <summary>The current member's value, decoded from base64url into <paramref name="buffer"/>, as a slice of it.</summary>
    public ByteString ReadBase64Url(byte[] buffer, scoped ref int used, scoped ref bool seen)
    {
        var text = ReadString(ref seen);
        return Decode(text, buffer, ref used);
    }

    /// <summary>Decodes base64url into the unused part of <paramref name="buffer"/>.</summary>
    public readonly ByteString Decode(ReadOnlySpan<byte> base64Url, byte[] buffer, scoped ref int used)
    {
        if (!Base64Url.TryDecode(base64Url, buffer.AsSpan(used), out var written))
        {
            throw Wrong("has a member that is not base64url without padding");
        }

        var bytes = new ByteString(buffer.AsMemory(used, written));
        used += written;
        return bytes;
    }

    /// <summary>The current member's value; null when it is null.</summary>
    public bool? ReadBoolean(scoped ref bool seen)
    {
        Once(ref seen);
        Read();
        return _reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            JsonTokenType.Null => null,
            _ => throw Wrong("has a member that is not a boolean"),
        };
    }

    /// <summary>Passes over the current member's value.</summary>
    public void SkipValue()
    {
        Read();
        try
        {
            _reader.Skip();
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    /// <summary>Refuses anything behind the outermost object.</summary>
    public void ExpectEnd()
    {
        try
        {
            if (_reader.Read())
            {
                throw Wrong("has something behind its end");
            }
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    /// <summary>The exception for a problem at this place.</summary>
    public readonly WireFormatException Wrong(string problem) => new(structure, (int)_reader.BytesConsumed, problem);

    private readonly void Once(scoped ref bool seen)
    {
        if (seen)
        {
            throw Wrong("names a member twice");
        }

        seen = true;
    }

    private bool TryReadValue(scoped ref bool seen, JsonTokenType type, string words)
    {
        Once(ref seen);
        Read();
        return _reader.TokenType == type
            || (_reader.TokenType == JsonTokenType.Null ? false : throw Wrong($"has a member that is not {words}"));
    }

    private void Read()
    {
        try
        {
            if (!_reader.Read())
            {
                throw Wrong("ends too early");
            }
        }
        catch (JsonException e)
        {
            throw NotJson(e);
        }
    }

    private readonly ReadOnlySpan<byte> StringValue()
    {
        if (!_reader.ValueIsEscaped)
        {
            return _reader.ValueSpan;
        }

        try
        {
            var unescaped = new byte[_reader.ValueSpan.Length];
            return unescaped.AsSpan(0, _reader.CopyString(unescaped));
        }
        catch (InvalidOperationException e)
        {
            throw new WireFormatException(structure, (int)_reader.BytesConsumed, "has a string that is not Unicode", e);
        }
    }

    private readonly WireFormatException NotJson(JsonException e) => new(structure, (int)_reader.BytesConsumed, "is not JSON", e);
}
