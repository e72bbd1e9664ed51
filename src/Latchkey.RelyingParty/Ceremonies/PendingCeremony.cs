using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.RelyingParty.Ceremonies;

/// <summary>What a ceremony was begun for; one begun for one thing completes nothing else.</summary>
public enum CeremonyKind
{
    /// <summary>A registration.</summary>
    Registration = 1,

    /// <summary>A sign-in.</summary>
    SignIn = 2,

    /// <summary>A signed-in person proves themselves again.</summary>
    StepUp = 3,

    /// <summary>A passkey is tried out; no session is made.</summary>
    Test = 4,

    /// <summary>An authenticator asks silently whether a key is registered (UP=0, UV=0).</summary>
    Status = 5,
}

/// <summary>Names one ceremony: 16 random bytes, what its used mark is stored under.</summary>
public readonly record struct CeremonyId(Guid Value)
{
    /// <summary>Length in bytes.</summary>
    public const int Length = 16;

    /// <summary>The usual text of a GUID.</summary>
    public override string ToString() => Value.ToString();
}

/// <summary>
/// A ceremony that was begun and not yet completed. It travels sealed, as the challenge itself
/// (<see cref="CeremonySeal"/>), so nothing is stored for one that is abandoned.
/// </summary>
public abstract record PendingCeremony
{
    private protected PendingCeremony()
    {
    }

    /// <summary>Names the ceremony.</summary>
    public required CeremonyId Id { get; init; }

    /// <summary>What it was begun for.</summary>
    public required CeremonyKind Kind { get; init; }

    /// <summary>The account it was begun for; null when the person was not known beforehand.</summary>
    public required UserHandle? User { get; init; }

    /// <summary>The session it was begun in, as the host names sessions, at most 64 bytes; empty for none.</summary>
    public required ByteString SessionBinding { get; init; }

    /// <summary>The last moment it can be completed, to the millisecond.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>Whether user verification was required.</summary>
    public required bool UserVerificationRequired { get; init; }
}

/// <summary>A registration that was begun.</summary>
public sealed record PendingRegistration : PendingCeremony
{
    /// <summary>Whether it was begun with mediation <c>conditional</c>, where UP may be absent.</summary>
    public required bool Conditional { get; init; }

    /// <summary>The algorithms offered, at most 32.</summary>
    public required IReadOnlyList<CoseAlgorithm> Algorithms { get; init; }
}

/// <summary>An authentication that was begun.</summary>
public sealed record PendingAuthentication : PendingCeremony;
