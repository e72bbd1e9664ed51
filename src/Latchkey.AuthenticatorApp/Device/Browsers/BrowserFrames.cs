using System.Buffers.Binary;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>
/// The frames on the socket: four bytes of length, little-endian, then as many bytes of JSON. The native host makes them of those of native messaging.
/// </summary>
internal static class BrowserFrames
{
    /// <summary>The longest message either way.</summary>
    public const int MaxLength = 256 * 1024;

    private const int LengthBytes = sizeof(uint);

    /// <summary>The next message; null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">Nothing, or too much, in a frame; or the stream ends inside one.</exception>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var header = new byte[LengthBytes];
        var read = await stream.ReadAtLeastAsync(header, LengthBytes, throwOnEndOfStream: false, cancellationToken);
        if (read == 0) return null;
        if (read < LengthBytes) throw new InvalidDataException("A frame ends inside its length.");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(header);
        if (length is 0 or > MaxLength) throw new InvalidDataException($"A frame of {length} bytes.");
        var message = new byte[length];
        try
        {
            await stream.ReadExactlyAsync(message, cancellationToken);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("A frame ends too early.", e);
        }

        return message;
    }

    /// <summary>Sends a message as one frame.</summary>
    public static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (message.Length is 0 or > MaxLength) throw new ArgumentException($"A frame of {message.Length} bytes.", nameof(message));
        var frame = new byte[LengthBytes + message.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)message.Length);
        message.CopyTo(frame.AsMemory(LengthBytes));
        await stream.WriteAsync(frame, cancellationToken);
        await stream.FlushAsync(cancellationToken);
    }
}
