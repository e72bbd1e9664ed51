using Latchkey.Server.Features.SecurityInfo.BrowserWays;

namespace Latchkey.Server.Features.SecurityInfo.ThisDevice;

/// <summary>Why a person is back at the page that says how to turn the Authenticator on.</summary>
internal static class SentBack
{
    public const string NothingOffered = "off", SavedElsewhere = "elsewhere";

    public static (string Title, string Text)? Words(string? why) => why switch
    {
        NothingOffered => (ThisDeviceTexts.BackOffTitle, ThisDeviceTexts.BackOff),
        SavedElsewhere => (BrowserWaysTexts.ElsewhereTitle, ThisDeviceTexts.BackElsewhere),
        _ => null,
    };
}
