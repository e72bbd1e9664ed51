using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Latchkey.Phone.Sheet;

/// <summary>The system's own connection to an Authenticator, over which it asks what a browser asked it.</summary>
internal sealed class AuthenticatorConnection : IAsyncDisposable
{
    private readonly Frames _frames;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonObject>> _asked = [];
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _delivered = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _listening;
    private int _last;

    private AuthenticatorConnection(Frames frames)
    {
        _frames = frames;
        _listening = ListenAsync();
    }

    /// <summary>Whether the other end is still there.</summary>
    public bool IsOpen => !_listening.IsCompleted;

    public static async Task<AuthenticatorConnection> OpenAsync(string path, CancellationToken stop)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var frames = new Frames(socket);
        await frames.WriteAsync(new() { ["type"] = "host", ["extension"] = "phone" }, stop);
        return new(frames);
    }

    /// <summary>Asks, and gives the answer without the number it went by.</summary>
    public async Task<JsonObject> AskAsync(JsonObject message, CancellationToken stop) => (await AskWithIdAsync(message, stop)).Answer;

    /// <summary>Asks; whoever makes a passkey is told later, by this number, whether it arrived.</summary>
    public async Task<(int Id, JsonObject Answer)> AskWithIdAsync(JsonObject message, CancellationToken stop)
    {
        var id = Interlocked.Increment(ref _last);
        var asked = _asked[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var mine = (JsonObject)message.DeepClone();
        mine["id"] = id;
        await _frames.WriteAsync(mine, stop);
        if (!IsOpen) throw new IOException("The Authenticator is gone.");
        await using var cancelled = stop.Register(() => _ = TellAsync("cancel", id));
        var answer = await asked.Task;
        stop.ThrowIfCancellationRequested();
        answer.Remove("id");
        return (id, answer);
    }

    /// <summary>Says something about a request.</summary>
    public async Task TellAsync(string what, int id)
    {
        try
        {
            await _frames.WriteAsync(new() { ["type"] = what, ["id"] = id }, _stop.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It is gone, and knows by that.
        }
    }

    /// <summary>The page has what was made, or never will; done when the Authenticator keeps it for good.</summary>
    public async Task DeliverAsync(int id, bool hasIt)
    {
        var kept = _delivered[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await TellAsync(hasIt ? "delivered" : "undelivered", id);
        if (hasIt && IsOpen) await Task.WhenAny(kept.Task, _listening);
        _delivered.TryRemove(id, out _);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _frames.DisposeAsync();
        await _listening;
        _stop.Dispose();
    }

    private async Task ListenAsync()
    {
        try
        {
            while (await _frames.ReadAsync(_stop.Token) is { } message)
            {
                // What comes on the way to an answer is for windows that this phone does not have.
                var answers = message["ok"] is not null || message["error"] is not null;
                if ((int?)message["id"] is not { } id) continue;
                if (answers && _asked.TryRemove(id, out var asked)) asked.TrySetResult(message);
                if ((string?)message["type"] is "kept" && _delivered.TryRemove(id, out var kept)) kept.TrySetResult();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Text.Json.JsonException)
        {
            // It went.
        }

        foreach (var asked in _asked.Values) asked.TrySetException(new IOException("The Authenticator is gone."));
    }
}
