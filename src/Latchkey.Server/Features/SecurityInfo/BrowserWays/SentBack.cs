namespace Latchkey.Server.Features.SecurityInfo.BrowserWays;

/// <summary>Why a person is back at the page that says how to turn the Authenticator on.</summary>
internal static class SentBack
{
    public const string NothingOffered = "off", SavedElsewhere = "elsewhere";

    public static (string Title, string Text)? Words(string? why) => why switch
    {
        NothingOffered => (BrowserWaysTexts.BackOffTitle, BrowserWaysTexts.BackOff),
        SavedElsewhere => (BrowserWaysTexts.ElsewhereTitle, BrowserWaysTexts.BackElsewhere),
        _ => null,
    };
}
