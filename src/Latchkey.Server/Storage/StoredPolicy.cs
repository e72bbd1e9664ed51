namespace Latchkey.Server.Storage;

/// <summary>The authentication methods policy that holds: one row, none until it is changed for the first time.</summary>
public sealed class StoredPolicy
{
    public const int TheOne = 1;

    public int Id { get; set; } = TheOne;

    /// <summary>Grows with every change; who changes it can say which one they saw.</summary>
    public int Version { get; set; }

    /// <summary>The policy, as JSON.</summary>
    public string Document { get; set; } = "";

    public DateTimeOffset ChangedAt { get; set; }
}
