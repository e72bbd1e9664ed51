namespace Latchkey.Phone.Settings;

/// <summary>Which phone is played.</summary>
internal enum PhoneSystem
{
    Ios,
    Android,
}

/// <summary>A version of a phone's system, as far as passkeys depend on it.</summary>
/// <param name="System">Whose.</param>
/// <param name="Number">Its major version.</param>
internal sealed record PhoneVersion(PhoneSystem System, int Number)
{
    /// <summary>What the person calls it.</summary>
    public string Name => $"{(System is PhoneSystem.Ios ? "iOS" : "Android")} {Number}";

    /// <summary>Whether it has a place for a passkey app other than its own: from iOS 17 and Android 14 on.</summary>
    public bool HasSlot => Number >= (System is PhoneSystem.Ios ? 17 : 14);

    /// <summary>The versions that can be played: one too old, one of the article's time, one whose settings have moved.</summary>
    public static IReadOnlyList<PhoneVersion> Of(PhoneSystem system) =>
        system is PhoneSystem.Ios ? [new(system, 16), new(system, 17), new(system, 18)] : [new(system, 13), new(system, 14), new(system, 15)];

    /// <summary>The one a phone starts with.</summary>
    public static PhoneVersion First(PhoneSystem system) => Of(system)[1];
}
