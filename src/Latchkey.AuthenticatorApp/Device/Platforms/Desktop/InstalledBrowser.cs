using System.Runtime.Versioning;
using Microsoft.Win32;

namespace Latchkey.AuthenticatorApp.Device.Platforms.Desktop;

/// <summary>How a browser names the extensions a native host may be started by.</summary>
internal enum BrowserFamily
{
    /// <summary>By their origins.</summary>
    Chromium,

    /// <summary>By their IDs.</summary>
    Firefox,
}

/// <summary>A browser whose extension can start programs of this person.</summary>
/// <param name="Name">What people call it, and what its extension says.</param>
/// <param name="Family">Which kind of manifest it reads.</param>
/// <param name="Home">The person's own folder of it: it is there once the browser was started. Empty on Windows.</param>
/// <param name="Manifests">Where it looks for manifests: a folder, or on Windows a registry key of the current user.</param>
internal sealed record InstalledBrowser(string Name, BrowserFamily Family, string Home, string Manifests)
{
    /// <summary>Where later versions of it keep the same; null where they keep it in <see cref="Home"/>.</summary>
    public string? LaterHome { get; init; }

    /// <summary>All that are known here, on this system.</summary>
    /// <param name="home">The person's home.</param>
    /// <param name="configuration">The folder of configurations: <c>~/.config</c>, <c>~/Library/Application Support</c>.</param>
    public static IReadOnlyList<InstalledBrowser> Known(string home, string configuration) =>
        OperatingSystem.IsWindows() ? Windows
        : OperatingSystem.IsMacOS() ? MacOS(configuration)
        : Linux(home, configuration);

    /// <summary>The same, for the person who runs this program.</summary>
    public static IReadOnlyList<InstalledBrowser> Known() => Known(
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify),
        Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify));

    /// <summary>Whether this person has used it.</summary>
    public bool IsHere => OperatingSystem.IsWindows() ? HasKey() : Directory.Exists(Home) || Directory.Exists(LaterHome);

    /// <summary>A Chromium with a user data directory of its own: it looks for manifests in there. Not on Windows, where it looks in the registry.</summary>
    /// <param name="userDataDirectory">What it is started with as <c>--user-data-dir</c>.</param>
    public static InstalledBrowser Apart(string userDataDirectory) => Of("Chromium", userDataDirectory);

    /// <summary>On Linux; see the browsers' own pages on native messaging.</summary>
    internal static IReadOnlyList<InstalledBrowser> Linux(string home, string configuration) =>
    [
        Of("Google Chrome", Path.Combine(configuration, "google-chrome")),
        Of("Chromium", Path.Combine(configuration, "chromium")),
        Of("Microsoft Edge", Path.Combine(configuration, "microsoft-edge")),
        Of("Brave", Path.Combine(configuration, "BraveSoftware", "Brave-Browser")),
        // From version 147 on a new person's profile is in the folder of configurations; manifests are looked for where they always were.
        new("Firefox", BrowserFamily.Firefox, Path.Combine(home, ".mozilla"), Path.Combine(home, ".mozilla", "native-messaging-hosts"))
        {
            LaterHome = Path.Combine(configuration, "mozilla"),
        },
    ];

    internal static IReadOnlyList<InstalledBrowser> MacOS(string support) =>
    [
        Of("Google Chrome", Path.Combine(support, "Google", "Chrome")),
        Of("Chromium", Path.Combine(support, "Chromium")),
        Of("Microsoft Edge", Path.Combine(support, "Microsoft Edge")),
        Of("Brave", Path.Combine(support, "BraveSoftware", "Brave-Browser")),
        new("Firefox", BrowserFamily.Firefox, Path.Combine(support, "Firefox"), Path.Combine(support, "Mozilla", "NativeMessagingHosts")),
    ];

    internal static IReadOnlyList<InstalledBrowser> Windows { get; } =
    [
        new("Google Chrome", BrowserFamily.Chromium, "", @"Software\Google\Chrome\NativeMessagingHosts"),
        new("Chromium", BrowserFamily.Chromium, "", @"Software\Chromium\NativeMessagingHosts"),
        new("Microsoft Edge", BrowserFamily.Chromium, "", @"Software\Microsoft\Edge\NativeMessagingHosts"),
        new("Brave", BrowserFamily.Chromium, "", @"Software\BraveSoftware\Brave-Browser\NativeMessagingHosts"),
        new("Firefox", BrowserFamily.Firefox, "", @"Software\Mozilla\NativeMessagingHosts"),
    ];

    private static InstalledBrowser Of(string name, string home) => new(name, BrowserFamily.Chromium, home, Path.Combine(home, "NativeMessagingHosts"));

    [SupportedOSPlatform("windows")]
    private bool HasKey()
    {
        using var key = Registry.CurrentUser.OpenSubKey(Manifests[..Manifests.LastIndexOf('\\')]);
        return key is not null;
    }
}
