using Latchkey.Server.Features.SecurityInfo.ThisDevice;
using Microsoft.AspNetCore.Http;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>What a browser says of itself, and which steps are shown first because of it.</summary>
public sealed class DeviceGuessTests
{
    private const string
        Iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS {0} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
        Mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{0} Safari/605.1.15",
        FirefoxOnAndroid = "Mozilla/5.0 (Android {0}; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0",
        ReducedAndroid = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";

    [Theory]
    [InlineData("16_6", "ios-17", "old", "iOS 16")]
    [InlineData("17_5_1", "ios-17", null, null)]
    [InlineData("18_0", "ios", null, null)]
    [InlineData("26_1", "ios", null, null)]
    public void An_iPhone_says_its_version_in_the_user_agent(string version, string platform, string? cannot, string? found) =>
        Assert.Equal(new(platform, cannot, found), Of(string.Format(null, Iphone, version)));

    [Theory]
    [InlineData("?touch=1", "16.3", "ios-17", "old")]
    [InlineData("?touch=1", "17.4", "ios-17", null)]
    [InlineData("?touch=1", "18.2", "ios", null)]
    [InlineData("?touch=0", "16.3", "computer", null)]
    [InlineData("", "18.2", "computer", null)]
    public void A_Macintosh_that_is_touched_is_an_iPad(string query, string version, string platform, string? cannot)
    {
        var guess = Of(string.Format(null, Mac, version), query);

        Assert.Equal((platform, cannot), (guess.Platform, guess.Cannot));
    }

    [Theory]
    [InlineData("13", "", "old", "Android 13")]
    [InlineData("14", "", null, null)]
    [InlineData("15", "?capabilities=1", null, null)]
    [InlineData("15", "?capabilities=0", "browser", null)]
    [InlineData("13", "?capabilities=0", "old", "Android 13")]
    public void An_Android_without_client_hints_is_judged_by_what_it_can_do(string version, string query, string? cannot, string? found) =>
        Assert.Equal(new("android", cannot, found), Of(string.Format(null, FirefoxOnAndroid, version), query));

    [Fact]
    public void A_user_agent_that_says_nothing_is_not_called_old() => Assert.Equal(new("android"), Of(ReducedAndroid));

    [Theory]
    [InlineData("13.0.0", 140, "old", "Android 13")]
    [InlineData("14.0.0", 140, null, null)]
    [InlineData("15", 130, null, null)]
    [InlineData("15", 129, "browser", null)]
    [InlineData(null, 140, null, null)]
    public void Client_hints_say_the_version_that_the_user_agent_hides(string? version, int chromium, string? cannot, string? found) =>
        Assert.Equal(new("android", cannot, found), OfHints("Android", version, $"\"Chromium\";v=\"{chromium}\", \"Not A(Brand\";v=\"24\"", ReducedAndroid));

    [Fact]
    public void An_Android_browser_without_a_known_brand_is_given_the_benefit_of_the_doubt() =>
        Assert.Equal(new("android"), OfHints("Android", "14", "\"Odd\";v=\"3\"", ReducedAndroid));

    [Theory]
    [InlineData("Windows")]
    [InlineData("macOS")]
    [InlineData("Linux")]
    [InlineData("Chrome OS")]
    public void Everything_else_is_a_computer(string system) => Assert.Equal(new("computer"), OfHints(system, "15", "\"Chromium\";v=\"140\"", "anything"));

    [Theory]
    [InlineData("")]
    [InlineData("iPhone OS _._")]
    [InlineData("iPhone OS 999999999999_1")]
    [InlineData("Android 99999999999")]
    public void Nonsense_is_no_reason_to_fail_or_to_call_a_device_old(string agent) => Assert.Null(Of(agent).Cannot);

    private static DeviceGuess Of(string agent, string query = "") => DeviceGuess.Of(RequestOf(agent, query));

    private static DeviceGuess OfHints(string system, string? version, string brands, string agent)
    {
        var request = RequestOf(agent, "");
        request.Headers["Sec-CH-UA"] = brands;
        request.Headers["Sec-CH-UA-Platform"] = $"\"{system}\"";
        if (version is not null)
        {
            request.Headers["Sec-CH-UA-Platform-Version"] = $"\"{version}\"";
        }

        return DeviceGuess.Of(request);
    }

    private static HttpRequest RequestOf(string agent, string query)
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.UserAgent = agent;
        request.QueryString = new QueryString(query);
        return request;
    }
}
