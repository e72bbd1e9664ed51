using System.Formats.Cbor;
using System.Text;
using System.Text.Unicode;

namespace Latchkey.Protocol.Cbor;

/// <summary>In which form a <see cref="WireCborReader"/> takes CBOR.</summary>
public enum CborForm
{
    /// <summary>The CTAP2 canonical form and nothing else: sorted keys, shortest heads.</summary>
    Canonical,

    /// <summary>
    /// Keys in any order, and heads longer than they need be: several makers' authenticators write them so, and what is read is
    /// verified as it was signed. Whatever could be read in two ways (a key twice, an indefinite length, a tag) is refused here too.
    /// </summary>
    AnyOrder,
}

/// <summary>
/// Reads CBOR of definite length: duplicate keys, indefinite lengths and tags are refused, unsorted keys and overlong heads
/// where the canonical form is asked for, nesting is limited, and every failure is a <see cref="WireFormatException"/> that names
/// the structure and the offset. Byte strings come out as slices of the input. One reader can be reset and used again,
/// so that a hot path allocates nothing. Not safe for concurrent use.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#ctap2-canonical-cbor-encoding-form"/>
/// </summary>
public sealed class WireCborReader
{
    /// <summary>Levels of maps and arrays read by default: a compound attestation object needs five, nothing needs more.</summary>
    public const int DefaultMaxDepth = 8;

    /// <summary>Levels of maps and arrays a CTAP message may have.</summary>
    public const int CtapMaxDepth = 4;

    private readonly CborReader _reader;
    private readonly int _maxDepth;
    private readonly CborForm _form;
    private HashSet<Key>?[]? _keys;
    private string _structure;
    private ReadOnlyMemory<byte> _bytes;

    /// <summary>Starts at the first byte of an input.</summary>
    /// <param name="structure">The standard's name of what is read, for the exception.</param>
    /// <param name="bytes">The input; slices handed out share its memory.</param>
    /// <param name="maxDepth">How many maps and arrays may stand inside each other.</param>
    /// <param name="form">In which form it is taken.</param>
    public WireCborReader(string structure, ReadOnlyMemory<byte> bytes, int maxDepth = DefaultMaxDepth, CborForm form = CborForm.Canonical)
    {
        _structure = structure;
        _bytes = bytes;
        _maxDepth = maxDepth;
        _form = form;
        // Several root values, because authenticator data holds a key and a map one after the other; ExpectEnd is the
        // caller's explicit last word.
        var conformance = form is CborForm.Canonical ? CborConformanceMode.Ctap2Canonical : CborConformanceMode.Strict;
        _reader = new CborReader(bytes, conformance, allowMultipleRootLevelValues: true);
    }

    /// <summary>How many bytes have been read.</summary>
    public int BytesConsumed => _bytes.Length - _reader.BytesRemaining;

    /// <summary>How many bytes have not been read.</summary>
    public int BytesRemaining => _reader.BytesRemaining;

    /// <summary>Starts again on another input, keeping the memory this reader already owns.</summary>
    public void Reset(string structure, ReadOnlyMemory<byte> bytes)
    {
        _structure = structure;
        _bytes = bytes;
        _reader.Reset(bytes);
    }

