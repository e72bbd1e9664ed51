using System.Text.RegularExpressions;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>Recovery codes, as their page shows them once.</summary>
internal static partial class RecoveryCodes
{
    public static async Task<IReadOnlyList<string>> CreateAsync(Browser browser)
    {
        await browser.OpenAsync("/security-info/add/recovery-codes");
        await browser.SubmitAsync("/security-info/add/recovery-codes");
        var codes = Codes().Matches(browser.Page).Select(match => match.Groups["code"].Value).ToList();
        Assert.Equal(10, codes.Count);
        return codes;
    }

    [GeneratedRegex("<li>(?<code>[0-9A-Z]{5}-[0-9A-Z]{5})</li>", RegexOptions.None, 1000)]
    private static partial Regex Codes();
}
