using System.Net;
using System.Net.Sockets;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>Takes requests for the server's own name to a port of this machine, as whatever stands in front of it does.</summary>
/// <param name="port">The port.</param>
/// <param name="from">The address to call from; any when absent.</param>
internal sealed class Wire(int port, IPAddress? from = null) : DelegatingHandler(new SocketsHttpHandler
{
    UseCookies = false,
    AllowAutoRedirect = false,
    UseProxy = false,
    ConnectCallback = async (_, cancellationToken) =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (from is not null) socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    },
})
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = request.RequestUri!;
        request.Headers.Host ??= asked.Authority;
        request.RequestUri = new UriBuilder(asked) { Scheme = Uri.UriSchemeHttp, Host = "127.0.0.1", Port = port }.Uri;
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.RequestUri = asked; // what the caller resolves redirects by
        }
    }
}
