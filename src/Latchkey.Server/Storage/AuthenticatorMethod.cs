namespace Latchkey.Server.Storage;

/// <summary>An Authenticator that may answer for a person: which device, by which key, and what for.</summary>
public sealed class AuthenticatorMethod
{
    public const int MaxPerUser = 5, MaxDisplayName = 64;

    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    /// <summary>The device's public key, as the COSE_Key bytes that arrived; signs answers and nothing else.</summary>
    public byte[] PublicKey { get; set; } = [];

    public string DisplayName { get; set; } = "";

    /// <summary>Whether the person lets it be asked after the password.</summary>
    public bool IsNotificationAllowed { get; set; }

    /// <summary>Whether the person lets it sign in without a password.</summary>
    public bool IsPhoneSignInAllowed { get; set; }

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    public bool IsAllowed(AuthenticatorUse use) => use is AuthenticatorUse.PhoneSignIn ? IsPhoneSignInAllowed : IsNotificationAllowed;
}

/// <summary>What an Authenticator is used for besides passkeys.</summary>
public enum AuthenticatorUse
{
    /// <summary>It is asked after something else was proved: as second factor.</summary>
    Notification,

    /// <summary>It is all that is asked for.</summary>
    PhoneSignIn,
}
