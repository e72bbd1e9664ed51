using System.Text.Json.Serialization;

namespace Latchkey.Phone.Settings;

/// <summary>A line of a settings page; one of the types below.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Link), "link")]
[JsonDerivedType(typeof(Switch), "switch")]
[JsonDerivedType(typeof(Choice), "choice")]
[JsonDerivedType(typeof(Heading), "heading")]
[JsonDerivedType(typeof(Note), "note")]
internal abstract record SettingsLine
{
    private SettingsLine()
    {
    }

    /// <summary>Leads to another page.</summary>
    public sealed record Link(string Text, string To) : SettingsLine;

    /// <summary>Is on or off.</summary>
    public sealed record Switch(string Text, string Key, bool On) : SettingsLine;

    /// <summary>One of several; <paramref name="On"/> when it is this one.</summary>
    public sealed record Choice(string Text, string Key, bool On) : SettingsLine;

    public sealed record Heading(string Text) : SettingsLine;

    public sealed record Note(string Text) : SettingsLine;
}

/// <summary>A page of the phone's settings.</summary>
/// <param name="Name">What addresses call it.</param>
/// <param name="Title">What the person reads above it.</param>
/// <param name="Lines">What is on it.</param>
internal sealed record SettingsPage(string Name, string Title, IReadOnlyList<SettingsLine> Lines)
{
    public const string Root = "settings";
    private const string Providers = "providers", ScreenLock = "lock", Radio = "bluetooth", About = "about", Between = "passwords";

    /// <summary>Just the pages the way to a passkey leads through, called and ordered as each version does it.</summary>
    public static IReadOnlyList<SettingsPage> Of(PhoneSettings settings, string profile)
    {
        var version = settings.Version;
        SettingsLine.Switch ProviderSwitch(string text, Provider provider) => new(text, provider.ToString(), settings.IsTurnedOn(profile, provider));
        SettingsLine[] more = version.HasSlot ? [ProviderSwitch("Authenticator", Provider.Authenticator)] : [new SettingsLine.Note("This version has no place for other passkey apps.")];
        var builtIn = ProviderSwitch(BuiltInName(version), Provider.BuiltIn);
        var autoFill = new SettingsLine.Switch(version.HasSlot ? "AutoFill Passwords and Passkeys" : "AutoFill Passwords", "AutoFill", settings.AutoFills(profile));

        List<SettingsPage> way = version switch
        {
            { System: PhoneSystem.Ios, Number: <= 17 } =>
            [
                new(Between, "Passwords", [new SettingsLine.Link("Password Options", Providers)]),
                new(Providers, "Password Options", [autoFill, new SettingsLine.Heading(version.HasSlot ? "Use Passwords and Passkeys From" : "Allow Filling From"), builtIn, .. more]),
            ],
            { System: PhoneSystem.Ios } =>
            [
                new(Between, "General", [new SettingsLine.Link("AutoFill & Passwords", Providers)]),
                new(Providers, "AutoFill & Passwords", [autoFill, new SettingsLine.Heading("AutoFill From"), builtIn, .. more]),
            ],
            { Number: <= 14 } =>
            [
                new(Providers, "Passwords & accounts", [new SettingsLine.Heading("Passwords"), builtIn, new SettingsLine.Heading("Additional providers"), .. more]),
            ],
            _ =>
            [
                new(Providers, "Passwords, passkeys & accounts", [new SettingsLine.Heading("Preferred service"), builtIn, new SettingsLine.Heading("Additional services"), .. more]),
            ],
        };
        var lockName = version.System is PhoneSystem.Ios ? "Passcode" : "Screen lock";
        return
        [
            new(Root, "Settings",
            [
                new SettingsLine.Link("Bluetooth", Radio),
                new SettingsLine.Link(way[0].Title, way[0].Name),
                new SettingsLine.Link(lockName, ScreenLock),
                new SettingsLine.Link("About this phone", About),
            ]),
            .. way,
            new(Radio, "Bluetooth", [new SettingsLine.Switch("Bluetooth", Radio, settings.Bluetooth)]),
            new(ScreenLock, lockName, [new SettingsLine.Switch(lockName, ScreenLock, settings.HasScreenLock), new SettingsLine.Note($"On this phone it is {PhoneSettings.Passcode}.")]),
            new(About, "About this phone",
            [
                new SettingsLine.Note("This phone is virtual. Choose the version it plays:"),
                .. PhoneVersion.Of(version.System).Select(one => new SettingsLine.Choice(one.Name, $"version {one.Number}", one == version)),
            ]),
        ];
    }

    /// <summary>Where a readiness that is not there is changed.</summary>
    public static string ChangedOn(AuthenticatorApp.Device.Platforms.SystemReadiness readiness) =>
        readiness is AuthenticatorApp.Device.Platforms.SystemReadiness.NoScreenLock ? ScreenLock : Providers;

    /// <summary>What the system calls its own place for passkeys.</summary>
    public static string BuiltInName(PhoneVersion version) => version.System is PhoneSystem.Ios ? "Passwords" : "Password Manager";

    /// <summary>Switches a line; false when there is no such line.</summary>
    public static bool TrySwitch(PhoneSettings settings, string profile, string key, bool on)
    {
        switch (key.Split(' '))
        {
            case [Radio]: settings.Bluetooth = on; return true;
            case [ScreenLock]: settings.HasScreenLock = on; return true;
            case ["AutoFill"]: settings.AutoFill(profile, on); return true;
            case ["version", var number] when PhoneVersion.Of(settings.Version.System).FirstOrDefault(one => one.Number.ToString(System.Globalization.CultureInfo.InvariantCulture) == number) is { } version:
                settings.Version = version;
                return true;
            default:
                if (!Enum.TryParse<Provider>(key, out var provider)) return false;
                settings.TurnOn(profile, provider, on);
                return true;
        }
    }
}
