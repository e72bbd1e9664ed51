using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;

namespace Latchkey.RelyingParty.Policy;

/// <summary>Whether <see cref="PasskeyProfile.Aaguids"/> are the only models allowed, or the ones refused.</summary>
public enum KeyRestriction
{
    /// <summary>Models are not looked at.</summary>
    Off,

    /// <summary>Only the listed models.</summary>
    Allow,

    /// <summary>All but the listed models.</summary>
    Block,
}

/// <summary>When an attestation that leads to a trust anchor is demanded.</summary>
public enum AttestationEnforcement
{
    /// <summary>Never: nothing a passkey says of its model is proven.</summary>
    Disabled,

    /// <summary>When a passkey is registered; those from before stay good.</summary>
    RegistrationOnly,

    /// <summary>At every sign-in too: those from before that did not prove their model are refused.</summary>
    RegistrationAndSignIn,
}

/// <summary>One set of rules a passkey can meet. The default allows everything.</summary>
public sealed record PasskeyProfile
{
    /// <summary>Allows everything.</summary>
    public static PasskeyProfile AllowAll { get; } = new();

    /// <summary>Whether passkeys that stay on one device are allowed (BE not set).</summary>
    public bool DeviceBoundAllowed { get; init; } = true;

    /// <summary>Whether passkeys that are synced are allowed (BE set).</summary>
    public bool SyncedAllowed { get; init; } = true;

    /// <summary>When an attestation that leads to a trust anchor is demanded.</summary>
    public AttestationEnforcement Attestation { get; init; }

    /// <summary>How <see cref="Aaguids"/> is meant.</summary>
    public KeyRestriction KeyRestriction { get; init; }

    /// <summary>The models allowed or refused.</summary>
    public IReadOnlySet<Aaguid> Aaguids { get; init; } = new HashSet<Aaguid>();

    /// <summary>The first rule the passkey does not meet, in one order for all: the further on, the nearer to being allowed.</summary>
    internal BrokenRule? Judge(CredentialRecord credential, bool isSignIn)
    {
        if (credential.BackupEligible ? !SyncedAllowed : !DeviceBoundAllowed)
        {
            return BrokenRule.PasskeyType;
        }

        if ((!credential.AttestationTrusted || credential.AttestationRevoked) && (isSignIn ? Attestation is AttestationEnforcement.RegistrationAndSignIn : Attestation is not AttestationEnforcement.Disabled))
        {
            return credential.AttestationRevoked ? BrokenRule.AttestationRevoked : BrokenRule.Attestation;
        }

        return KeyRestriction switch
        {
            _ when Allows(credential.Aaguid) => null,
            KeyRestriction.Allow => BrokenRule.AllowList,
            _ => BrokenRule.BlockList,
        };
    }

    /// <summary>Whether any passkey that these anchors can vouch for could meet it.</summary>
    public bool CanBeMet(TrustAnchors anchors) => Attestation is AttestationEnforcement.Disabled || (DeviceBoundAllowed && anchors.VouchForAny(Allows));

    private bool Allows(Aaguid model) => KeyRestriction switch
    {
        KeyRestriction.Allow => Aaguids.Contains(model),
        KeyRestriction.Block => !Aaguids.Contains(model),
        _ => true,
    };
}

/// <summary>The rules of a profile, in the order they are asked.</summary>
internal enum BrokenRule
{
    PasskeyType,
    Attestation,
    AttestationRevoked,
    AllowList,
    BlockList,
}
