namespace Latchkey.Server.Storage;

/// <summary>What an approval is for.</summary>
public enum ApprovalKind
{
    /// <summary>After the right password.</summary>
    SecondFactor,

    /// <summary>Of a name, with nothing proved yet.</summary>
    PhoneSignIn,

    /// <summary>Of somebody who is signed in.</summary>
    StepUp,
}

public enum ApprovalState
{
    Pending,
    Approved,

    /// <summary>Another number was typed than the one on the page.</summary>
    NumberWrong,

    /// <summary>It wasn't me.</summary>
    Denied,

    /// <summary>Nobody answered in time.</summary>
    Ignored,

    /// <summary>The browser that began it gave it up, or a later one of the person's took its place.</summary>
    Closed,

    /// <summary>It signed in the browser that began it.</summary>
    Used,
}

/// <summary>
/// A sign-in that waits for an answer in an Authenticator. For a name that can't be asked a row is kept all the same, of which nobody hears: it
/// looks alike, and is ignored.
/// </summary>
public sealed class Approval
{
    public Guid Id { get; set; }

    /// <summary>Who is asked; null when nobody is.</summary>
    public Guid? UserId { get; set; }

    public ApprovalKind Kind { get; set; }

    /// <summary>The number on the page, from 10 to 99.</summary>
    public int Number { get; set; }

    /// <summary>SHA-256 of what names the browser that began it: only that browser is signed in by it.</summary>
    public byte[] Browser { get; set; } = [];

    /// <summary>What is signed in to, as people call it.</summary>
    public string App { get; set; } = "";

    public string? Address { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    public ApprovalState State { get; set; }

    /// <summary>The name it is for and whether anything is proved, hashed, while it waits: the index is unique, so that one of each waits at a time.</summary>
    public string? Slot { get; set; }

    public DateTimeOffset? AnsweredAt { get; set; }

    /// <summary>The Authenticator that answered.</summary>
    public Guid? AuthenticatorId { get; set; }

    /// <summary>Whether it waits still; one that would wait for longer than any does was begun before the clock was set back.</summary>
    public bool IsWaiting(DateTimeOffset now) => State is ApprovalState.Pending && ExpiresAt.Lasts(ApprovalDesk.Life, now);

    public AuthenticatorUse Use => Kind is ApprovalKind.PhoneSignIn ? AuthenticatorUse.PhoneSignIn : AuthenticatorUse.Notification;
}

/// <summary>
/// What guards a person from requests that are not theirs. Kept apart for requests behind a password and those behind a mere name, so that a
/// stranger who knows the name can't close the other door.
/// </summary>
public sealed class ApprovalGuard
{
    public Guid UserId { get; set; }

    public AuthenticatorUse Use { get; set; }

    /// <summary>Requests that were not approved since <see cref="StartedAt"/>: refused, ignored, replaced or given up.</summary>
    public int Refusals { get; set; }

    public DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? LockedUntil { get; set; }

    public DateTimeOffset? QuietUntil { get; set; }

    /// <summary>When the person last said that it wasn't them; null once they have read of it in the portal.</summary>
    public DateTimeOffset? DeniedAt { get; set; }

    public string? DeniedAddress { get; set; }
}
