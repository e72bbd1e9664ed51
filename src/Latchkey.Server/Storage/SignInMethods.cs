namespace Latchkey.Server.Storage;

/// <summary>An authenticator that shows codes (TOTP, RFC 6238).</summary>
public sealed class CodeMethod
{
    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    /// <summary>The shared secret, sealed with Data Protection.</summary>
    public string ProtectedSecret { get; set; } = "";

    public string DisplayName { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>The newest time step a code was accepted for: a code is good once.</summary>
    public long LastStep { get; set; }

    /// <summary>Where <see cref="LastStep"/> lies ahead, because the clock has been set back since: the newest step a code was accepted for after that.</summary>
    public long StepSetBack { get; set; }
}

/// <summary>A Temporary Access Pass: one a person, shown once, for a limited time.</summary>
public sealed class TemporaryAccessPass
{
    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    public string Hash { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset StartsAt { get; set; }

    public int LifetimeMinutes { get; set; }

    public bool IsUsableOnce { get; set; }

    public DateTimeOffset? UsedAt { get; set; }

    public DateTimeOffset ExpiresAt => StartsAt.AddMinutes(LifetimeMinutes);

    /// <summary>Nobody gets in by it any more: it is used up, or its time is over.</summary>
    public bool IsSpent(DateTimeOffset now) => now >= ExpiresAt || (IsUsableOnce && UsedAt is not null);

    public bool IsUsable(DateTimeOffset now) => now >= StartsAt && now < ExpiresAt && !(IsUsableOnce && UsedAt is not null);
}

/// <summary>What kinds of sign-in method there are, as they stand in sessions, audit rows and addresses.</summary>
public enum MethodKind
{
    Password,
    Code,
    TemporaryAccessPass,
    RecoveryCode,
    Passkey,
    Authenticator,
}
