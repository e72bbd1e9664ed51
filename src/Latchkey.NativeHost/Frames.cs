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

    /// <summary>The next message; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">Nothing, or too much, in a frame; or the stream ends inside one.</exception>
    public static async Task<byte[]?> ReadAsync(Stream stream, bool littleEndian, CancellationToken cancellationToken)
    {
        var header = new byte[sizeof(uint)];
        var read = await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken);
        if (read == 0) return null;
        var length = littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(header) : BinaryPrimitives.ReadUInt32BigEndian(header);
        if (read < header.Length || length is 0 or > MaxLength) throw new InvalidDataException("A broken frame.");
        var message = new byte[length];
        return await stream.ReadAtLeastAsync(message, message.Length, throwOnEndOfStream: false, cancellationToken) == message.Length
            ? message
            : throw new InvalidDataException("A frame ends too early.");
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
