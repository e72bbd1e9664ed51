using System.Net.WebSockets;

namespace Latchkey.TunnelService;

/// <summary>How a tunnel ended: the name for the metrics, the status for whoever caused it.</summary>
internal sealed record TunnelEnd(string Name, WebSocketCloseStatus Status)
{
    public static readonly TunnelEnd
        Closed = new("closed", WebSocketCloseStatus.NormalClosure),
        Lost = new("lost", WebSocketCloseStatus.EndpointUnavailable),
        Idle = new("idle", WebSocketCloseStatus.PolicyViolation),
        Lifetime = new("lifetime", WebSocketCloseStatus.PolicyViolation),
        TooManyMessages = new("messages", WebSocketCloseStatus.PolicyViolation),
        TooBig = new("size", WebSocketCloseStatus.MessageTooBig),
        Text = new("text", WebSocketCloseStatus.InvalidMessageType),
        Drained = new("drained", WebSocketCloseStatus.EndpointUnavailable);

    /// <summary>The status for the end that did nothing wrong: 1000 if the other one closed, 1001 for all else.</summary>
    public WebSocketCloseStatus StatusForTheOther => this == Closed ? WebSocketCloseStatus.NormalClosure : WebSocketCloseStatus.EndpointUnavailable;
}

/// <summary>
/// Two ends at most. The first opened it and waits; the second joins; whatever ends one ends both. What is copied between
/// them is never looked at.
/// </summary>
internal sealed class Tunnel(UInt128 id, int routingId, AddressKey address, TimeProvider time)
{
    private readonly Lock _state = new();
    private readonly long _openedAt = time.GetTimestamp();
    private readonly TaskCompletionSource<TunnelSocket?> _opener = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TunnelSocket?> _joiner = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastUse = time.GetTimestamp();
    private long _endedAt;
    private int _messages;

    public UInt128 Id { get; } = id;

    public int RoutingId { get; } = routingId;

    public AddressKey Address { get; } = address;

    /// <summary>Requests that still serve it; the registry counts.</summary>
    public int Requests { get; set; } = 1;

    /// <summary>The end that opened it, once its WebSocket is there; null when the tunnel ends before.</summary>
    public Task<TunnelSocket?> Opener => _opener.Task;

    /// <summary>The end that joined it; null when the tunnel ends without one.</summary>
    public Task<TunnelSocket?> Joiner => _joiner.Task;

    /// <summary>Null while it lives.</summary>
    public TunnelEnd? End { get; private set; }

    public TimeSpan Age => time.GetElapsedTime(_openedAt);

    public TimeSpan IdleFor => time.GetElapsedTime(Volatile.Read(ref _lastUse));

    public TimeSpan OverFor => time.GetElapsedTime(_endedAt);

    /// <summary>False when it ended meanwhile.</summary>
    public bool TrySetOpener(TunnelSocket socket) => TrySet(_opener, socket);

    /// <inheritdoc cref="TrySetOpener"/>
    public bool TrySetJoiner(TunnelSocket socket) => TrySet(_joiner, socket);

    public void Use() => Volatile.Write(ref _lastUse, time.GetTimestamp());

    /// <summary>How many messages there were with this one.</summary>
    public int CountMessage() => Interlocked.Increment(ref _messages);

    /// <summary>Tells both ends to close, for the first reason given; false when it is over already.</summary>
    /// <param name="end">Why.</param>
    /// <param name="by">The end that caused it; null when neither did.</param>
    public bool TryEnd(TunnelEnd end, TunnelSocket? by)
    {
        lock (_state)
        {
            if (End is not null) return false;
            _endedAt = time.GetTimestamp();
            End = end;
            _opener.TrySetResult(null);
            _joiner.TrySetResult(null);
        }

        foreach (var socket in Sockets())
        {
            socket.BeginClose(by is null || socket == by ? end.Status : end.StatusForTheOther);
        }

        return true;
    }

    /// <summary>Cuts the connections of ends that were told to close and do not answer.</summary>
    public void Abort()
    {
        foreach (var socket in Sockets())
        {
            socket.Abort();
        }
    }

    private bool TrySet(TaskCompletionSource<TunnelSocket?> place, TunnelSocket socket)
    {
        lock (_state)
        {
            if (End is not null) return false;
            Use();
            return place.TrySetResult(socket);
        }
    }

    private IEnumerable<TunnelSocket> Sockets()
    {
        if (Opener is { IsCompleted: true, Result: { } opener }) yield return opener;
        if (Joiner is { IsCompleted: true, Result: { } joiner }) yield return joiner;
    }
}
