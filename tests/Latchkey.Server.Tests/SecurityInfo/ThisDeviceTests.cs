using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Features.SecurityInfo.BrowserWays;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>The way on this very device: which pages a device gets, their order, their labels, and where each end leads.</summary>
public sealed class ThisDeviceTests : IAsyncLifetime
{
    private const string Root = "/security-info/add/this-device";
    private static readonly Guid Foreign = new("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"), VirtualPhone = new("1cd066f6-6418-428d-8e70-3c5698b7d0e6");

    private RunningServer _server = null!;
    private Device _device = null!;
    private Browser _browser = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _device = new Device(_server);
        _browser = await _server.NewBrowser().SignInAsync("regular");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        _device.Dispose();
        await _server.DisposeAsync();
    }

    /// <summary>Page and label, page and label: the article's order for each kind of device.</summary>
    public static TheoryData<string, string[]> Ways => new()
    {
        { "ios", ["app", "Next", "turn-on", "I have done this", "save", "I understand"] },
        { "ios-17", ["app", "Next", "turn-on", "I have done this", "save", "I understand"] },
        { "android", ["set-up", "Next", "confirm", "Add", "support", "Continue", "begin", "Next", "app", "Next", "turn-on", "I have done this", "remember", "I understand", "save", "Continue"] },
        { "computer", ["app", "Next", "turn-on", "I have done this", "save", "I understand"] },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_pages_come_in_the_articles_order_under_its_labels_and_Back_leads_through_the_same(string platform, string[] way)
    {
        await _browser.OpenAsync($"{Root}/{way[0]}?platform={platform}");
        for (var at = 0; at < way.Length - 2; at += 2)
        {
            await _browser.FollowAsync(way[at + 1]);
            Assert.Equal($"{Root}/{way[at + 2]}?platform={platform}", _browser.Path);
        }

        Assert.Matches($"<button id=\"create\"[^>]*>{way[^1]}</button>", _browser.Page);
        for (var at = way.Length - 4; at >= 0; at -= 2)
        {
            await _browser.FollowAsync("Back");
            Assert.Equal($"{Root}/{way[at]}?platform={platform}", _browser.Path);
        }

        await _browser.FollowAsync("Back");
        Assert.StartsWith("/security-info/add/authenticator/", _browser.Path, StringComparison.Ordinal); // the three ways
    }

    [Theory]
    [InlineData("iPhone OS 18_1", "app?platform=ios", "Open General, then AutoFill")]
    [InlineData("iPhone OS 17_0", "app?platform=ios-17", "Open Passwords, then Password Options")]
    [InlineData("X11; Linux x86_64", "app?platform=computer", "Passkeys in browsers")]
    public async Task The_device_gets_its_own_steps_without_being_asked(string agent, string first, string turnOn)
    {
        _browser.Says["User-Agent"] = $"Mozilla/5.0 ({agent})";
        await _browser.OpenAsync("/security-info/add/authenticator");
        await _browser.FollowAsync("Use this device");
        Assert.Equal($"{Root}/{first}", _browser.Path);

        await _browser.FollowAsync("Next");

        Assert.Contains(turnOn, _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_browser_is_asked_for_the_version_of_its_system_and_what_it_says_is_used()
    {
        using var client = _server.NewClient();
        using var answer = await client.GetAsync("/sign-in", Token);
        Assert.Equal("Sec-CH-UA-Platform-Version", Assert.Single(answer.Headers.GetValues("Accept-CH")));

        _browser.Says["Sec-CH-UA-Platform"] = "\"Android\"";
        _browser.Says["Sec-CH-UA-Platform-Version"] = "\"13.0.0\"";
        await _browser.OpenAsync(Root);

        Assert.Equal($"{Root}/cannot?why=old", _browser.Path);
        Assert.Contains("Android 13", _browser.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("old", "too old", "On a computer, in the Authenticator")]
    [InlineData("browser", "hand passkeys to the Authenticator", "Create it in the Authenticator itself")]
    public async Task What_can_not_work_is_said_before_a_second_factor_is_asked_for_with_two_other_ways(string why, string words, string app)
    {
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        await _browser.OpenAsync($"{Root}/cannot?why={why}");
        Assert.Equal($"{Root}/cannot?why={why}", _browser.Path);
        Assert.Contains(words, _browser.Page, StringComparison.Ordinal);
        Assert.Contains(app, _browser.Page, StringComparison.Ordinal);

        await _browser.FollowAsync("On another device, by QR code");

        Assert.Equal("/security-info/add/device/start", _browser.Path);
    }

    [Fact]
    public async Task A_wrong_guess_is_put_right_by_hand()
    {
        await _browser.OpenAsync($"{Root}/turn-on?platform=computer");
        await _browser.FollowAsync("Not this device?");
        Assert.Equal($"{Root}/platform?platform=computer", _browser.Path);
        Assert.Single(Regex.Matches(_browser.Page, "Your choice", RegexOptions.None, TimeSpan.FromSeconds(1)));

        await _browser.FollowAsync("Android");
        Assert.Equal($"{Root}/set-up?platform=android", _browser.Path);

        await _browser.FollowAsync("Not this device?");
        await _browser.FollowAsync("Something older");
        Assert.Equal($"{Root}/cannot?why=old", _browser.Path);
    }

    [Theory]
    [InlineData("turn-on")]
    [InlineData("set-up?platform=ios")]
    [InlineData("save?platform=toaster")]
    public async Task A_page_the_device_does_not_have_asks_which_device_it_is(string page)
    {
        await _browser.OpenAsync($"{Root}/{page}");

        Assert.StartsWith($"{Root}/platform", _browser.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_Android_the_second_factor_comes_after_Add_and_the_place_is_kept()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        await _browser.OpenAsync($"{Root}/set-up?platform=android");
        await _browser.FollowAsync("Next");
        Assert.Contains("asked for a second factor", _browser.Page, StringComparison.Ordinal);

        await _browser.FollowAsync("Add");
        Assert.StartsWith("/step-up", _browser.Path, StringComparison.Ordinal);
        await _browser.SubmitAsync("/step-up", ("code", _server.CodeOf("regular")));

        Assert.Equal($"{Root}/support?platform=android", _browser.Path);
        await _browser.OpenAsync($"{Root}/confirm?platform=android");
        Assert.Contains("just proved", _browser.Page, StringComparison.Ordinal);
        _server.Time.Advance(TimeSpan.FromMinutes(16)); // the wizard is over
        await _browser.OpenAsync($"{Root}/support?platform=android");
        Assert.StartsWith("/step-up", _browser.Path, StringComparison.Ordinal);
        Assert.Equal("step_up_required", await Answers.CodeOfAsync(await _browser.FetchAsync($"{Root}/options")));
    }

    [Fact]
    public async Task The_options_keep_the_browser_to_this_device()
    {
        var options = PublicKeyCredentialCreationOptions.Parse(await OptionsAsync("ios"));

        Assert.Equal(["client-device"], options.Hints);
        Assert.Equal("platform", options.AuthenticatorSelection!.AuthenticatorAttachment);
        Assert.Equal("required", options.AuthenticatorSelection.ResidentKey);
    }

    [Theory]
    [InlineData("ios", "created")]
    [InlineData("computer", "created")]
    [InlineData("android", "name?new=1")]
    public async Task A_passkey_in_the_Authenticator_is_said_to_be_there_and_named_or_on_Android_named_at_once(string platform, string first)
    {
        var next = await SaveAsync(platform, await HereAsync(platform));
        var passkey = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync(Token));

        Assert.Equal($"/security-info/passkeys/{passkey.Id}/{first}", next);
    }

    [Fact]
    public async Task The_virtual_phones_Authenticator_is_one_of_ours_too()
    {
        Assert.EndsWith("/created", await SaveAsync("ios", OtherModel.Of(await HereAsync("ios"), VirtualPhone)), StringComparison.Ordinal);

        await _browser.OpenAsync("/security-info");
        Assert.Contains("Passkey in the Authenticator, on one device", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passkey_saved_elsewhere_is_undone_and_leads_back_to_the_setting_with_words()
    {
        var elsewhere = await SaveAsync("ios-17", OtherModel.Of(await HereAsync("ios-17"), Foreign));
        await _browser.OpenAsync(elsewhere);
        Assert.Contains("Saved, but not in the Authenticator", _browser.Page, StringComparison.Ordinal);
        Assert.Contains(new PasskeyNames().ProviderOf(Foreign)!, _browser.Page, StringComparison.Ordinal);

        await _browser.SubmitAsync(elsewhere.Split('?')[0]);
        Assert.Equal(0, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync(Token)));
        await _browser.FollowAsync("Try again");

        Assert.Equal($"{Root}/turn-on?platform=ios-17&why=elsewhere", _browser.Path);
        Assert.Contains("saved by another app", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passkey_saved_elsewhere_can_be_kept()
    {
        await _browser.OpenAsync(await SaveAsync("android", OtherModel.Of(await HereAsync("android"), Foreign)));

        await _browser.FollowAsync("Keep it");

        Assert.EndsWith("/name?new=1", _browser.Path, StringComparison.Ordinal);
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync(Token)));
    }

    [Theory]
    [InlineData("ios")]
    [InlineData("android")]
    [InlineData("computer")]
    public async Task Every_way_it_can_end_has_its_own_words_and_a_provider_that_is_off_leads_to_the_setting(string platform)
    {
        await _device.RegisterAsync(_browser);
        await _server.InDatabaseAsync(db => db.Passkeys.ExecuteUpdateAsync(set => set.SetProperty(p => p.DisplayName, "Work phone"), Token));
        await _browser.OpenAsync($"{Root}/save?platform={platform}");

        var words = Regex.Matches(_browser.Page, "data-(?<name>cancelled|timed-out|exists|unsuitable|failed|offline|unsaved|address)(?:-title)?=\"(?<text>[^\"]*)\"", RegexOptions.None, TimeSpan.FromSeconds(1));

        Assert.Equal(16, words.Select(word => word.Groups["text"].Value).Where(text => text.Length > 0).Distinct().Count());
        Assert.Contains("Work phone</h2>", _browser.Page, StringComparison.Ordinal);
        Assert.Contains($"data-setting=\"{Root}/turn-on?platform={platform}&amp;why=off\"", _browser.Page, StringComparison.Ordinal);
        Assert.Equal(platform == "computer", _browser.Page.Contains("data-looks-for=\"internet extension\"", StringComparison.Ordinal));
        await _browser.OpenAsync($"{Root}/turn-on?platform={platform}&why=off");
        Assert.Contains("offered no Authenticator", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_row_ends_with_the_browsers_dialog_and_has_exactly_one_page_that_tells_how_to_turn_the_Authenticator_on() =>
        Assert.All(BrowserWay.All.SelectMany(way => way.Platforms), platform =>
        {
            Assert.Equal(WayPageKind.Save, platform.Pages[^1].Kind);
            Assert.Single(platform.Pages, page => page.Kind is WayPageKind.Save);
            Assert.Single(platform.Pages, page => page.Name == WayPage.TurnOn);
            Assert.Equal(platform.Pages.Count, platform.Pages.Select(page => page.Name).Distinct().Count());
        });

    private async Task<byte[]> OptionsAsync(string platform)
    {
        await _browser.OpenAsync($"{Root}/save?platform={platform}");
        return await (await _browser.FetchAsync($"{Root}/options")).Content.ReadAsByteArrayAsync(Token);
    }

    private async Task<RegistrationResponseJson> HereAsync(string platform) => await _device.CreateAsync(await OptionsAsync(platform));

    private async Task<string> SaveAsync(string platform, RegistrationResponseJson response)
    {
        var answer = await (await _browser.FetchAsync($"{Root}?platform={platform}", response.Encode())).Content.ReadFromJsonAsync<JsonElement>(Token);
        return answer.GetProperty("next").GetString()!;
    }
}
