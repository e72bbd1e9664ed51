using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Accounts;

/// <summary>How a passkey stands between this vault and its server, as a person is told it; docs/states.md says what comes of each.</summary>
public enum PasskeyStanding
{
    /// <summary>Being made.</summary>
    Making,

    /// <summary>Offered, and nobody doubts it.</summary>
    Ready,

    /// <summary>Offered; the server has not acknowledged that it keeps it.</summary>
    RegistrationOwed,

    /// <summary>Offered; a browser has it, and nobody has said yet that it is kept.</summary>
    Unconfirmed,

    /// <summary>A page said that it does not know it: not offered until it is shown again.</summary>
    Hidden,

    /// <summary>Not offered; the server is told as soon as it can be, and until then the person can keep it.</summary>
    DeletionOwed,

    /// <summary>Offered; the person wanted it deleted, and the server would not.</summary>
    DeletionRefused,

    /// <summary>Deleted here, and the server still lists it.</summary>
    StillRegistered,

    /// <summary>Deleted; can be brought back for 30 days.</summary>
    RecentlyDeleted,
}

/// <summary>Reads the standing of a passkey off a vault.</summary>
public static class PasskeyStandings
{
    /// <summary>How a passkey stands.</summary>
    public static PasskeyStanding StandingOf(this VaultContents contents, PublicKeyCredentialSource passkey) => passkey switch
    {
        { State: CredentialState.Staged } => PasskeyStanding.Making,
        { State: CredentialState.Deleting } => PasskeyStanding.DeletionOwed,
        { State: CredentialState.RecentlyDeleted, StillRegistered: true } => PasskeyStanding.StillRegistered,
        { State: CredentialState.RecentlyDeleted } => PasskeyStanding.RecentlyDeleted,
        { HiddenAt: not null } => PasskeyStanding.Hidden,
        { DeletionRefused: not null } => PasskeyStanding.DeletionRefused,
        _ when contents.Work.Exists(work => work is OutstandingRegistration && work.CredentialId == passkey.Id) => PasskeyStanding.RegistrationOwed,
        { State: CredentialState.Delivered } => PasskeyStanding.Unconfirmed,
        _ => PasskeyStanding.Ready,
    };
}
