using System.Diagnostics.CodeAnalysis;
using Latchkey.Server.Features.SecurityInfo.AnotherDevice;
using Latchkey.Server.Features.SecurityInfo.ThisDevice;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.SecurityInfo.BrowserWays;

/// <summary>
/// A way to save a passkey in an Authenticator from the browser: named pages, one after the other, and the browser's own dialog at their end. Which pages,
/// in which order and with which words is a table for each kind of device. What was chosen stands in the address, so going back, reloading and proving
/// it's you once more lose nothing.
/// </summary>
public sealed record BrowserWay
{
    /// <summary>Its name in addresses.</summary>
    public required string Name { get; init; }

    /// <summary>What the server asks the browser for at the end.</summary>
    public required RegistrationWay Registration { get; init; }

    /// <summary>The pages before the kind of device is known.</summary>
    public IReadOnlyList<WayPage> Beginning { get; init; } = [];

    /// <summary>The page that asks for the kind of device, wherever it stands.</summary>
    public required WayPage Question { get; init; }

    public required IReadOnlyList<WayPlatform> Platforms { get; init; }

    /// <summary>What may have happened when the browser says no more than that nothing was made.</summary>
    public required IReadOnlyList<string> Causes { get; init; }

    /// <summary>A further answer to the question, which leads elsewhere.</summary>
    public WayAnswer? OtherAnswer { get; init; }

    /// <summary>What <see cref="Preflight"/> looks for besides a secure address and passkeys at all.</summary>
    public required string LooksFor { get; init; }

    /// <summary>What is said while the dialog is open.</summary>
    public required string Waiting { get; init; }

    public required string TimedOut { get; init; }

    /// <summary>The words that offer the Authenticator itself instead.</summary>
    public required string Instead { get; init; }

    /// <summary>Whether the device that saves it is the one that shows the page: then, when it saves nothing or elsewhere, its settings are the next thing to look at.</summary>
    public bool IsThisDevice { get; init; }

    public string Root => $"{AddWizard.Root}{AddWizard.Choose}/{Name}";

    /// <summary>The names of the pages that are seen before the second factor is asked for.</summary>
    public IEnumerable<string> OpenPages => Beginning.Concat(Platforms.SelectMany(platform => platform.Pages)).Where(page => page.IsOpen).Select(page => page.Name);

    public static IReadOnlyList<BrowserWay> All => [AnotherDeviceWay.Value, ThisDeviceWay.Value];

    /// <summary>For the route's binding.</summary>
    public static bool TryParse(string? name, [NotNullWhen(true)] out BrowserWay? way) => (way = All.FirstOrDefault(way => way.Name == name)) is not null;

    public WayPlatform? FindPlatform(string? name) => Platforms.FirstOrDefault(platform => platform.Name == name);

    public WayPage? FindPage(string name, WayPlatform? platform) => name == Question.Name ? Question : PagesOf(platform).FirstOrDefault(page => page.Name == name);

    public string Address(WayPage page, WayPlatform? platform) => Address(page.Name, platform);

    public string Address(string page, WayPlatform? platform) => $"{Root}/{page}{(platform is null ? "" : "?platform=" + platform.Name)}";

    /// <summary>The page a kind of device begins with.</summary>
    public string First(WayPlatform? platform) => Address(PagesOf(platform) is [var first, ..] ? first : Question, platform);

    /// <summary>Where choosing a kind of device leads.</summary>
    public string Choose(WayPlatform platform) => Neighbour(Question, platform, +1) is { } after ? Address(after, platform) : First(platform);

    /// <summary>Where <em>Back</em> leads: from the first page to the three ways.</summary>
    public string Back(WayPage page, WayPlatform? platform) => Neighbour(page, platform, -1) is { } before ? Address(before, platform) : AddWizard.Root + AddWizard.Authenticator;

    /// <summary>Where the page's button leads.</summary>
    public string Next(WayPage page, WayPlatform? platform) =>
        Neighbour(page, platform, +1) is { } after ? Address(after, platform) : throw new InvalidOperationException($"Nothing follows {page.Name}.");

    /// <summary>Which page of how many; none for a page that stands beside the way.</summary>
    public (int Number, int Count)? Progress(WayPage page, WayPlatform? platform) =>
        IndexOf(page, platform) is >= 0 and var index ? (index + 1, (platform?.Pages ?? Platforms.MaxBy(p => p.Pages.Count)!.Pages).Count) : null;

    /// <summary>Back to the page that says how to turn the Authenticator on, with words why.</summary>
    public string Setting(WayPlatform platform, string why) => $"{Address(WayPage.TurnOn, platform)}&why={why}";

    /// <summary>Where to try again after the passkey was saved elsewhere and that was undone.</summary>
    public string Again(WayPlatform platform) => IsThisDevice ? Setting(platform, SentBack.SavedElsewhere) : Address(platform.Pages[^1], platform);

    private IReadOnlyList<WayPage> PagesOf(WayPlatform? platform) => platform?.Pages ?? Beginning;

    private int IndexOf(WayPage page, WayPlatform? platform) => PagesOf(platform).Select(p => p.Name).ToList().IndexOf(page.Name);

    private WayPage? Neighbour(WayPage page, WayPlatform? platform, int by) =>
        IndexOf(page, platform) is >= 0 and var index ? PagesOf(platform).ElementAtOrDefault(index + by) : null;
}
