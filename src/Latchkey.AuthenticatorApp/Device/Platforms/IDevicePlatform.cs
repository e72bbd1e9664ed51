using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Device.Platforms;

/// <summary>What differs between the devices the Authenticator runs on. Everything else of the app knows of no device.</summary>
internal interface IDevicePlatform
{
    /// <summary>The model that passkeys made here say they are of.</summary>
    Aaguid Aaguid { get; }

    /// <summary>
    /// Whether the system has settings of its own that a passkey depends on: then a page of the app leads there by <see cref="OpenSettingsAsync"/>,
    /// and links leave the app by <see cref="Open"/>. Else there is nothing to turn on, and a link is a link.
    /// </summary>
    bool HasSystemSettings { get; }

    /// <summary>Opens an address in the browser.</summary>
    void Open(Uri address);

    /// <summary>Brings the app's window before the person.</summary>
    void ShowWindow(Uri address);

    /// <summary>What of the system still stands between the person and a passkey, as it is now.</summary>
    Task<SystemReadiness> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Opens the system's settings where that can be changed.</summary>
    Task OpenSettingsAsync(SystemReadiness toChange, CancellationToken cancellationToken);
}

/// <summary>Whether this device's system lets the Authenticator keep passkeys; what is to be done first stands first.</summary>
internal enum SystemReadiness
{
    /// <summary>Nothing is in the way.</summary>
    Ready,

    /// <summary>The system is too old to have a place for a passkey app.</summary>
    TooOld,

    /// <summary>The device has no screen lock.</summary>
    NoScreenLock,

    /// <summary>The Authenticator is not turned on as a place for passkeys.</summary>
    NotTurnedOn,
}
