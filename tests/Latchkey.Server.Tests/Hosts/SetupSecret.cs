using System.Net;
using System.Text.RegularExpressions;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>The secret of codes that a page shows to be typed.</summary>
internal static partial class SetupSecret
{
    public static string On(Browser browser) => Secret().Match(WebUtility.HtmlDecode(browser.Page)) is { Success: true } found
        ? found.Groups["secret"].Value.Replace(" ", "", StringComparison.Ordinal)
        : throw new InvalidOperationException($"{browser.Path} shows no secret:\n{browser.Page}");

    [GeneratedRegex("id=\"secret\">(?<secret>[A-Z2-7 ]{32,})</p>", RegexOptions.None, 1000)]
    private static partial Regex Secret();
}
