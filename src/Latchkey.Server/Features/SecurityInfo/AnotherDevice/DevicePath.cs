namespace Latchkey.Server.Features.SecurityInfo.AnotherDevice;

/// <summary>The pages before the browser's own dialog.</summary>
public enum DevicePage
{
    /// <summary>What is needed, and that a second factor comes first.</summary>
    Start,

    /// <summary>Where to get the Authenticator.</summary>
    App,

    /// <summary>What kind of device it is.</summary>
    Platform,

    /// <summary>How to turn the Authenticator on there.</summary>
    TurnOn,

    /// <summary>Bluetooth, internet, camera.</summary>
    Ready,

    /// <summary>The reminder where to save it; from here the browser's dialog opens.</summary>
    Save,
}

/// <summary>The way through them. What was chosen stands in the address, so going back, reloading and proving it's you once more lose nothing.</summary>
internal static class DevicePath
{
    public const string Root = "/security-info" + AddWizard.AnotherDevice;

    // Until the kind of device is known, every path is the same.
    private static readonly DevicePage[] Beginning = [DevicePage.Start, DevicePage.App, DevicePage.Platform];

    /// <summary>The page's name in addresses.</summary>
    public static string NameOf(DevicePage page) => page switch
    {
        DevicePage.Start => "start",
        DevicePage.App => "app",
        DevicePage.Platform => "platform",
        DevicePage.TurnOn => "turn-on",
        DevicePage.Ready => "ready",
        DevicePage.Save => "save",
        _ => throw new ArgumentOutOfRangeException(nameof(page)),
    };

    public static DevicePage? Parse(string name) => Enum.GetValues<DevicePage>().Cast<DevicePage?>().FirstOrDefault(page => NameOf(page!.Value) == name);

    public static string Address(DevicePage page, DevicePlatform? platform) =>
        $"{Root}/{NameOf(page)}{(platform is null ? "" : "?platform=" + platform.Name)}";

    public static bool Has(DevicePage page, DevicePlatform? platform) => PagesOf(platform).Contains(page);

    /// <summary>Where <em>Back</em> leads: from the first page to the three ways.</summary>
    public static string Back(DevicePage page, DevicePlatform? platform) =>
        Neighbour(page, platform, -1) is { } before ? Address(before, platform) : "/security-info" + AddWizard.Authenticator;

    /// <summary>Where the page's button leads.</summary>
    public static string Next(DevicePage page, DevicePlatform? platform) =>
        Neighbour(page, platform, +1) is { } after ? Address(after, platform) : throw new InvalidOperationException($"Nothing follows {page}.");

    /// <summary>Which page of how many.</summary>
    public static (int Number, int Count) Progress(DevicePage page, DevicePlatform? platform) =>
        (IndexOf(page, platform) + 1, platform?.Pages.Count ?? DevicePlatform.All.Max(p => p.Pages.Count));

    /// <summary>The pages of a path that begins as all do.</summary>
    public static IReadOnlyList<DevicePage> Then(params ReadOnlySpan<DevicePage> rest) => [.. Beginning, .. rest];

    private static IReadOnlyList<DevicePage> PagesOf(DevicePlatform? platform) => platform?.Pages ?? Beginning;

    private static int IndexOf(DevicePage page, DevicePlatform? platform) => PagesOf(platform).ToList().IndexOf(page);

    private static DevicePage? Neighbour(DevicePage page, DevicePlatform? platform, int by)
    {
        var pages = PagesOf(platform);
        var index = IndexOf(page, platform) + by;
        return index >= 0 && index < pages.Count ? pages[index] : null;
    }
}
