using System.Collections.Immutable;
using Latchkey.RelyingParty.Policy;

namespace Latchkey.Server.Features.Policies;

/// <summary>Whom a method is offered to or kept from: one group, or everybody.</summary>
/// <param name="Group">The group; null for everybody.</param>
public record GroupTarget(Guid? Group)
{
    public bool Holds(IReadOnlySet<Guid> groups) => Group is not { } group || groups.Contains(group);
}

/// <summary>Whom passkeys are offered to, which of them, and whether having one is required.</summary>
/// <param name="Group">The group; null for everybody.</param>
/// <param name="IsRegistrationRequired">Whether sign-in leads to making one.</param>
/// <param name="AllowedPasskeyProfiles">The profiles; the default one when none is named.</param>
public sealed record PasskeyTarget(Guid? Group, bool IsRegistrationRequired, IReadOnlyList<Guid> AllowedPasskeyProfiles) : GroupTarget(Group);

/// <summary>What the Authenticator may be used for besides passkeys.</summary>
public enum AuthenticationMode
{
    /// <summary>Signing in by phone without a password: a number, then the PIN.</summary>
    DeviceBasedPush,

    /// <summary>Answering a request as second factor.</summary>
    Push,

    /// <summary>Both.</summary>
    Any,
}

public sealed record AuthenticatorTarget(Guid? Group, AuthenticationMode AuthenticationMode) : GroupTarget(Group);

/// <summary>What the policy says of a method: whom it is offered to, and from whom it is kept whatever else is said.</summary>
public record MethodConfiguration<TTarget>
    where TTarget : GroupTarget
{
    public bool IsEnabled { get; init; } = true;

    public IReadOnlyList<TTarget> IncludeTargets { get; init; } = [];

    public IReadOnlyList<GroupTarget> ExcludeTargets { get; init; } = [];

    /// <summary>Exclusion wins; the order of the targets says nothing.</summary>
    public MethodAvailability For(IReadOnlySet<Guid> groups) =>
        !IsEnabled ? MethodAvailability.Disabled
        : ExcludeTargets.Any(target => target.Holds(groups)) ? MethodAvailability.Excluded
        : IncludeTargets.Any(target => target.Holds(groups)) ? MethodAvailability.Available
        : MethodAvailability.NotIncluded;
}

/// <summary>A passkey profile with the name administrators know it by.</summary>
public sealed record NamedPasskeyProfile(string Name, PasskeyProfile Rules);

public sealed record PasskeyConfiguration : MethodConfiguration<PasskeyTarget>
{
    /// <summary>The profile that is always there, for targets that name none.</summary>
    public static readonly Guid DefaultProfile = new("00000000-0000-0000-0000-000000000001");

    public bool IsSelfServiceRegistrationAllowed { get; init; } = true;

    /// <summary>Whether a synced passkey still signs in when its counter falls to zero: providers that sync keep none.</summary>
    public bool IsSyncedCounterResetAllowed { get; init; } = true;

    public ImmutableSortedDictionary<Guid, NamedPasskeyProfile> PasskeyProfiles { get; init; } =
        ImmutableSortedDictionary<Guid, NamedPasskeyProfile>.Empty.Add(DefaultProfile, new("Default", PasskeyProfile.AllowAll));

    /// <summary>The profiles of every target that holds, together: a passkey has to meet one of them.</summary>
    public IEnumerable<Guid> ProfilesFor(IReadOnlySet<Guid> groups) =>
        IncludeTargets.Where(target => target.Holds(groups)).SelectMany(ProfilesOf).Distinct().Order();

    public static IReadOnlyList<Guid> ProfilesOf(PasskeyTarget target) => target.AllowedPasskeyProfiles is [] ? [DefaultProfile] : target.AllowedPasskeyProfiles;
}

/// <summary>Temporary Access Passes: how long they live and are, and whether the first use ends each. It holds where a pass is made.</summary>
public sealed record PassConfiguration : MethodConfiguration<GroupTarget>
{
    /// <summary>Between what a policy may say: ten minutes and thirty days, and the length in characters.</summary>
    public const int LeastMinutes = 10, MostMinutes = 43_200, LeastLength = 8, MostLength = 48;

    public int DefaultLength { get; init; } = LeastLength;

    public int DefaultLifetimeInMinutes { get; init; } = 60;

    public int MinimumLifetimeInMinutes { get; init; } = 60;

    public int MaximumLifetimeInMinutes { get; init; } = 480;

    /// <summary>Whether every pass is good once; if not, whoever makes one says so of it.</summary>
    public bool IsUsableOnce { get; init; }
}

/// <summary>
/// The authentication methods policy: which sign-in methods there are and for whom. Passwords and recovery codes are no part of it.
/// The default offers everything to everybody.
/// </summary>
public sealed record AuthenticationMethodsPolicy
{
    public static AuthenticationMethodsPolicy Default { get; } = new();

    public PasskeyConfiguration Fido2 { get; init; } = new() { IncludeTargets = [new(null, IsRegistrationRequired: false, [])] };

    public MethodConfiguration<AuthenticatorTarget> Authenticator { get; init; } = new() { IncludeTargets = [new(null, AuthenticationMode.Any)] };

    public MethodConfiguration<GroupTarget> SoftwareOath { get; init; } = new() { IncludeTargets = [new(null)] };

    public PassConfiguration TemporaryAccessPass { get; init; } = new() { IncludeTargets = [new(null)] };

    /// <summary>What the policy says to a person, by the groups they are in.</summary>
    public PersonPolicy For(IReadOnlySet<Guid> groups)
    {
        var available = Fido2.For(groups);
        return new PersonPolicy
        {
            Passkeys = new PasskeyPolicy
            {
                Availability = available,
                SelfServiceRegistration = Fido2.IsSelfServiceRegistrationAllowed,
                SyncedCounterMayFall = Fido2.IsSyncedCounterResetAllowed,
                Profiles = [.. Fido2.ProfilesFor(groups).Select(id => Fido2.PasskeyProfiles[id].Rules)],
            },
            IsPasskeyRequired = available is MethodAvailability.Available && Fido2.IncludeTargets.Any(target => target.IsRegistrationRequired && target.Holds(groups)),
            Authenticator = Authenticator.For(groups),
            AuthenticationMode = Authenticator.IncludeTargets.Where(target => target.Holds(groups)).Select(target => (AuthenticationMode?)target.AuthenticationMode)
                .Aggregate((AuthenticationMode?)null, (one, other) => one is null || one == other ? other : AuthenticationMode.Any),
            Codes = SoftwareOath.For(groups),
            Pass = TemporaryAccessPass.For(groups),
        };
    }

    /// <summary>The groups it names.</summary>
    public IReadOnlySet<Guid> Groups => new IEnumerable<GroupTarget>[]
        {
            Fido2.IncludeTargets, Fido2.ExcludeTargets, Authenticator.IncludeTargets, Authenticator.ExcludeTargets,
            SoftwareOath.IncludeTargets, SoftwareOath.ExcludeTargets, TemporaryAccessPass.IncludeTargets, TemporaryAccessPass.ExcludeTargets,
        }
        .SelectMany(targets => targets).Select(target => target.Group).OfType<Guid>().ToHashSet();
}
