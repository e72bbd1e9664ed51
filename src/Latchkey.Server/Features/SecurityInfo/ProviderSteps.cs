using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.SecurityInfo;

/// <summary>Where each known keeper of passkeys has its list: a passkey that was deleted at the server is still shown there, and good for nothing.</summary>
internal static class ProviderSteps
{
    // By how their models are called, the longer name first.
    private static readonly (string Begins, string Name)[] Known =
    [
        ("iCloud Keychain", "apple"), ("Apple Passwords", "apple"), ("Google Password Manager", "google"), ("Chrome on Mac", "chrome-mac"), ("Windows Hello", "windows"),
        ("Microsoft Password Manager", "microsoft"), ("Edge on Mac", "microsoft"), ("Samsung Pass", "samsung"), ("1Password", "app"), ("Bitwarden", "app"), ("Dashlane", "app"), ("Keeper", "app"),
        ("NordPass", "app"), ("Proton Pass", "app"), ("LastPass", "app"), ("KeePass", "app"), ("Enpass", "app"), ("Zoho Vault", "app"), ("Devolutions", "app"), ("Norton", "app"), ("Kaspersky", "app"),
        ("Avast", "app"), ("Avira", "app"), ("AVG", "app"), ("Sticky Password", "app"), ("YubiKey", "key"), ("Security Key", "key"),
    ];

    /// <summary>The name of the steps for a passkey, as it stands in an address; null where nobody knows more than its owner.</summary>
    public static string? NameFor(Passkey passkey, PasskeyNames names)
    {
        if (PasskeyNames.IsAuthenticator(passkey.Aaguid)) return "authenticator";
        if (MethodList.IsSecurityKey(passkey) && !passkey.BackupEligible) return "key";
        return names.ProviderOf(passkey.Aaguid) is not { } provider ? null
            : Known.FirstOrDefault(one => provider.StartsWith(one.Begins, StringComparison.OrdinalIgnoreCase)).Name ?? (names.IsProvider(passkey.Aaguid) ? "app" : null);
    }

    public static IReadOnlyList<string> ByName(string? name) => name switch
    {
        "authenticator" => [SecurityInfoTexts.DeleteInAuthenticator],
        "apple" => [SecurityInfoTexts.DeleteAppleOpen, SecurityInfoTexts.DeleteFind, SecurityInfoTexts.DeleteAppleDelete],
        "google" => [SecurityInfoTexts.DeleteGoogleOpen, SecurityInfoTexts.DeleteFind, SecurityInfoTexts.DeleteThere],
        "chrome-mac" => [SecurityInfoTexts.DeleteChromeOpen, SecurityInfoTexts.DeleteFind, SecurityInfoTexts.DeleteThere],
        "windows" => [SecurityInfoTexts.DeleteWindowsOpen, SecurityInfoTexts.DeleteFind, SecurityInfoTexts.DeleteThere],
        "microsoft" => [SecurityInfoTexts.DeleteEdgeOpen, SecurityInfoTexts.DeleteFind, SecurityInfoTexts.DeleteThere],
        "samsung" => [SecurityInfoTexts.DeleteSamsungOpen, SecurityInfoTexts.DeleteFind, SecurityInfoTexts.DeleteThere],
        "app" => [SecurityInfoTexts.DeleteAppOpen, SecurityInfoTexts.DeleteFind, SecurityInfoTexts.DeleteAppDelete],
        "key" => [SecurityInfoTexts.DeleteKeyOpen, SecurityInfoTexts.DeleteFind, SecurityInfoTexts.DeleteThere],
        _ => [],
    };
}
