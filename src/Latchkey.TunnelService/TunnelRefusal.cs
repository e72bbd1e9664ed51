namespace Latchkey.TunnelService;

/// <summary>Why nobody was let in: the status, and one line for whoever looks at it. Never says what was asked for.</summary>
internal sealed record TunnelRefusal(int Status, string Name, string Line)
{
    public static readonly TunnelRefusal
        NotHex = new(StatusCodes.Status400BadRequest, "not-hex", "The address needs 32 hex digits for the tunnel, and 6 before them to join one."),
        WrongProtocol = new(StatusCodes.Status400BadRequest, "protocol", "The WebSocket must offer the protocol fido.cable."),
        NoSuchTunnel = new(StatusCodes.Status404NotFound, "no-such-tunnel", "There is no such tunnel."),
        TunnelTaken = new(StatusCodes.Status409Conflict, "taken", "This tunnel is taken."),
        NotWebSocket = new(StatusCodes.Status426UpgradeRequired, "not-websocket", "This address speaks WebSocket only."),
        TooManyFromAddress = new(StatusCodes.Status429TooManyRequests, "address", "Too many open tunnels from this address."),
        TooMany = new(StatusCodes.Status429TooManyRequests, "total", "Too many open tunnels."),
        Draining = new(StatusCodes.Status503ServiceUnavailable, "draining", "This relay is about to stop.");
}
