using System.Net.Sockets;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>HTTP to a program of this very person's, by its Unix socket.</summary>
internal static class SocketHttp
{
    /// <summary>A client whose every request goes to one socket, whatever host its address names.</summary>
    /// <param name="path">Where the socket is.</param>
    /// <param name="timeout">How long an answer may take.</param>
    public static HttpClient Connect(string path, TimeSpan timeout) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = new("http://socket"), Timeout = timeout };
}
