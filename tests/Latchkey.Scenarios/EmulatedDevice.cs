using System.Globalization;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>A Chromium that says it is the browser of another device: its words, its size, its touch. What it shows is what that device would be shown.</summary>
internal static class EmulatedDevice
{
    /// <summary>Safari on an iPhone: a user agent, and no client hints.</summary>
    public static async Task<IPage> NewIphoneAsync(this Product product, int version) => await product.NewPageAsync(Phone(
        $"Mozilla/5.0 (iPhone; CPU iPhone OS {version}_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{version}.1 Mobile/15E148 Safari/604.1"));

    /// <summary>Chrome on an Android phone: a user agent that says little, and client hints that say the rest when asked.</summary>
    public static async Task<IPage> NewAndroidAsync(this Product product, int version, int chrome = 140)
    {
        var agent = $"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{chrome}.0.0.0 Mobile Safari/537.36";
        var page = await product.NewPageAsync(Phone(agent));
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("Emulation.setUserAgentOverride", new()
        {
            ["userAgent"] = agent,
            ["userAgentMetadata"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["brands"] = new[] { Brand("Chromium", chrome), Brand("Google Chrome", chrome), Brand("Not=A?Brand", 24) },
                ["platform"] = "Android",
                ["platformVersion"] = $"{version}.0.0",
                ["architecture"] = "",
                ["model"] = "Pixel 8",
                ["mobile"] = true,
            },
        });
        return page;
    }

    private static BrowserNewContextOptions Phone(string agent) => new() { UserAgent = agent, ViewportSize = new() { Width = 390, Height = 844 }, DeviceScaleFactor = 2, IsMobile = true, HasTouch = true };

    private static Dictionary<string, string> Brand(string name, int version) => new(StringComparer.Ordinal) { ["brand"] = name, ["version"] = version.ToString(CultureInfo.InvariantCulture) };
}
