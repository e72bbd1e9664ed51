using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Latchkey.TunnelService;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
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
    public const string Plain = "plain", Tls = "tls", Subject = "CN=localhost";

    private static readonly ConcurrentDictionary<string, TaskCompletionSource<WebSocket>> Waiting = new(StringComparer.Ordinal);

    public static async Task RunAsync(string kind, bool tls)
    {
        var folder = Directory.CreateTempSubdirectory("latchkey-bench");
        var (certificate, key) = (Path.Combine(folder.FullName, "certificate.pem"), Path.Combine(folder.FullName, "key.pem"));
        if (tls) WriteCertificate(certificate, key);
        await using var app = kind switch
        {
            Relay => RelayProgram.Build(
                RelayOptions.Parse(["--port", "0", "--tunnels", "100000", "--tunnels-per-address", "0", "--messages", "2000000000", "--lifetime", "86400", .. tls ? ["--certificate", certificate, "--key", key] : (string[])[]]),
                builder => builder.Logging.ClearProviders()),
            Echo => Bare(EchoAsync, certificate, key, tls),
            _ => Bare(PairAsync, certificate, key, tls),
        };
        await app.StartAsync();
        folder.Delete(recursive: true);
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

    private static void WriteCertificate(string certificate, string key)
    {
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signed = new CertificateRequest(Subject, made, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        File.WriteAllText(certificate, signed.ExportCertificatePem());
        File.WriteAllText(key, made.ExportPkcs8PrivateKeyPem());
    }

    private static WebApplication Bare(RequestDelegate answer, string certificate, string key, bool tls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (tls) listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = X509Certificate2.CreateFromPemFile(certificate, key) });
        }));
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
