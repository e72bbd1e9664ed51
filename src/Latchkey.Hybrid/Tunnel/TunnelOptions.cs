namespace Latchkey.Hybrid.Tunnel;

/// <summary>Where a tunnel service is reached, when that is not what its domain says.</summary>
public sealed record TunnelOptions
{
    /// <summary>Used instead of <c>wss://</c> and the domain's host name: <c>wss</c>, <c>ws</c>, <c>https</c> or <c>http</c>. For services inside a network, and for tests.</summary>
    public Uri? Address { get; init; }

    /// <summary>A PEM file of certificates that are trusted besides the system's.</summary>
    public string? CaFile { get; init; }
}
