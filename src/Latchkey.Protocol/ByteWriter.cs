using System.Buffers.Binary;

namespace Latchkey.Protocol;

/// <summary>Writes a structure of fixed, big-endian fields: the inverse of <see cref="ByteReader"/>.</summary>
public sealed class ByteWriter(int capacity = 64)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;

    /// <summary>Adds one byte.</summary>
    public ByteWriter Byte(byte value)
    {
        Room(1)[0] = value;
        return this;
    }

    /// <summary>Adds a big-endian unsigned 16-bit integer.</summary>
    public ByteWriter UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(Room(2), value);
        return this;
    }

    /// <summary>Adds a big-endian unsigned 32-bit integer.</summary>
    public ByteWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Room(4), value);
        return this;
    }

    /// <summary>Adds bytes as they are.</summary>
    public ByteWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        return this;
    }

    /// <summary>What was written.</summary>
    public ByteString ToByteString() => ByteString.CopyOf(_buffer.AsSpan(0, _length));

    private Span<byte> Room(int length)
    {
        if (_buffer.Length - _length < length)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + length));
        }

        var room = _buffer.AsSpan(_length, length);
        _length += length;
        return room;
    }
}
