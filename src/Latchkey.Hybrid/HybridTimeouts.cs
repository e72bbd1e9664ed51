namespace Latchkey.Hybrid;

/// <summary>How long each stage of a meeting may take.</summary>
public sealed record HybridTimeouts
{
    /// <summary>Reaching the tunnel service.</summary>
    public TimeSpan Tunnel { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Until the other device comes: a person has to find the camera, or switch Bluetooth on.</summary>
    public TimeSpan Meeting { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Each message of the handshake, and the one after it.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Until the computer asks, once connected.</summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The person's answer.</summary>
    public TimeSpan Person { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Handing a message to the tunnel.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>After an answer: another request, or the end. CTAP gives authenticatorGetNextAssertion 30 seconds.</summary>
    public TimeSpan AfterAnswer { get; init; } = TimeSpan.FromSeconds(30);
}
