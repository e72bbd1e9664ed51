namespace Latchkey.TunnelService;

/// <summary>What one relay gives away. Strangers use it, so everything has an end.</summary>
public sealed record TunnelLimits
{
    /// <summary>A tunnel that carries nothing for so long is closed; the wait for the second device counts.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>No tunnel lives longer, busy or not. A ceremony takes a minute; a browser gives up after a few.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Bytes in one message: CTAP's 64 KiB, and room for the encryption around it.</summary>
    public int MessageBytes { get; init; } = (64 * 1024) + 256;

    /// <summary>Messages in one tunnel, both directions together. A ceremony takes about six.</summary>
    public int Messages { get; init; } = 1000;

    /// <summary>
    /// Open tunnels one address may have (IPv6: one /64 network); 0 for any number. The address is the device's that opened
    /// the tunnel, and an office may share one. Behind a proxy it is right only if the proxy was named.
    /// </summary>
    public int TunnelsPerAddress { get; init; } = 100;

    /// <summary>Open tunnels in all.</summary>
    public int Tunnels { get; init; } = 10_000;

    /// <summary>How long open tunnels may go on once the program is asked to stop.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(10);
}
