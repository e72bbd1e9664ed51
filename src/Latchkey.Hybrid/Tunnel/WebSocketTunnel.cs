using System.Net.WebSockets;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tunnel;

/// <summary>A tunnel that is one WebSocket; each message is one binary message of it.</summary>
internal sealed class WebSocketTunnel(WebSocket socket) : ITunnel
{
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(2);

    private Task<ByteString?>? _receiving;
    private int _disposed;

    public async ValueTask SendAsync(ByteString message, CancellationToken cancellationToken)
    {
        // After the other side's goodbye a WebSocket would still take messages, for nobody.
        if (socket.State != WebSocketState.Open) throw new HybridException(HybridProblem.PeerClosed, "The tunnel is closed.");
        try
        {
            await socket.SendAsync(message.Memory, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
        }
        catch (Exception e) when (IsClosed(e))
        {
            throw new HybridException(HybridProblem.PeerClosed, "The tunnel is closed.", e);
        }
    }

    public ValueTask<ByteString?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var receiving = ReceiveMessageAsync(cancellationToken);
        _receiving = receiving;
        return new(receiving);
    }

    /// <summary>Says goodbye and waits a moment for the other side's, so that what was sent last arrives.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        using var limit = new CancellationTokenSource(GoodbyeLimit);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
            var receiving = _receiving is { IsCompleted: false } pending ? pending : ReceiveMessageAsync(limit.Token);
            while (await receiving.WaitAsync(limit.Token) is not null) receiving = ReceiveMessageAsync(limit.Token);
        }
        catch (Exception e) when (e is HybridException or OperationCanceledException || IsClosed(e))
        {
            // Gone without a goodbye: nothing is lost that could still be had.
        }

        socket.Dispose();
    }

    private async Task<ByteString?> ReceiveMessageAsync(CancellationToken cancellationToken)
    {
        var message = new byte[4096];
        for (var length = 0; ;)
        {
            ValueWebSocketReceiveResult part;
            try
            {
                part = await socket.ReceiveAsync(message.AsMemory(length), cancellationToken);
            }
            catch (Exception e) when (IsClosed(e))
            {
                return null;
            }

            if (part.MessageType == WebSocketMessageType.Close) return null;
            if (part.MessageType != WebSocketMessageType.Binary) throw new HybridException(HybridProblem.PeerMisbehaved, "The tunnel carried a message that is not binary.");
            length += part.Count;
            if (part.EndOfMessage) return message[..length];
            if (length < message.Length) continue;
            if (length >= ITunnel.MaxMessageLength) throw new HybridException(HybridProblem.PeerMisbehaved, $"The tunnel carried a message over {ITunnel.MaxMessageLength} bytes.");
            Array.Resize(ref message, Math.Min(length * 2, ITunnel.MaxMessageLength));
        }
    }

    private static bool IsClosed(Exception e) => e is WebSocketException or ObjectDisposedException or InvalidOperationException;
}