    /// <summary>What comes next, without reading it.</summary>
    /// <exception cref="WireFormatException">The next head is not well-formed.</exception>
    public CborReaderState Peek()
    {
        try { return _reader.PeekState(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Enters a map and returns the number of its entries.</summary>
    /// <exception cref="WireFormatException">It is no map of definite length, or nested too deep.</exception>
    public int ReadStartMap()
    {
        CheckDepth();
        try { return _reader.ReadStartMap() ?? throw Malformed("has an indefinite length"); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Leaves a map all of whose entries were read.</summary>
    /// <exception cref="WireFormatException">Entries remain.</exception>
    public void ReadEndMap()
    {
        try { _reader.ReadEndMap(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Enters an array and returns the number of its items.</summary>
    /// <exception cref="WireFormatException">It is no array of definite length, or nested too deep.</exception>
    public int ReadStartArray()
    {
        CheckDepth();
        try { return _reader.ReadStartArray() ?? throw Malformed("has an indefinite length"); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Leaves an array all of whose items were read.</summary>
    /// <exception cref="WireFormatException">Items remain.</exception>
    public void ReadEndArray()
    {
        try { _reader.ReadEndArray(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Reads an integer of either sign.</summary>
    /// <exception cref="WireFormatException">It is no integer, or does not fit.</exception>
    public long ReadInt64()
    {
        try { return _reader.ReadInt64(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Reads an integer of either sign.</summary>
    /// <exception cref="WireFormatException">It is no integer, or does not fit.</exception>
    public int ReadInt32()
    {
        try { return _reader.ReadInt32(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Reads an unsigned integer.</summary>
    /// <exception cref="WireFormatException">It is no unsigned integer, or does not fit.</exception>
    public ulong ReadUInt64()
    {
        try { return _reader.ReadUInt64(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Reads an unsigned integer.</summary>
    /// <exception cref="WireFormatException">It is no unsigned integer, or does not fit.</exception>
    public uint ReadUInt32()
    {
        try { return _reader.ReadUInt32(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Reads a Boolean.</summary>
    /// <exception cref="WireFormatException">It is no Boolean.</exception>
    public bool ReadBoolean()
    {
        try { return _reader.ReadBoolean(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Reads a null.</summary>
    /// <exception cref="WireFormatException">It is no null.</exception>
    public void ReadNull()
    {
        try { _reader.ReadNull(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    /// <summary>Reads a byte string as a slice of the input.</summary>
    /// <param name="maxLength">The longest one allowed here, in bytes.</param>
    /// <exception cref="WireFormatException">It is no byte string of definite length, or too long.</exception>
    public ByteString ReadByteString(int maxLength = int.MaxValue)
    {
        ReadOnlyMemory<byte> value;
        try { value = _reader.ReadDefiniteLengthByteString(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
        return value.Length <= maxLength ? new(value) : throw Malformed($"has a byte string longer than {maxLength} bytes");
    }

    /// <summary>Reads a text string as the UTF-8 slice of the input, checked to be UTF-8.</summary>
    /// <param name="maxLength">The longest one allowed here, in bytes.</param>
    /// <exception cref="WireFormatException">It is no text string of definite length, not UTF-8, or too long.</exception>
    public ByteString ReadUtf8(int maxLength = int.MaxValue)
    {
        ReadOnlyMemory<byte> value;
        try { value = _reader.ReadDefiniteLengthTextStringBytes(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
        if (value.Length > maxLength) throw Malformed($"has a text string longer than {maxLength} bytes");
        return Utf8.IsValid(value.Span) ? new(value) : throw Malformed("has a text string that is not UTF-8");
    }

    /// <summary>Reads a text string.</summary>
    /// <inheritdoc cref="ReadUtf8"/>
    public string ReadText(int maxLength = int.MaxValue) => Encoding.UTF8.GetString(ReadUtf8(maxLength).Span);

    /// <summary>Reads a whole value, checked as strictly as everything else, as the slice that encodes it.</summary>
    /// <exception cref="WireFormatException">It is not in the form that is read.</exception>
    public ByteString ReadEncodedValue()
    {
        var start = BytesConsumed;
        SkipValue();
        return new(_bytes[start..BytesConsumed]);
    }

    /// <summary>Passes over a whole value, checked as strictly as everything else.</summary>
    /// <exception cref="WireFormatException">It is not in the form that is read.</exception>
    public void SkipValue()
    {
        switch (Peek())
        {
            case CborReaderState.StartMap: SkipMap(); break;
            case CborReaderState.StartArray: SkipArray(); break;
            case CborReaderState.TextString: ReadUtf8(); break;
            case CborReaderState.ByteString: ReadByteString(); break;
            case CborReaderState.Tag: throw Malformed("has a tag");
            case CborReaderState.StartIndefiniteLengthByteString or CborReaderState.StartIndefiniteLengthTextString: throw Malformed("has an indefinite length");
            default: SkipScalar(); break;
        }
    }

    /// <summary>Demands that nothing follows: a structure with leftover bytes is not that structure.</summary>
    /// <exception cref="WireFormatException">Bytes remain.</exception>
    public void ExpectEnd()
    {
        if (_reader.BytesRemaining != 0) throw Malformed($"has {_reader.BytesRemaining} bytes too many");
    }

    /// <summary>The exception for a value that is CBOR but not what the structure has here; for the caller to throw.</summary>
    /// <param name="problem">The rest of a sentence that begins with the structure: "has no sig".</param>
    public WireFormatException Malformed(string problem) => new(_structure, BytesConsumed, problem);

    private WireFormatException Malformed(Exception inner) => new(_structure, BytesConsumed, _form is CborForm.Canonical ? "is not the canonical CBOR expected here" : "is not the CBOR expected here", inner);

    private void SkipArray()
    {
        for (var items = ReadStartArray(); items > 0; items--)
        {
            SkipValue();
        }

        ReadEndArray();
    }

    private void SkipMap()
    {
        var entries = ReadStartMap();
        if (_form is CborForm.Canonical)
        {
            for (; entries > 0; entries--)
            {
                SkipValue();
                SkipValue();
            }
        }
        else
        {
            SkipEntries(entries);
        }

        ReadEndMap();
    }

    // The BCL compares keys as they are encoded. Where a head may be longer than it need be, one key has several encodings.
    private void SkipEntries(int entries)
    {
        _keys ??= new HashSet<Key>?[_maxDepth + 1];
        var keys = _keys[_reader.CurrentDepth] ??= [];
        keys.Clear();
        for (; entries > 0; entries--)
        {
            if (!keys.Add(ReadKey()))
            {
                throw Malformed("has a key twice");
            }

            SkipValue();
        }
    }

    private Key ReadKey()
    {
        var kind = Peek();
        return kind switch
        {
            CborReaderState.UnsignedInteger => new(kind, ReadUInt64(), default),
            CborReaderState.NegativeInteger => new(kind, ReadNegative(), default),
            CborReaderState.ByteString => new(kind, 0, ReadByteString()),
            CborReaderState.TextString => new(kind, 0, ReadUtf8()),
            _ => new(kind, 0, ReadEncodedValue()),
        };
    }

    private ulong ReadNegative()
    {
        try { return _reader.ReadCborNegativeIntegerRepresentation(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    private void SkipScalar()
    {
        try { _reader.SkipValue(); }
        catch (Exception e) when (IsFormatError(e)) { throw Malformed(e); }
    }

    private void CheckDepth()
    {
        if (_reader.CurrentDepth >= _maxDepth) throw Malformed($"nests deeper than {_maxDepth} levels");
    }

    // InvalidOperationException is the reader's answer to a value of another type, OverflowException to one that does
    // not fit: both are facts about the input here.
    private static bool IsFormatError(Exception e) =>
        e is CborContentException or InvalidOperationException or OverflowException;

    private readonly record struct Key(CborReaderState Kind, ulong Number, ByteString Bytes);
}
