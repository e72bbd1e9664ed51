using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Latchkey.TunnelService;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Latchkey.Benchmarks;

/// <summary>
/// A server in a process of its own, so that its memory and processor time are nobody else's: the relay as it ships, and
/// what Kestrel's WebSockets cost at least, as an echo and as two sockets tied together.
/// </summary>
internal static class TunnelServers
{
    public const string Relay = "relay", Echo = "echo", Paired = "paired";

    private static readonly ConcurrentDictionary<string, TaskCompletionSource<WebSocket>> Waiting = new(StringComparer.Ordinal);

    public static async Task RunAsync(string kind)
    {
        await using var app = kind switch
        {
            Relay => RelayProgram.Build(
                RelayOptions.Parse(["--port", "0", "--tunnels", "100000", "--tunnels-per-address", "0", "--messages", "2000000000", "--lifetime", "86400"]),
                builder => builder.Logging.ClearProviders()),
            Echo => Bare(EchoAsync),
            _ => Bare(PairAsync),
        };
        await app.StartAsync();
        Console.WriteLine(new Uri(app.Urls.First()).Port.ToString(CultureInfo.InvariantCulture));
        while (await Console.In.ReadLineAsync() is not null)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ResidentBytes()} {GC.GetTotalMemory(forceFullCollection: false)} {GC.GetTotalAllocatedBytes(precise: true)}"));
        }
    }

    private static WebApplication Bare(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = Timeout.InfiniteTimeSpan });
        app.Run(answer);
        return app;
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(TunnelEndpoints.Protocol);
        while (true)
        {
            await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None); // holds no buffer while idle
            var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(4096);
            var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close) return;
            await socket.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Binary, received.EndOfMessage, CancellationToken.None);
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The first of a path waits for the second; then bytes are copied, from a buffer each socket keeps.</summary>
    private static async Task PairAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(TunnelEndpoints.Protocol);
        WebSocket other;
        if (Waiting.TryRemove(context.Request.Path, out var first))
        {
            other = (WebSocket)first.Task.AsyncState!;
            first.SetResult(socket);
        }
        else
        {
            var mine = new TaskCompletionSource<WebSocket>(socket);
            Waiting[context.Request.Path] = mine;
            other = await mine.Task;
        }

        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
            if (received.MessageType == WebSocketMessageType.Close) return;
            await other.SendAsync(buffer.AsMemory(0, received.Count), WebSocketMessageType.Binary, received.EndOfMessage, CancellationToken.None);
        }
    }

    private static long ResidentBytes() =>
        1024 * long.Parse(
            File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
}
