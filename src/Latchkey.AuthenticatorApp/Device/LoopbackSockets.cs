using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// One port on both loopback addresses. A browser may try either for a name that ends in <c>.localhost</c>: were one of them free, another account of
/// this machine could listen there, and be sent the ticket that was meant for us.
/// </summary>
internal sealed class LoopbackSockets
{
    private readonly Dictionary<EndPoint, Socket> _sockets = [];

    private LoopbackSockets()
    {
    }

    public int Port { get; private set; }

    /// <summary>Takes the port; 0 lets the system choose one that is free on both.</summary>
    /// <exception cref="IOException">It is not free.</exception>
    public static LoopbackSockets Bind(int port)
    {
        while (true)
        {
            var sockets = new LoopbackSockets();
            try
            {
                sockets.Port = ((IPEndPoint)sockets.Add(new(IPAddress.Loopback, port)).LocalEndPoint!).Port;
                if (Socket.OSSupportsIPv6) sockets.Add(new(IPAddress.IPv6Loopback, sockets.Port));
                return sockets;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported && sockets._sockets.Count == 1)
            {
                // This machine has no ::1, for anybody.
                return sockets;
            }
            catch (SocketException) when (port == 0 && sockets._sockets.Count == 1)
            {
                sockets.Close();
            }
            catch (SocketException e)
            {
                sockets.Close();
                throw new IOException($"Port {port} can't be used: {e.Message}.", e);
            }
        }
    }

    /// <summary>Has the server listen on them.</summary>
    public void Listen(KestrelServerOptions kestrel)
    {
        foreach (var end in _sockets.Keys.Cast<IPEndPoint>()) kestrel.Listen(end);
    }

    /// <summary>The socket for an address: one of these, or a new one for any other.</summary>
    public Socket SocketFor(EndPoint address) => _sockets.Remove(address, out var socket) ? socket : SocketTransportOptions.CreateDefaultBoundListenSocket(address);

    private Socket Add(IPEndPoint address)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        return _sockets[socket.LocalEndPoint!] = socket;
    }

    private void Close()
    {
        foreach (var socket in _sockets.Values) socket.Dispose();
    }
}
