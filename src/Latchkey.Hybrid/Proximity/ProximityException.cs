namespace Latchkey.Hybrid.Proximity;

/// <summary>Why there is no proximity here.</summary>
public enum ProximityProblem
{
    /// <summary>This system has no Bluetooth service we can speak to (BlueZ does not run).</summary>
    NoService,

    /// <summary>The service knows no adapter.</summary>
    NoAdapter,

    /// <summary>There is an adapter, and it is switched off.</summary>
    AdapterOff,

    /// <summary>The service does not let this person or program do it.</summary>
    PermissionDenied,

    /// <summary>This operating system's Bluetooth is not built in yet.</summary>
    NotSupportedHere,

    /// <summary>The adapter cannot do it, such as broadcast, or has no free slot.</summary>
    NotPossible,

    /// <summary>The service failed in another way.</summary>
    Failed,
}

/// <summary>There is no proximity here.</summary>
public sealed class ProximityException(ProximityProblem problem, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public ProximityProblem Problem { get; } = problem;
}
