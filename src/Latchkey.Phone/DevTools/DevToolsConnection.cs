using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Phone.Computer;

namespace Latchkey.Phone.DevTools;

/// <summary>
/// One connection to a page of a browser: calls, their answers, and what the browser says unasked.
/// <see href="https://chromedevtools.github.io/devtools-protocol/"/>
/// </summary>
internal sealed class DevToolsConnection : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private readonly ClientWebSocket _socket;
    private readonly SemaphoreSlim _oneSender = new(1);
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonObject>> _calls = [];
    private readonly Task _listening;
    private int _last;

    private DevToolsConnection(ClientWebSocket socket)
    {
        _socket = socket;
        _listening = ListenAsync();
    }

    /// <summary>An event of the browser's: its method and parameters. Raised in order, on the connection's own thread.</summary>
    public event Action<string, JsonObject>? Said;

    /// <summary>Connects to the page whose address begins so, as soon as there is one.</summary>
    /// <exception cref="RehearsalException">There never was.</exception>
    public static async Task<DevToolsConnection> OfAsync(Uri devTools, string addressBegins, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = devTools };
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            using var targets = JsonDocument.Parse(await http.GetStringAsync(new Uri("json/list", UriKind.Relative), cancellationToken));
            foreach (var target in targets.RootElement.EnumerateArray())
            {
                if (target.GetProperty("type").GetString() != "page" || target.GetProperty("url").GetString()?.StartsWith(addressBegins, StringComparison.Ordinal) != true) continue;
                var socket = new ClientWebSocket();
                await socket.ConnectAsync(new Uri(target.GetProperty("webSocketDebuggerUrl").GetString()!), cancellationToken);
                return new(socket);
            }

            if (waited > ChildProgram.Patience) throw new RehearsalException($"The browser never showed {addressBegins}.");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Calls a method; the answer is its result, or holds <c>error</c>.</summary>
    /// <exception cref="RehearsalException">The browser went.</exception>
    public async Task<JsonObject> CallAsync(string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _calls[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        await _oneSender.WaitAsync(cancellationToken);
        try
        {
            if (_listening.IsCompleted) throw Gone();
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        catch (WebSocketException)
        {
            throw Gone();
        }
        finally
        {
            _oneSender.Release();
        }

        return await answer.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _listening;
        _socket.Dispose();
        _oneSender.Dispose();
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close) break;
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Take(JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length)));
                message.SetLength(0);
            }
        }
        catch (WebSocketException)
        {
            // The browser went first.
        }
        catch (OperationCanceledException)
        {
            // We did.
        }

        foreach (var call in _calls.Values) call.TrySetException(Gone());
    }

    private void Take(JsonNode? message)
    {
        if (message is not JsonObject said) return;
        if ((int?)said["id"] is { } id)
        {
            if (_calls.TryRemove(id, out var call)) call.TrySetResult(said["result"] as JsonObject ?? new JsonObject { ["error"] = said["error"]?.DeepClone() });
        }
        else if ((string?)said["method"] is { } method)
        {
            Said?.Invoke(method, said["params"] as JsonObject ?? []);
        }
    }

    private static RehearsalException Gone() => new("The browser was closed.");
}
