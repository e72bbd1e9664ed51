using System.Security.Cryptography;

namespace Latchkey.TunnelService;

/// <summary>The open tunnels: lets in, counts, and once a second ends what has lasted too long.</summary>
internal sealed partial class TunnelRegistry : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly HashSet<Tunnel> _all = []; // those too that are over while an end still closes
    private readonly Dictionary<UInt128, Tunnel> _byId = [];
    private readonly Dictionary<AddressKey, int> _perAddress = [];
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TunnelLimits _limits;
    private readonly TunnelMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private bool _draining;
    private long _opened, _refused, _loggedOpened, _loggedRefused, _loggedAt;

    public TunnelRegistry(TunnelLimits limits, TunnelMetrics metrics, TimeProvider time, ILogger<TunnelRegistry> log)
    {
        (_limits, _metrics, _time, _log) = (limits, metrics, time, log);
        _loggedAt = time.GetTimestamp();
        _timer = time.CreateTimer(_ => Sweep(), null, Tick, Tick);
    }

    public bool IsDraining => Volatile.Read(ref _draining);

    /// <summary>Opens a tunnel for the request that asks; <see cref="Leave"/> when that request is done.</summary>
    public (Tunnel? Tunnel, TunnelRefusal? Refusal) Open(UInt128 id, AddressKey address)
    {
        lock (_lock)
        {
            if (_draining) return (null, TunnelRefusal.Draining);
            if (_byId.ContainsKey(id)) return (null, TunnelRefusal.TunnelTaken);
            if (_all.Count >= _limits.Tunnels) return (null, TunnelRefusal.TooMany);
            var fromAddress = _perAddress.GetValueOrDefault(address);
            if (_limits.TunnelsPerAddress > 0 && fromAddress >= _limits.TunnelsPerAddress) return (null, TunnelRefusal.TooManyFromAddress);

            // A routing ID for each tunnel: whoever knows the QR code alone, and heard no advert, cannot join.
            var tunnel = new Tunnel(id, RandomNumberGenerator.GetInt32(TunnelPath.RoutingIds), address, _time);
            _perAddress[address] = fromAddress + 1;
            _byId.Add(id, tunnel);
            _all.Add(tunnel);
            _opened++;
            _metrics.Opened();
            return (tunnel, null);
        }
    }

    /// <summary>The second place in a tunnel, for the request that asks; <see cref="Leave"/> when that request is done.</summary>
    public (Tunnel? Tunnel, TunnelRefusal? Refusal) Join(int routingId, UInt128 id)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue(id, out var tunnel) || tunnel.RoutingId != routingId) return (null, TunnelRefusal.NoSuchTunnel);
            if (tunnel.Requests > 1) return (null, TunnelRefusal.TunnelTaken);
            tunnel.Requests++;
            _metrics.Joined();
            return (tunnel, null);
        }
    }

    /// <summary>The first reason counts.</summary>
    public void End(Tunnel tunnel, TunnelEnd end, TunnelSocket? by = null)
    {
        if (!tunnel.TryEnd(end, by)) return;
        lock (_lock)
        {
            _byId.Remove(tunnel.Id);
        }

        _metrics.Ended(end);
    }

    /// <summary>A request is done with its tunnel, which is over.</summary>
    public void Leave(Tunnel tunnel)
    {
        lock (_lock)
        {
            if (--tunnel.Requests > 0) return;
            _all.Remove(tunnel);
            if (--_perAddress[tunnel.Address] == 0) _perAddress.Remove(tunnel.Address);
            if (_draining && _all.Count == 0) _empty.TrySetResult();
        }
    }

    public void Refused(TunnelRefusal refusal)
    {
        Interlocked.Increment(ref _refused);
        _metrics.Refused(refusal);
    }

    private Tunnel[] All()
    {
        lock (_lock)
        {
            return [.. _all];
        }
    }

    private void Sweep()
    {
        foreach (var tunnel in All())
        {
            if (tunnel.End is not null)
            {
                if (tunnel.OverFor >= CloseGrace) tunnel.Abort();
            }
            else if (tunnel.Age >= _limits.Lifetime) End(tunnel, TunnelEnd.Lifetime);
            else if (tunnel.IdleFor >= _limits.Idle) End(tunnel, TunnelEnd.Idle);
        }

        if (_time.GetElapsedTime(_loggedAt) >= LogInterval) LogCounts();
    }

    private void LogCounts()
    {
        var (opened, refused) = (Interlocked.Read(ref _opened), Interlocked.Read(ref _refused));
        if (opened != _loggedOpened || refused != _loggedRefused)
        {
            LogMinute(_all.Count, opened - _loggedOpened, refused - _loggedRefused);
        }

        (_loggedOpened, _loggedRefused, _loggedAt) = (opened, refused, _time.GetTimestamp());
    }

    /// <summary>
    /// While the program still listens: no tunnel is opened any more, the open ones may be joined and finish, and what is
    /// left after <see cref="TunnelLimits.Drain"/> is told to go.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _draining = true;
            if (_all.Count == 0) return;
            LogDraining(_all.Count);
        }

        await WaitUntilEmptyAsync(_limits.Drain, cancellationToken);
        foreach (var tunnel in All())
        {
            End(tunnel, TunnelEnd.Drained);
        }

        await WaitUntilEmptyAsync(CloseGrace + Tick, cancellationToken);
    }

    private async Task WaitUntilEmptyAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await _empty.Task.WaitAsync(atMost, _time, cancellationToken);
        }
        catch (Exception late) when (late is TimeoutException or OperationCanceledException)
        {
            // The host goes on stopping.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _timer.Dispose();

    [LoggerMessage(Level = LogLevel.Information, Message = "Tunnels: {Open} open; since the last line {Opened} opened, {Refused} requests refused")]
    private partial void LogMinute(int open, long opened, long refused);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: {Open} tunnels may finish")]
    private partial void LogDraining(int open);
}
