using System.Globalization;
using System.Text.RegularExpressions;

namespace Latchkey.Server.Features.SecurityInfo.ThisDevice;

/// <summary>
/// What kind of device shows the page, as far as it says: client hints where the browser gives them, the few words of the user agent that are reliable where
/// it does not, and what the page's script found out. It only chooses what is shown first; the person can always say otherwise.
/// </summary>
/// <param name="Platform">The row of the table.</param>
/// <param name="Cannot">Why this device or browser can't, if it can't.</param>
/// <param name="Found">System and version, where it said one.</param>
internal sealed partial record DeviceGuess(string Platform, string? Cannot = null, string? Found = null)
{
    /// <summary>The oldest versions with a place for passkey providers.</summary>
    public const int OldestIos = 17, OldestAndroid = 14;

    // Since October 2024, when Chrome was at this version, it hands requests to the providers that are turned on in Android.
    private const int FirstChromiumWithProviders = 130;

    /// <summary>Asks the browser for the version of its system; platform and brand it says unasked.</summary>
    public const string AcceptClientHints = "Sec-CH-UA-Platform-Version";

    public static DeviceGuess Of(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
        var system = Unquoted(request.Headers["Sec-CH-UA-Platform"]);
        if (system.Length > 0)
        {
            var version = MajorOf(Unquoted(request.Headers[AcceptClientHints]));
            return system switch
            {
                "Android" => OfAndroid(version, ChromiumOf(request.Headers["Sec-CH-UA"].ToString()) is not { } chromium || chromium >= FirstChromiumWithProviders),
                "iOS" => OfIos(version),
                _ => new(ThisDeviceWay.Computer),
            };
        }

        // Said by the script: a Macintosh that is touched is an iPad that asks for desktop pages, and its Safari has the number of its system.
        var isTouched = request.Query["touch"] == "1";
        if (Regex.IsMatch(agent, "iPhone|iPad|iPod", RegexOptions.None, Patience))
        {
            return OfIos(MajorOf(IosVersion().Match(agent).Groups["major"].Value));
        }

        if (isTouched && agent.Contains("Macintosh", StringComparison.Ordinal))
        {
            return OfIos(MajorOf(SafariVersion().Match(agent).Groups["major"].Value));
        }

        if (agent.Contains("Android", StringComparison.Ordinal))
        {
            // "Android 10; K" is what browsers say that say nothing.
            var version = agent.Contains("Android 10; K", StringComparison.Ordinal) ? null : MajorOf(AndroidVersion().Match(agent).Groups["major"].Value);
            // A browser that tells what it is capable of is young enough; one that can't is not. Without a script nobody knows, and nothing is claimed.
            return OfAndroid(version, handsOver: request.Query["capabilities"] != "0");
        }

        return new(ThisDeviceWay.Computer);
    }

    private static DeviceGuess OfIos(int? version) => version < OldestIos
        ? new(ThisDeviceWay.Ios17, ThisDevice.Cannot.Old, Named("iOS", version))
        : new(version == OldestIos ? ThisDeviceWay.Ios17 : ThisDeviceWay.Ios);

    private static DeviceGuess OfAndroid(int? version, bool handsOver) => version < OldestAndroid
        ? new(ThisDeviceWay.Android, ThisDevice.Cannot.Old, Named("Android", version))
        : handsOver ? new(ThisDeviceWay.Android) : new(ThisDeviceWay.Android, ThisDevice.Cannot.Browser);

    private static string Named(string system, int? version) => string.Create(CultureInfo.InvariantCulture, $"{system} {version}");

    private static int? ChromiumOf(string brands) => MajorOf(ChromiumVersion().Match(brands).Groups["major"].Value);

    private static int? MajorOf(string version) =>
        int.TryParse(version.Split('.', '_')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : null;

    private static string Unquoted(string? header) => header?.Trim('"') ?? "";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    [GeneratedRegex(@" OS (?<major>[0-9]{1,3})[_.]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IosVersion();

    [GeneratedRegex(@"Version/(?<major>[0-9]{1,3})[.]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex SafariVersion();

    [GeneratedRegex(@"Android (?<major>[0-9]{1,3})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex AndroidVersion();

    [GeneratedRegex("\"Chromium\";v=\"(?<major>[0-9]{1,4})", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ChromiumVersion();
}
