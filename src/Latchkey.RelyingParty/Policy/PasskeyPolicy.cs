using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Policy;

/// <summary>Whether <see cref="PasskeyPolicy.Aaguids"/> are the only models allowed, or the ones refused.</summary>
public enum KeyRestriction
{
    /// <summary>Models are not looked at.</summary>
    Off,

    /// <summary>Only the listed models.</summary>
    Allow,

    /// <summary>All but the listed models.</summary>
    Block,
}

/// <summary>
/// What an organisation says about passkeys. The default allows everything. It is asked when a registration begins, so
/// that one that will be refused is never begun; when it completes; and at every sign-in.
/// </summary>
public sealed record PasskeyPolicy
{
    /// <summary>Allows everything.</summary>
    public static PasskeyPolicy AllowAll { get; } = new();

    /// <summary>Whether people may register passkeys themselves.</summary>
    public bool SelfServiceRegistration { get; init; } = true;

    /// <summary>Whether passkeys that stay on one device are allowed (BE not set).</summary>
    public bool DeviceBoundAllowed { get; init; } = true;

    /// <summary>Whether passkeys that are synced are allowed (BE set).</summary>
    public bool SyncedAllowed { get; init; } = true;

    /// <summary>Whether an attestation that leads to a trust anchor is demanded.</summary>
    public bool AttestationEnforced { get; init; }

    /// <summary>How <see cref="Aaguids"/> is meant.</summary>
    public KeyRestriction KeyRestriction { get; init; }

    /// <summary>The models allowed or refused.</summary>
    public IReadOnlySet<Aaguid> Aaguids { get; init; } = new HashSet<Aaguid>();

    /// <summary>Asked before a registration begins; null allows.</summary>
    public RegistrationError? AtBegin() =>
        SelfServiceRegistration ? null : RegistrationError.SelfServiceRegistrationDisabled;

    /// <summary>Asked of the finished record before it is stored; null allows.</summary>
    public RegistrationError? AtCompletion(CredentialRecord credential) => Judge(credential) switch
    {
        Verdict.TypeNotAllowed => RegistrationError.PasskeyTypeNotAllowed,
        Verdict.NotAttested => RegistrationError.AttestationRequired,
        Verdict.ModelNotAllowed => RegistrationError.AaguidNotAllowed,
        _ => null,
    };

    /// <summary>Asked at every sign-in with a stored record: a policy holds for passkeys from before it too. Null allows.</summary>
    public AuthenticationError? AtSignIn(CredentialRecord credential) => Judge(credential) switch
    {
        Verdict.TypeNotAllowed => AuthenticationError.PasskeyTypeNotAllowed,
        Verdict.NotAttested => AuthenticationError.AttestationRequired,
        Verdict.ModelNotAllowed => AuthenticationError.AaguidNotAllowed,
        _ => null,
    };

    private enum Verdict
    {
        Allowed,
        TypeNotAllowed,
        NotAttested,
        ModelNotAllowed,
    }

    private Verdict Judge(CredentialRecord credential)
    {
        if (credential.BackupEligible ? !SyncedAllowed : !DeviceBoundAllowed)
        {
            return Verdict.TypeNotAllowed;
        }

        if (AttestationEnforced && !credential.AttestationTrusted)
        {
            return Verdict.NotAttested;
        }

        var allowed = KeyRestriction switch
        {
            KeyRestriction.Allow => Aaguids.Contains(credential.Aaguid),
            KeyRestriction.Block => !Aaguids.Contains(credential.Aaguid),
            _ => true,
        };
        return allowed ? Verdict.Allowed : Verdict.ModelNotAllowed;
    }
}
