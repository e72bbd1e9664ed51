using System.Buffers;
using System.Net.WebSockets;

namespace Latchkey.TunnelService;

/// <summary>One end's connection, while its request lasts.</summary>
internal sealed class TunnelSocket(WebSocket socket, HttpContext request) : IDisposable
{
    /// <summary>Two of these at most are in use by a busy tunnel, none by an idle one.</summary>
    private const int BufferBytes = 4096;

    private readonly Lock _cut = new();
    private Task _closing = Task.CompletedTask;
    private bool _isOver;

    /// <summary>
    /// Hands what arrives here to the other end, part by part, and reads on only when a part has been taken: a slow reader
    /// holds up its sender and nothing piles up in between.
    /// </summary>
    /// <returns>Why it stopped. A lost connection is an exception.</returns>
    public async Task<TunnelEnd> CopyAsync(Tunnel tunnel, Task<TunnelSocket?> other, TunnelLimits limits, TunnelMetrics metrics)
    {
        var size = 0;
        while (true)
        {
            // Waits without a buffer. Says that a message is there, which may be an empty one, and that is all of it then.
            var received = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close) return TunnelEnd.Closed;
            if (received.MessageType == WebSocketMessageType.Text) return TunnelEnd.Text;
            // A message before there is somebody to have it stays where it is: in the sender's connection.
            if (await other is not { } receiver || tunnel.End is not null) return TunnelEnd.Closed;

            var buffer = received.EndOfMessage ? [] : ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                if (!received.EndOfMessage)
                {
                    received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                    if (received.MessageType == WebSocketMessageType.Close) return TunnelEnd.Closed;
                }

                size += Math.Max(received.Count, 1); // an endless row of empty parts is too big as well
                if (size > limits.MessageBytes) return TunnelEnd.TooBig;
                tunnel.Use();
                if (received.EndOfMessage)
                {
                    if (tunnel.CountMessage() > limits.Messages) return TunnelEnd.TooManyMessages;
                    size = 0;
                }

                await receiver.SendAsync(buffer.AsMemory(0, received.Count), received.EndOfMessage);
                metrics.Copied(received.Count, received.EndOfMessage);
            }
            finally
            {
                if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Told to close, it answers; what it says before that is dropped. Whoever does not answer is cut by the registry.</summary>
    public async Task WaitUntilClosedAsync()
    {
        while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        await _closing;
    }

    public void BeginClose(WebSocketCloseStatus status) => _closing = CloseAsync(status);

    /// <summary>Cuts the connection, if the request still has one.</summary>
    public void Abort()
    {
        lock (_cut)
        {
            if (!_isOver) request.Abort();
        }
    }

    public void Dispose()
    {
        lock (_cut)
        {
            _isOver = true;
        }

        socket.Dispose();
    }

    private ValueTask SendAsync(ReadOnlyMemory<byte> part, bool endOfMessage) =>
        socket.SendAsync(part, WebSocketMessageType.Binary, endOfMessage, CancellationToken.None);

    private async Task CloseAsync(WebSocketCloseStatus status)
    {
        try
        {
            // Behind a send that waits for a slow reader this waits too, until the connection is cut.
            await socket.CloseOutputAsync(status, null, CancellationToken.None);
        }
        catch (Exception gone) when (IsGone(gone))
        {
            // Whoever is gone need not be told.
        }
    }

    /// <summary>What a WebSocket throws when its connection is no more.</summary>
    public static bool IsGone(Exception e) => e is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException;
}
