using System.Net.WebSockets;

namespace Latchkey.TunnelService;

/// <summary>Answers the two addresses: refuses with one line, or lets in and copies until it is over.</summary>
internal sealed class Relay(TunnelRegistry registry, TunnelLimits limits, TunnelMetrics metrics)
{
    /// <summary>The phone's end: opens a tunnel and waits in it.</summary>
    public Task OpenAsync(HttpContext context)
    {
        if (!TunnelPath.TryReadTunnelId(context.Request.RouteValues["tunnel"], out var id)) return RefuseAsync(context, TunnelRefusal.NotHex);
        if (WhyNoWebSocket(context) is { } unfit) return RefuseAsync(context, unfit);

        var (tunnel, refusal) = registry.Open(id, AddressKey.Of(context.Connection.RemoteIpAddress));
        if (tunnel is null) return RefuseAsync(context, refusal!);

        context.Response.Headers[TunnelEndpoints.RoutingIdHeader] = TunnelPath.WriteRoutingId(tunnel.RoutingId);
        return ServeAsync(context, tunnel, tunnel.TrySetOpener, tunnel.Joiner);
    }

    /// <summary>The computer's end: joins the tunnel it heard of in an advert.</summary>
    public Task JoinAsync(HttpContext context)
    {
        var values = context.Request.RouteValues;
        if (!TunnelPath.TryReadTunnelId(values["tunnel"], out var id) || !TunnelPath.TryReadRoutingId(values["routing"], out var routingId))
        {
            return RefuseAsync(context, TunnelRefusal.NotHex);
        }

        if (WhyNoWebSocket(context) is { } unfit) return RefuseAsync(context, unfit);

        var (tunnel, refusal) = registry.Join(routingId, id);
        return tunnel is null ? RefuseAsync(context, refusal!) : ServeAsync(context, tunnel, tunnel.TrySetJoiner, tunnel.Opener);
    }

    private async Task ServeAsync(HttpContext context, Tunnel tunnel, Func<TunnelSocket, bool> take, Task<TunnelSocket?> other)
    {
        try
        {
            // The protocol is named, compression is not: nothing is accepted that an end offers besides.
            using var socket = new TunnelSocket(await context.WebSockets.AcceptWebSocketAsync(TunnelEndpoints.Protocol), context);
            context.Request.Headers.Clear(); // read, and of no use to a tunnel that may wait for minutes
            if (take(socket))
            {
                registry.End(tunnel, await socket.CopyAsync(tunnel, other, limits, metrics), socket);
            }
            else
            {
                socket.BeginClose(WebSocketCloseStatus.EndpointUnavailable);
            }

            await socket.WaitUntilClosedAsync();
        }
        catch (Exception gone) when (TunnelSocket.IsGone(gone))
        {
            // Told to the other end below.
        }
        finally
        {
            registry.End(tunnel, TunnelEnd.Lost);
            registry.Leave(tunnel);
        }
    }

    private static TunnelRefusal? WhyNoWebSocket(HttpContext context) =>
        !context.WebSockets.IsWebSocketRequest ? TunnelRefusal.NotWebSocket
        : !context.WebSockets.WebSocketRequestedProtocols.Contains(TunnelEndpoints.Protocol, StringComparer.Ordinal) ? TunnelRefusal.WrongProtocol
        : null;

    private Task RefuseAsync(HttpContext context, TunnelRefusal refusal)
    {
        registry.Refused(refusal);
        context.Response.StatusCode = refusal.Status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        if (refusal == TunnelRefusal.NotWebSocket) context.Response.Headers.Upgrade = "websocket";
        return context.Response.WriteAsync(refusal.Line + "\n");
    }
}
