using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>The way over another device: its pages, their order, their labels, and every way it ends.</summary>
public sealed class AnotherDeviceTests : IAsyncLifetime
{
    private const string Root = "/security-info/add/device";
    private static readonly Guid Foreign = new("fbfc3007-154e-4ecc-8c0b-6e020557d7bd"); // one of the table of names

    private RunningServer _server = null!;
    private Device _device = null!;
    private Browser _browser = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.SetAsync(organisation => organisation.TunnelDomain = 4242);
        _device = new Device(_server);
        _browser = await _server.NewBrowser().SignInAsync("regular");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("iOS", "ios", "iOS 17 or later", "Password Options")]
    [InlineData("Android", "android", "Android 14 or later", "Additional providers")]
    [InlineData("Another computer", "computer", null, "Scan QR code")]
    public async Task The_pages_come_in_the_articles_order_under_its_labels(string label, string name, string? minimum, string turnOn)
    {
        await _browser.OpenAsync("/security-info");
        await _browser.FollowAsync("Add sign-in method");
        await _browser.SubmitAsync("/security-info/add", ("method", "authenticator"));
        await _browser.FollowAsync("Use another device");
        Assert.Equal($"{Root}/start", _browser.Path);
        await _browser.FollowAsync("Next");
        Assert.Equal($"{Root}/app", _browser.Path);
        await _browser.FollowAsync("Next");
        Assert.Equal($"{Root}/platform", _browser.Path);
        Assert.Equal(minimum is not null, minimum is not null && _browser.Page.Contains(minimum, StringComparison.Ordinal));
        await _browser.FollowAsync(label);
        Assert.Equal($"{Root}/turn-on?platform={name}", _browser.Path);
        Assert.Contains(turnOn, _browser.Page, StringComparison.Ordinal);
        if (minimum is not null)
        {
            Assert.InRange(_browser.Page.IndexOf(minimum, StringComparison.Ordinal), 0, _browser.Page.IndexOf(turnOn, StringComparison.Ordinal)); // said first
        }

        await _browser.FollowAsync("I have done this");
        Assert.Equal($"{Root}/ready?platform={name}", _browser.Path);
        Assert.Contains("Bluetooth", _browser.Page, StringComparison.Ordinal);
        await _browser.FollowAsync("Next");
        Assert.Equal($"{Root}/save?platform={name}", _browser.Path);
        Assert.Contains("must be saved in the Authenticator", _browser.Page, StringComparison.Ordinal);
        Assert.Contains("Use another device or More options", _browser.Page, StringComparison.Ordinal);
        Assert.Matches("<button id=\"create\"[^>]*>Next</button>", _browser.Page);
    }

    [Theory]
    [InlineData("ios")]
    [InlineData("android")]
    [InlineData("computer")]
    public async Task Back_leads_through_the_same_pages_and_keeps_what_was_chosen(string name)
    {
        await _browser.OpenAsync($"{Root}/save?platform={name}");
        foreach (var page in (string[])["ready", "turn-on", "platform", "app", "start"])
        {
            await _browser.FollowAsync("Back");
            Assert.Equal($"{Root}/{page}?platform={name}", _browser.Path);
        }

        await _browser.OpenAsync($"{Root}/platform?platform={name}");
        Assert.Single(Regex.Matches(_browser.Page, "Your choice", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await _browser.OpenAsync($"{Root}/start?platform={name}");
        await _browser.FollowAsync("Back");
        Assert.StartsWith("/security-info/add/authenticator/", _browser.Path, StringComparison.Ordinal); // the three ways
    }

    [Theory]
    [InlineData("turn-on")]
    [InlineData("save?platform=toaster")]
    [InlineData("no-such-page")]
    public async Task A_page_that_needs_a_choice_asks_for_it(string page)
    {
        await _browser.OpenAsync($"{Root}/{page}");

        Assert.Equal($"{Root}/platform", _browser.Path);
    }

    [Fact]
    public async Task A_second_factor_that_is_not_recent_is_asked_for_after_the_first_page_and_in_the_middle_and_the_place_is_kept()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        await _browser.OpenAsync($"{Root}/start?platform=android");
        Assert.Contains("asked for a second factor", _browser.Page, StringComparison.Ordinal);
        await _browser.FollowAsync("Next");
        await ProveAsync();
        Assert.Equal($"{Root}/app?platform=android", _browser.Path);

        _server.Time.Advance(TimeSpan.FromMinutes(16)); // the wizard is over
        await _browser.OpenAsync($"{Root}/ready?platform=android");
        await ProveAsync();
        Assert.Equal($"{Root}/ready?platform=android", _browser.Path);

        await _browser.FollowAsync("Next");
        _server.Time.Advance(TimeSpan.FromMinutes(16));
        Assert.Equal("step_up_required", await Answers.CodeOfAsync(await _browser.FetchAsync($"{Root}/options")));
    }

    [Fact]
    public async Task A_sign_in_that_ended_meanwhile_is_said_to_the_script()
    {
        await _browser.OpenAsync($"{Root}/save?platform=ios");
        _server.Time.Advance(TimeSpan.FromHours(13));

        var refused = await _browser.FetchAsync($"{Root}/options");

        Assert.Equal((HttpStatusCode.Unauthorized, "sign_in_required"), (refused.StatusCode, await Answers.CodeOfAsync(refused)));
    }

    [Fact]
    public async Task The_options_lead_the_browser_to_another_device()
    {
        var first = await _device.RegisterAsync(_browser);

        var options = PublicKeyCredentialCreationOptions.Parse(await OptionsAsync());

        Assert.Equal(["hybrid"], options.Hints);
        Assert.Equal("cross-platform", options.AuthenticatorSelection!.AuthenticatorAttachment);
        Assert.Equal("required", options.AuthenticatorSelection.ResidentKey);
        Assert.Equal("required", options.AuthenticatorSelection.UserVerification);
        var excluded = Assert.Single(options.ExcludeCredentials);
        Assert.Equal(first.Id, excluded.Id);
        Assert.Contains("hybrid", excluded.Transports);
    }

    [Theory]
    [InlineData("ios", "created")]
    [InlineData("computer", "created")]
    [InlineData("android", "name?new=1")]
    public async Task A_passkey_in_the_Authenticator_is_named_and_listed(string platform, string first)
    {
        var next = await SaveAsync(platform, await AcrossAsync(platform));
        var passkey = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync(Token));
        Assert.Equal($"/security-info/passkeys/{passkey.Id}/{first}", next);

        await _browser.OpenAsync(next);
        if (first == "created")
        {
            await _browser.FollowAsync("Done");
        }

        Assert.Matches("<button[^>]*>Done</button>", _browser.Page);
        await _browser.SubmitAsync($"/security-info/passkeys/{passkey.Id}/name", ("name", "Work phone"));

        Assert.Equal("/security-info?said=added", _browser.Path);
        Assert.Contains("Work phone", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passkey_saved_elsewhere_says_where_and_can_be_kept()
    {
        await _browser.OpenAsync(await SaveAsync("ios", await ForeignAsync(Foreign)));
        Assert.Contains("Saved, but not in the Authenticator", _browser.Page, StringComparison.Ordinal);
        Assert.Contains(NameOf(Foreign), _browser.Page, StringComparison.Ordinal);

        await _browser.FollowAsync("Keep it");

        Assert.EndsWith("/created", _browser.Path, StringComparison.Ordinal);
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync(Token)));
    }

    [Fact]
    public async Task A_passkey_that_does_not_say_where_it_is_is_asked_about_and_not_accused()
    {
        await _browser.OpenAsync(await SaveAsync("ios", await ForeignAsync(Guid.Empty)));

        Assert.Contains("Is it in the Authenticator?", _browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("not in the Authenticator", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Undo_deletes_it_tells_the_browser_which_and_goes_back_to_the_same_page()
    {
        var response = await ForeignAsync(Foreign);
        var elsewhere = await SaveAsync("android", response);
        await _browser.OpenAsync(elsewhere);
        await _browser.SubmitAsync(elsewhere.Split('?')[0]);

        Assert.Contains($"data-credential-id=\"{response.Id}\"", _browser.Page, StringComparison.Ordinal);
        Assert.Equal(0, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync(Token)));
        await _browser.FollowAsync("Try again");
        Assert.Equal($"{Root}/save?platform=android", _browser.Path);
    }

    [Fact]
    public async Task Undo_is_for_what_was_made_a_moment_ago_and_for_ones_own()
    {
        var elsewhere = await SaveAsync("android", await ForeignAsync(Foreign));
        await _browser.OpenAsync(elsewhere);
        using var other = await _server.NewBrowser().SignInAsync("admin");
        Assert.Equal("/security-info", (await other.OpenAsync(elsewhere)).Path);

        _server.Time.Advance(TimeSpan.FromMinutes(16));
        await _browser.OpenAsync("/security-info/add/passkey");
        await ProveAsync();
        await _browser.OpenAsync(elsewhere);
        await _browser.SubmitAsync(elsewhere.Split('?')[0]);

        Assert.EndsWith("/delete", _browser.Path, StringComparison.Ordinal);
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync(Token)));
    }

    [Fact]
    public async Task Every_way_the_browser_can_end_has_its_own_words()
    {
        await _device.RegisterAsync(_browser);
        await _server.InDatabaseAsync(db => db.Passkeys.ExecuteUpdateAsync(set => set.SetProperty(p => p.DisplayName, "Work phone"), Token));
        await _browser.OpenAsync($"{Root}/save?platform=ios");

        var words = Regex.Matches(_browser.Page, "data-(?<name>cancelled|timed-out|exists|unsuitable|failed|offline|unsaved|address)(?:-title)?=\"(?<text>[^\"]*)\"", RegexOptions.None, TimeSpan.FromSeconds(1));

        Assert.Equal(8, words.Select(word => word.Groups["name"].Value).Distinct().Count());
        Assert.Equal(16, words.Select(word => word.Groups["text"].Value).Where(text => text.Length > 0).Distinct().Count());
        Assert.Contains("Work phone</h2>", _browser.Page, StringComparison.Ordinal);
        Assert.Contains("id=\"causes\"", _browser.Page, StringComparison.Ordinal);
        foreach (var missing in (string[])["address", "passkeys", "internet", "hybrid", "bluetooth"])
        {
            Assert.Contains($"data-when=\"{missing}\"", _browser.Page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_ceremony_that_expired_is_refused_with_its_code()
    {
        var response = await AcrossAsync();
        _server.Time.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal("ceremony_expired", await Answers.CodeOfAsync(await _browser.FetchAsync($"{Root}?platform=ios", response.Encode())));
    }

    [Fact]
    public async Task A_sign_in_excludes_no_device()
    {
        await _device.RegisterAsync(_browser);
        using var stranger = _server.NewBrowser();
        await stranger.OpenAsync("/sign-in");

        var open = PublicKeyCredentialRequestOptions.Parse(await (await stranger.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync(Token));
        var own = PublicKeyCredentialRequestOptions.Parse(await (await _browser.FetchAsync("/step-up/passkey/options")).Content.ReadAsByteArrayAsync(Token));

        Assert.Empty(open.AllowCredentials);
        Assert.Equal(("required", 600_000u), (open.UserVerification, open.Timeout));
        // made in the Authenticator itself, which named no transport but its own: still reachable by QR code
        Assert.Contains("hybrid", Assert.Single(own.AllowCredentials).Transports);
    }

    private async Task ProveAsync()
    {
        Assert.StartsWith("/step-up", _browser.Path, StringComparison.Ordinal);
        await _browser.SubmitAsync("/step-up", ("code", _server.CodeOf("regular")));
    }

    private async Task<byte[]> OptionsAsync(string platform = "ios")
    {
        await _browser.OpenAsync($"{Root}/save?platform={platform}");
        return await (await _browser.FetchAsync($"{Root}/options")).Content.ReadAsByteArrayAsync(Token);
    }

    /// <summary>What the other device answers: where it stands in relation to the browser is the browser's business, and not asked of it.</summary>
    private async Task<RegistrationResponseJson> AcrossAsync(string platform = "ios")
    {
        var options = PublicKeyCredentialCreationOptions.Parse(await OptionsAsync(platform));
        return await _device.CreateAsync((options with { AuthenticatorSelection = options.AuthenticatorSelection! with { AuthenticatorAttachment = null } }).Encode());
    }

    private async Task<string> SaveAsync(string platform, RegistrationResponseJson response)
    {
        var answer = await (await _browser.FetchAsync($"{Root}?platform={platform}", response.Encode())).Content.ReadFromJsonAsync<JsonElement>(Token);
        return answer.GetProperty("next").GetString()!;
    }

    private async Task<RegistrationResponseJson> ForeignAsync(Guid aaguid) => OtherModel.Of(await AcrossAsync(), aaguid);

    private static string NameOf(Guid aaguid) => new PasskeyNames().ProviderOf(aaguid)!;
}
