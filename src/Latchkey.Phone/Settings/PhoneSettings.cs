using Latchkey.AuthenticatorApp.Device.Platforms;

namespace Latchkey.Phone.Settings;

/// <summary>Where passkeys can be saved on a phone.</summary>
internal enum Provider
{
    /// <summary>The system's own.</summary>
    BuiltIn,

    /// <summary>The Authenticator.</summary>
    Authenticator,
}

/// <summary>
/// The switches of the phone, as they stand. Each profile turns providers on for itself: a work profile is a phone of its own in this.
/// </summary>
/// <param name="system">Which phone.</param>
internal sealed class PhoneSettings(PhoneSystem system)
{
    /// <summary>What unlocks the screen, and says that the person is there to a passkey of the system's own.</summary>
    public const string Passcode = "246810";

    private readonly Lock _gate = new();
    private readonly HashSet<(string Profile, Provider Provider)> _on = [(PhoneProfile.Personal, Provider.BuiltIn), (PhoneProfile.Work, Provider.BuiltIn)];
    private readonly HashSet<string> _withoutAutoFill = new(StringComparer.Ordinal);
    private PhoneVersion _version = PhoneVersion.First(system);
    private bool _hasScreenLock = true;
    private bool _bluetooth = true;

    /// <summary>Something was switched.</summary>
    public event Action? Changed;

    public PhoneVersion Version
    {
        get => _version;
        set => Set(() => _version = value);
    }

    public bool HasScreenLock
    {
        get => _hasScreenLock;
        set => Set(() => _hasScreenLock = value);
    }

    public bool Bluetooth
    {
        get => _bluetooth;
        set => Set(() => _bluetooth = value);
    }

    /// <summary>iOS: whether anything is filled in at all.</summary>
    public bool AutoFills(string profile)
    {
        lock (_gate) return !_withoutAutoFill.Contains(profile);
    }

    public void AutoFill(string profile, bool on) => Set(() => _ = on ? _withoutAutoFill.Remove(profile) : _withoutAutoFill.Add(profile));

    public bool IsTurnedOn(string profile, Provider provider)
    {
        lock (_gate) return _on.Contains((profile, provider));
    }

    public void TurnOn(string profile, Provider provider, bool on) => Set(() => _ = on ? _on.Add((profile, provider)) : _on.Remove((profile, provider)));

    /// <summary>Where a passkey can be saved now: what is turned on, and has a place on this version.</summary>
    public IReadOnlyList<Provider> Offered(string profile) =>
        !HasScreenLock || !AutoFills(profile) ? []
        : [.. Enum.GetValues<Provider>().Where(provider => IsTurnedOn(profile, provider) && (provider is Provider.BuiltIn || Version.HasSlot))];

    /// <summary>What the Authenticator is told of it.</summary>
    public SystemReadiness ReadinessOf(string profile) =>
        !Version.HasSlot ? SystemReadiness.TooOld
        : !HasScreenLock ? SystemReadiness.NoScreenLock
        : Offered(profile).Contains(Provider.Authenticator) ? SystemReadiness.Ready
        : SystemReadiness.NotTurnedOn;

    private void Set(Action change)
    {
        lock (_gate) change();
        Changed?.Invoke();
    }
}
