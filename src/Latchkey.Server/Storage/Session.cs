using Latchkey.Protocol;

namespace Latchkey.Server.Storage;

public enum SessionKind
{
    /// <summary>A browser, by cookie.</summary>
    Browser,

    /// <summary>An app or the command line, by OpenID Connect tokens.</summary>
    App,
}

/// <summary>One signed-in browser or app. Ending the row ends it at the very next request, whatever tickets or tokens are out.</summary>
public sealed class Session
{
    public const int MaxDevice = 64;

    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    public SessionKind Kind { get; set; }

    public string? ClientId { get; set; }

    /// <summary>The browser, or the program's own name for its device, as it says itself; null when it says nothing, and in sessions of 0.1.0.</summary>
    public string? Device { get; set; }

    /// <summary>Where its last request came from; written with <see cref="LastSeenAt"/>.</summary>
    public string? Address { get; set; }

    /// <summary>When it was last used, to within a few minutes: not every request is a write.</summary>
    public DateTimeOffset? LastSeenAt { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Authentication method references (RFC 8176), separated by blanks; contains <c>mfa</c> once a second factor was proved.</summary>
    public string Amr { get; set; } = "";

    public DateTimeOffset AuthenticatedAt { get; set; }

    /// <summary>When a second factor, or a passkey with user verification, was last proved.</summary>
    public DateTimeOffset? MfaAt { get; set; }

    /// <summary>Until when the wizard that the last step-up opened may begin ceremonies.</summary>
    public DateTimeOffset? WizardUntil { get; set; }

    /// <summary>The sign-in methods that opened it: deleting one ends the other sessions it opened.</summary>
    public Guid? FirstMethodId { get; set; }

    public Guid? SecondMethodId { get; set; }

    /// <summary>What a pending ceremony begun in this session is bound to.</summary>
    public ByteString Binding => new(Id.ToByteArray(bigEndian: true));

    /// <summary>When the person last proved that it's them: signed in, or stepped up.</summary>
    public DateTimeOffset ProvedAt => MfaAt > AuthenticatedAt ? MfaAt.Value : AuthenticatedAt;

    public bool HasMfa => Amr.Split(' ').Contains("mfa");
}
