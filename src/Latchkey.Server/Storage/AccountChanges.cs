namespace Latchkey.Server.Storage;

/// <summary>What changed for a person.</summary>
public enum AccountChange
{
    /// <summary>A sign-in waits for them, or waits no longer.</summary>
    Approvals,

    /// <summary>A sign-in method was added, renamed or deleted.</summary>
    Methods,

    /// <summary>A session of theirs ended.</summary>
    Sessions,
}

/// <summary>Tells whoever listens in this process that something changed for a person: after the commit, and nothing of what.</summary>
public sealed class AccountChanges
{
    public event Action<Guid, AccountChange>? Changed;

    public void Tell(Guid userId, AccountChange change) => Changed?.Invoke(userId, change);
}
