using System.Buffers.Binary;

namespace Latchkey.NativeHost;

/// <summary>
/// Frames of a length of four bytes and as many bytes of JSON. Browsers write the length in this machine's own order, the socket's is little-endian.
/// <see href="https://developer.chrome.com/docs/extensions/develop/concepts/native-messaging#native-messaging-host-protocol"/>
/// </summary>
internal static class Frames
{
    /// <summary>The longest message either way.</summary>
    public const int MaxLength = 256 * 1024;

    /// <summary>The longest message a browser sends at all: what is too long for us is passed over up to here, and beyond it is no frame.</summary>
    public const int MaxSkipped = 64 * 1024 * 1024;

    /// <summary>The next message, those that are too long left out: one page's is no reason to end the others' requests. Null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">Nothing, or more than any browser sends, in a frame; or the stream ends inside one.</exception>
    public static async Task<byte[]?> ReadAsync(Stream stream, bool littleEndian, CancellationToken cancellationToken)
    {
        var header = new byte[sizeof(uint)];
        while (true)
        {
            var read = await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken);
            if (read == 0) return null;
            var length = littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(header) : BinaryPrimitives.ReadUInt32BigEndian(header);
            if (read < header.Length || length is 0 or > MaxSkipped) throw new InvalidDataException("A broken frame.");
            var message = new byte[Math.Min(length, MaxLength)];
            for (var left = (int)length; left > 0;)
            {
                var part = message.AsMemory(0, Math.Min(left, message.Length));
                if (await stream.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, cancellationToken) < part.Length) throw new InvalidDataException("A frame ends too early.");
                left -= part.Length;
            }

            if (length <= MaxLength) return message;
        }
    }

    /// <summary>Sends a message as one frame.</summary>
    public static async Task WriteAsync(Stream stream, byte[] message, bool littleEndian, CancellationToken cancellationToken)
    {
        var frame = new byte[sizeof(uint) + message.Length];
        if (littleEndian) BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)message.Length);
        else BinaryPrimitives.WriteUInt32BigEndian(frame, (uint)message.Length);
        message.CopyTo(frame, sizeof(uint));
        await stream.WriteAsync(frame, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }
}
