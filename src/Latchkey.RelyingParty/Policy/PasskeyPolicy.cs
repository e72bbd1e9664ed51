using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Policy;

/// <summary>Whether a sign-in method is a person's to use, or what keeps it from them.</summary>
public enum MethodAvailability
{
    /// <summary>It is theirs to use.</summary>
    Available,

    /// <summary>The method is turned off for everybody.</summary>
    Disabled,

    /// <summary>No group it is offered to is one of theirs.</summary>
    NotIncluded,

    /// <summary>They are in a group it is kept from, whatever other groups say.</summary>
    Excluded,
}

/// <summary>
/// What an organisation says about one person's passkeys. The default allows everything. It is asked when a registration begins, so
/// that one that will be refused is never begun; when it completes; and at every sign-in.
/// </summary>
public sealed record PasskeyPolicy
{
    /// <summary>Allows everything.</summary>
    public static PasskeyPolicy AllowAll { get; } = new();

    /// <summary>Whether passkeys are the person's to use at all.</summary>
    public MethodAvailability Availability { get; init; }

    /// <summary>Whether people may register passkeys themselves.</summary>
    public bool SelfServiceRegistration { get; init; } = true;

    /// <summary>Whether a synced passkey still signs in when its counter falls to zero; see <see cref="AuthenticationDemand.SyncedCounterMayFall"/>.</summary>
    public bool SyncedCounterMayFall { get; init; } = true;

    /// <summary>The sets of rules in scope: a passkey passes when it fully meets one of them, in no order.</summary>
    public IReadOnlyList<PasskeyProfile> Profiles { get; init; } = [PasskeyProfile.AllowAll];

    /// <summary>Whether every way to register demands an attestation.</summary>
    public bool DemandsAttestation => Profiles.All(profile => profile.Attestation is not AttestationEnforcement.Disabled);

    /// <summary>Whether an attestation can make a difference, and so is asked for.</summary>
    public bool AsksForAttestation => Profiles.Any(profile => profile.Attestation is not AttestationEnforcement.Disabled);

    /// <summary>Asked before a registration begins; null allows.</summary>
    /// <param name="anchors">Where an attestation may lead, when it completes.</param>
    public RegistrationError? AtBegin(TrustAnchors anchors) => Closed switch
    {
        { } closed => closed,
        null when Profiles.Count > 0 && !Profiles.Any(profile => profile.CanBeMet(anchors)) => RegistrationError.AttestationRequired,
        _ => null,
    };

    /// <summary>Asked of the finished record before it is stored: the policy may have changed since the beginning. Null allows.</summary>
    public RegistrationError? AtCompletion(CredentialRecord credential) => Closed ?? Judge(credential, isSignIn: false) switch
    {
        BrokenRule.PasskeyType => RegistrationError.PasskeyTypeNotAllowed,
        BrokenRule.Attestation => RegistrationError.AttestationRequired,
        BrokenRule.AttestationRevoked => RegistrationError.AttestationRevoked,
        BrokenRule.AllowList => RegistrationError.AaguidNotAllowed,
        BrokenRule.BlockList => RegistrationError.AaguidBlocked,
        _ => null,
    };

    /// <summary>Asked at every sign-in with a stored record: a policy holds for passkeys from before it too. Null allows.</summary>
    public AuthenticationError? AtSignIn(CredentialRecord credential) => Availability switch
    {
        MethodAvailability.Disabled => AuthenticationError.MethodDisabled,
        MethodAvailability.NotIncluded => AuthenticationError.MethodNotIncluded,
        MethodAvailability.Excluded => AuthenticationError.MethodExcluded,
        _ => Judge(credential, isSignIn: true) switch
        {
            BrokenRule.PasskeyType => AuthenticationError.PasskeyTypeNotAllowed,
            BrokenRule.Attestation => AuthenticationError.AttestationRequired,
            BrokenRule.AttestationRevoked => AuthenticationError.AttestationRevoked,
            BrokenRule.AllowList => AuthenticationError.AaguidNotAllowed,
            BrokenRule.BlockList => AuthenticationError.AaguidBlocked,
            _ => null,
        },
    };

    private RegistrationError? Closed => Availability switch
    {
        MethodAvailability.Disabled => RegistrationError.MethodDisabled,
        MethodAvailability.NotIncluded => RegistrationError.MethodNotIncluded,
        MethodAvailability.Excluded => RegistrationError.MethodExcluded,
        _ => SelfServiceRegistration ? null : RegistrationError.SelfServiceRegistrationDisabled,
    };

    /// <summary>Null when one profile is met; else the rule of the profile that came nearest, so that their order says nothing.</summary>
    private BrokenRule? Judge(CredentialRecord credential, bool isSignIn)
    {
        var broken = Profiles.Select(profile => profile.Judge(credential, isSignIn)).ToList();
        return broken.Count == 0 ? BrokenRule.PasskeyType : broken.Contains(null) ? null : broken.Max();
    }
}
