using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Latchkey.Scenarios;

/// <summary>
/// The line from a program to the server, as an HTTP proxy: it goes dead at one request, before or after the server has heard it, and says when.
/// </summary>
internal sealed class CutLine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private readonly byte[] _request;
    private readonly bool _serverHears;
    private readonly Uri _server;

    /// <summary>Opens the line.</summary>
    /// <param name="server">Where it leads.</param>
    /// <param name="request">Method and path of the request at which it goes dead.</param>
    /// <param name="serverHears">Whether that request still arrives and only its answer is lost.</param>
    public CutLine(Uri server, string request, bool serverHears)
    {
        var (method, path) = (request.Split(' ')[0], request.Split(' ')[1]);
        _request = Encoding.ASCII.GetBytes($"{method} {new Uri(server, path)} HTTP/1.1");
        (_server, _serverHears) = (server, serverHears);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The environment of a program that speaks through it.</summary>
    public Dictionary<string, string> Environment => new(StringComparer.Ordinal) { ["http_proxy"] = $"http://{_listener.LocalEndpoint}" };

    /// <summary>Completes when it has gone dead.</summary>
    public Task Cut => _cut.Task.WaitAsync(Running.Patience, TimeProvider.System, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var lines = new List<Task>();
        try
        {
            while (true) lines.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(lines);
        }
    }

    private async Task CarryAsync(TcpClient program)
    {
        using (program)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _server.Port, _end.Token);
                var (there, back) = (program.GetStream(), server.GetStream());
                var heard = false;
                await Task.WhenAny(
                    CarryAsync(there, back, chunk =>
                    {
                        if (!chunk.Span.StartsWith(_request)) return true;
                        heard = true;
                        if (!_serverHears) _cut.TrySetResult();
                        return _serverHears;
                    }),
                    CarryAsync(back, there, _ =>
                    {
                        if (heard) _cut.TrySetResult();
                        return !heard;
                    }));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // one end hung up
            }
        }
    }

    private async Task CarryAsync(NetworkStream from, NetworkStream to, Func<ReadOnlyMemory<byte>, bool> passes)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var length)
        {
            if (passes(buffer.AsMemory(0, length))) await to.WriteAsync(buffer.AsMemory(0, length), _end.Token);
        }
    }
}
