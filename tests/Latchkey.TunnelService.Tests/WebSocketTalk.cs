using System.Net.WebSockets;

namespace Latchkey.TunnelService.Tests;

/// <summary>Whole messages over a client's WebSocket.</summary>
internal static class WebSocketTalk
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task SendAsync(this WebSocket socket, byte[] message) =>
        socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None).WaitAsync(Patience, TimeProvider.System);

    /// <summary>The next message; null when the other side closed.</summary>
    public static async Task<byte[]?> ReceiveAsync(this WebSocket socket)
    {
        var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Patience, TimeProvider.System);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            Assert.Equal(WebSocketMessageType.Binary, part.MessageType);
            message.Write(buffer.AsSpan(0, part.Count));
            if (part.EndOfMessage) return message.ToArray();
        }
    }

    /// <summary>With which status the relay closed.</summary>
    public static async Task<WebSocketCloseStatus?> ClosedAsync(this WebSocket socket)
    {
        Assert.Null(await socket.ReceiveAsync());
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Patience, TimeProvider.System);
        return socket.CloseStatus;
    }

    /// <summary>Waits for what another thread will make true.</summary>
    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="UntilAsync(Func{bool}, string)"/>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, "In vain: " + what);
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
