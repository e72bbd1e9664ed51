using System.Formats.Cbor;

namespace Latchkey.Protocol.Cbor;

/// <summary>
/// Writes CBOR in the CTAP2 canonical form: shortest heads, definite lengths, map keys sorted whatever order they are
/// written in, a duplicate key refused. Wrong use (a map left open, a value without its key) is an
/// <see cref="InvalidOperationException"/>.
/// </summary>
public sealed class CanonicalCborWriter
{
    private readonly CborWriter _writer = new(CborConformanceMode.Ctap2Canonical);

    /// <summary>Opens a map of so many entries.</summary>
    public CanonicalCborWriter StartMap(int entries) { _writer.WriteStartMap(entries); return this; }

    /// <summary>Closes the map.</summary>
    public CanonicalCborWriter EndMap() { _writer.WriteEndMap(); return this; }

    /// <summary>Opens an array of so many items.</summary>
    public CanonicalCborWriter StartArray(int items) { _writer.WriteStartArray(items); return this; }

    /// <summary>Closes the array.</summary>
    public CanonicalCborWriter EndArray() { _writer.WriteEndArray(); return this; }

    /// <summary>Writes an integer, as a key or a value.</summary>
    public CanonicalCborWriter Integer(long value) { _writer.WriteInt64(value); return this; }

    /// <summary>Writes an unsigned integer.</summary>
    public CanonicalCborWriter Unsigned(ulong value) { _writer.WriteUInt64(value); return this; }

    /// <summary>Writes a byte string.</summary>
    public CanonicalCborWriter Bytes(ReadOnlySpan<byte> value) { _writer.WriteByteString(value); return this; }

    /// <summary>Writes a text string, as a key or a value.</summary>
    public CanonicalCborWriter Text(string value) { _writer.WriteTextString(value); return this; }

    /// <summary>Writes a Boolean.</summary>
    public CanonicalCborWriter Boolean(bool value) { _writer.WriteBoolean(value); return this; }

    /// <summary>Writes a null.</summary>
    public CanonicalCborWriter Null() { _writer.WriteNull(); return this; }

    /// <summary>Writes a value that is already encoded; it is checked to be one canonical value.</summary>
    public CanonicalCborWriter Encoded(ReadOnlySpan<byte> value) { _writer.WriteEncodedValue(value); return this; }

    /// <summary>The bytes written, once every map and array is closed.</summary>
    public byte[] Encode() => _writer.Encode();
}
