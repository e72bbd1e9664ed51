using System.Buffers.Binary;

namespace Latchkey.Protocol;

/// <summary>Reads a structure of fixed, big-endian fields; every lack is a <see cref="WireFormatException"/> with its offset.</summary>
public ref struct ByteReader
{
    private readonly ByteString _bytes;
    private readonly string _structure;

    /// <summary>Starts at the first byte.</summary>
    /// <param name="bytes">What to read; results are slices of it.</param>
    /// <param name="structure">The standard's name of the structure, for errors.</param>
    public ByteReader(ByteString bytes, string structure)
    {
        _bytes = bytes;
        _structure = structure;
    }

    /// <summary>Offset in bytes of what comes next.</summary>
    public int Offset { get; private set; }

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _bytes.Length - Offset;

    /// <summary>All that is left, without taking it.</summary>
    public readonly ByteString Rest => _bytes.Slice(Offset);

    /// <summary>Takes one byte.</summary>
    public byte ReadByte() => ReadBytes(1).Span[0];

    /// <summary>Takes a big-endian unsigned 16-bit integer.</summary>
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(ReadBytes(2).Span);

    /// <summary>Takes a big-endian unsigned 32-bit integer.</summary>
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(ReadBytes(4).Span);

    /// <summary>Takes <paramref name="length"/> bytes, as a slice.</summary>
    public ByteString ReadBytes(int length)
    {
        if (length > Remaining)
        {
            throw Wrong($"ends {length - Remaining} bytes too early");
        }

        var slice = _bytes.Slice(Offset, length);
        Offset += length;
        return slice;
    }

    /// <summary>Refuses bytes that belong to nothing.</summary>
    public readonly void ExpectEnd()
    {
        if (Remaining != 0)
        {
            throw Wrong($"has {Remaining} bytes too many");
        }
    }

    /// <summary>The exception for a problem at this place.</summary>
    public readonly WireFormatException Wrong(string problem) => new(_structure, Offset, problem);
}
