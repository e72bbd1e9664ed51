namespace Latchkey.Server.Storage;

/// <summary>Wrong attempts for one name or one address. Names nobody has are counted alike, so the answer tells nothing.</summary>
public sealed class AttemptCounter
{
    public string Key { get; set; } = "";

    public int Count { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? LockedUntil { get; set; }

    public int Locks { get; set; }
}

/// <summary>One thing that happened to an account. Holds no secret.</summary>
public sealed class AuditEntry
{
    public long Id { get; set; }

    public DateTimeOffset At { get; set; }

    public Guid? UserId { get; set; }

    /// <summary>Who did it: a user ID, or <c>local</c> for the command line of the server's own account.</summary>
    public string Actor { get; set; } = "";

    public string Action { get; set; } = "";

    public string? Method { get; set; }

    public Guid? MethodId { get; set; }

    public string Outcome { get; set; } = "";

    public string? Address { get; set; }
}

/// <summary>The mark that a pending ceremony was used: the same response gets the same answer, other bytes are refused.</summary>
public sealed class UsedCeremony
{
    public byte[] CeremonyId { get; set; } = [];

    public byte[] ResponseHash { get; set; } = [];

    public string Answer { get; set; } = "";

    public DateTimeOffset At { get; set; }
}

/// <summary>A portal page waiting for the passkey an Authenticator is about to add. The code correlates; it authorises nothing.</summary>
public sealed class Handoff
{
    public string Code { get; set; } = "";

    public Guid UserId { get; set; }

    public Guid SessionId { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    public Guid? PasskeyId { get; set; }
}
