using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.AuthenticatorApp.Device.Browsers;

namespace Latchkey.Phone.Sheet;

/// <summary>The messages of docs/browser-extension.md on a socket, in the Authenticator's own frames.</summary>
internal sealed class Frames(Socket socket) : IAsyncDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);
    private readonly SemaphoreSlim _oneWriter = new(1);

    /// <summary>The next message; null when the other end has closed.</summary>
    /// <exception cref="IOException">It broke off, is too long, or is no object.</exception>
    public async Task<JsonObject?> ReadAsync(CancellationToken stop)
    {
        try
        {
            if (await BrowserFrames.ReadAsync(_stream, stop) is not { } message) return null;
            return JsonNode.Parse(message) as JsonObject ?? throw new IOException("The frame is no object.");
        }
        catch (InvalidDataException e)
        {
            throw new IOException("The frame is broken.", e);
        }
    }

    public async Task WriteAsync(JsonObject message, CancellationToken stop)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message);
        await _oneWriter.WaitAsync(stop);
        try
        {
            await BrowserFrames.WriteAsync(_stream, body, stop);
        }
        finally
        {
            _oneWriter.Release();
        }
    }

    public async ValueTask DisposeAsync() => await _stream.DisposeAsync();
}
