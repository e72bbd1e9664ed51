using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Latchkey.Phone.Sheet;

/// <summary>The frames of docs/browser-extension.md on a socket: four bytes of length, little-endian, then JSON.</summary>
internal sealed class Frames(Socket socket) : IAsyncDisposable
{
    private const int MaxLength = 256 * 1024;

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly SemaphoreSlim _oneWriter = new(1);

    /// <summary>The next message; null when the other end has closed.</summary>
    /// <exception cref="IOException">It broke off, or is too long.</exception>
    public async Task<JsonObject?> ReadAsync(CancellationToken stop)
    {
        var length = new byte[4];
        if (await _stream.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, stop) < length.Length) return null;
        var count = BinaryPrimitives.ReadUInt32LittleEndian(length);
        if (count > MaxLength) throw new IOException("The frame is too long.");
        var body = new byte[count];
        await _stream.ReadExactlyAsync(body, stop);
        return JsonNode.Parse(body) as JsonObject ?? throw new IOException("The frame is no object.");
    }

    public async Task WriteAsync(JsonObject message, CancellationToken stop)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message);
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, (uint)body.Length);
        body.CopyTo(frame, 4);
        await _oneWriter.WaitAsync(stop);
        try
        {
            await _stream.WriteAsync(frame, stop);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();
}
