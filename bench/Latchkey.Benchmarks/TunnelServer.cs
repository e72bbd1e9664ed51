using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Latchkey.Benchmarks;

/// <summary>One of <see cref="TunnelServers"/>, running, and the raw sockets that talk to it.</summary>
internal sealed class TunnelServer : IDisposable
{
    private readonly Process _process;
    private readonly int _port;

    private readonly bool _tls;

    private TunnelServer(string kind, bool tls, Process process, int port) => (Kind, _tls, _process, _port) = (kind, tls, process, port);

    public string Kind { get; }

    /// <summary>User and kernel time so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static TunnelServer Start(string kind, bool tls)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["tunnel-server", kind, tls ? TunnelServers.Tls : TunnelServers.Plain])
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        var port = int.Parse(process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        if (OperatingSystem.IsLinux()) process.ProcessorAffinity = 1; // the clients are on the others
        return new TunnelServer(kind, tls, process, port);
    }

    /// <summary>After a full collection: bytes resident, bytes in managed objects, bytes ever allocated.</summary>
    public (long Resident, long Managed, long Allocated) Memory()
    {
        _process.StandardInput.WriteLine();
        var numbers = _process.StandardOutput.ReadLine()!.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture)).ToArray();
        return (numbers[0], numbers[1], numbers[2]);
    }

    /// <summary>Two connections in one tunnel; for the echo two that have nothing to do with each other.</summary>
    public async Task<(Stream First, Stream Second)> OpenPairAsync(int number)
    {
        var id = number.ToString("x32", CultureInfo.InvariantCulture);
        var (first, head) = await OpenAsync("/cable/new/" + id);
        if (Kind != TunnelServers.Relay) return (first, (await OpenAsync("/cable/new/" + id)).Connection);
        const string Header = "X-caBLE-Routing-ID: ";
        var routingId = head.Substring(head.IndexOf(Header, StringComparison.Ordinal) + Header.Length, 6);
        return (first, (await OpenAsync($"/cable/connect/{routingId}/{id}")).Connection);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private async Task<(Stream Connection, string Head)> OpenAsync(string path)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync("127.0.0.1", _port);
        Stream connection = new NetworkStream(socket, ownsSocket: true);
        if (_tls)
        {
            var secured = new SslStream(connection);
            connection = secured;
            // Its certificate was made a moment ago, for this run.
            await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == TunnelServers.Subject });
        }

        await connection.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: fido.cable\r\n\r\n"));
        var buffer = new byte[1024];
        var length = 0;
        while (!buffer.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            length += await connection.ReadAsync(buffer.AsMemory(length)) is var count and > 0 ? count : throw new EndOfStreamException();
        }

        return (connection, Encoding.ASCII.GetString(buffer, 0, length));
    }
}
