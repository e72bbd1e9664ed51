using System.Net;
using System.Text;
using Latchkey.Api.Passkeys;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Approvals;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Limits;

/// <summary>What strangers do is counted, all of it, and shuts nobody out of their own account.</summary>
public sealed class CountingTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _stranger = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _stranger = _server.NewBrowser();
    }

    public async ValueTask DisposeAsync()
    {
        _stranger.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("again")] // begun anew by the same browser
    [InlineData("other")] // given up
    [InlineData("replaced")] // by somebody with the password, each time
    public async Task Five_requests_reach_a_person_and_no_more_whatever_becomes_of_them(string how)
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        await app.RegisterAsync();
        var seen = new HashSet<string>();
        for (var i = 0; i < 9; i++)
        {
            await ByPhoneAsync(_stranger, "regular");
            foreach (var request in await app.PendingAsync()) seen.Add(request.Id);
            if (how == "other" && PathOf(_stranger).StartsWith("/sign-in/approval/", StringComparison.Ordinal)) await _stranger.SubmitAsync(PathOf(_stranger) + "/other");
            if (how == "replaced")
            {
                using var owner = _server.NewBrowser();
                await AfterPasswordAsync(owner);
                foreach (var request in await app.PendingAsync()) seen.Remove(request.Id);
                await owner.PassByAuthenticatorAsync();
            }
        }

        Assert.Equal(ApprovalGuards.Limit, seen.Count);
        Assert.Empty(await app.PendingAsync());
    }

    [Fact]
    public async Task A_strangers_requests_leave_the_password_alone_and_guesses_leave_the_requests_alone()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        await app.RegisterAsync();
        for (var i = 0; i <= AttemptStore.NameLimit; i++) await ByPhoneAsync(_stranger, "regular");
        Assert.Equal(HttpStatusCode.TooManyRequests, _stranger.Status);

        using var owner = await _server.NewBrowser().SignInAsync("regular"); // by password, and by a request after it

        for (var i = 0; i <= AttemptStore.NameLimit; i++)
        {
            await NameAsync(_stranger, "admin");
            await _stranger.SubmitAsync("/sign-in/password", ("password", "not the password"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, _stranger.Status);
        using var other = _server.NewBrowser();
        await ByPhoneAsync(other, "admin");
        Assert.StartsWith("/sign-in/approval/", other.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_presses_on_for_a_request_that_nobody_approved_is_told_the_same_for_names_there_are_and_are_not()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        await app.RegisterAsync();
        foreach (var name in new[] { "regular", "nobody-at-all" })
        {
            using var browser = _server.NewBrowser();
            await ByPhoneAsync(browser, name);
            var (here, page) = (browser.Path, browser.Page);
            await browser.SubmitAsync(PathOf(browser) + "/other", to: PathOf(browser));

            Assert.Equal(here, browser.Path);
            Assert.Equal(page.Length, browser.Page.Length);
        }
    }

    [Fact]
    public async Task Somebody_who_signs_in_is_not_told_of_to_a_second_stranger_either()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        await app.RegisterAsync();
        using var owner = _server.NewBrowser();
        await AfterPasswordAsync(owner);
        using var second = _server.NewBrowser();
        var told = new List<bool>();
        foreach (var name in new[] { "regular", "nobody-at-all" })
        {
            await ByPhoneAsync(_stranger, name);
            await ByPhoneAsync(second, name);
            told.Add(second.Page.Contains("Another request for this name waits", StringComparison.Ordinal));
        }

        Assert.Equal([true, true], told);
        Assert.Single(await app.PendingAsync());
    }

    [Fact]
    public async Task Refused_passkeys_leave_a_few_rows_and_then_none_and_a_right_one_is_taken_all_the_same()
    {
        using var device = new Device(_server);
        using (var owner = await _server.NewBrowser().SignInAsync("newcomer")) await device.RegisterAsync(owner);
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        var right = (await device.GetAsync(await OptionsAsync(browser))).Encode();
        var wrong = Encoding.UTF8.GetBytes(WithoutSignature(Encoding.UTF8.GetString(right)));

        var refused = new List<string>();
        for (var i = 0; i < AttemptStore.RefusalLimit + 5; i++) refused.Add(await Answers.CodeOfAsync(await browser.FetchAsync("/sign-in/passkey", wrong)));

        Assert.Equal(AttemptStore.RefusalLimit, refused.Count(code => code == "signature_invalid"));
        Assert.Equal(5, refused.Count(code => code == "too_many_attempts"));
        Assert.Equal(AttemptStore.RefusalLimit, await RowsAsync());
        Assert.True((await browser.FetchAsync("/sign-in/passkey", right)).IsSuccessStatusCode);
        Assert.Equal("/security-info", (await browser.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public async Task Answers_of_nobody_are_counted_by_their_address()
    {
        await _stranger.OpenAsync("/sign-in");
        var answers = await Task.WhenAll(Enumerable.Range(0, AttemptStore.AddressLimit + 10).Select(async _ => await Answers.CodeOfAsync(await _stranger.FetchAsync("/sign-in/passkey"))));

        Assert.Equal(AttemptStore.AddressLimit, answers.Count(code => code == "response_malformed"));
        Assert.Equal(AttemptStore.AddressLimit, await RowsAsync());

        // The same counter for the door that leaves no row; and the password's is another.
        using var http = _server.NewClient();
        using var asked = await http.PostAsync(new Uri("/" + PasskeyStatusClient.Path, UriKind.Relative), new StringContent("{}"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.TooManyRequests, asked.StatusCode);
        using var owner = await _server.NewBrowser().SignInAsync("regular");
    }

    [Fact]
    public async Task Step_up_and_test_and_registration_are_counted_alike()
    {
        using var owner = await _server.NewBrowser().SignInAsync("newcomer");
        using var device = new Device(_server);
        await device.RegisterAsync(owner);
        await owner.OpenAsync("/step-up");
        var before = await _server.InDatabaseAsync(db => db.AuditEntries.CountAsync());
        var codes = new List<string>();
        for (var i = 0; i < AttemptStore.RefusalLimit; i++) codes.Add(await Answers.CodeOfAsync(await owner.FetchAsync("/step-up/passkey")));
        var passkey = await _server.InDatabaseAsync(db => db.Passkeys.Select(p => p.Id).SingleAsync());
        codes.Add(await Answers.CodeOfAsync(await owner.FetchAsync($"/security-info/passkeys/{passkey}/test")));

        Assert.Equal("too_many_attempts", codes[^1]);
        Assert.Equal(AttemptStore.RefusalLimit, await _server.InDatabaseAsync(db => db.AuditEntries.CountAsync()) - before);
    }

    [Fact]
    public async Task A_passkey_that_works_takes_no_blame_off_its_address()
    {
        using var device = new Device(_server);
        using (var owner = await _server.NewBrowser().SignInAsync("newcomer")) await device.RegisterAsync(owner);
        for (var i = 0; i < AttemptStore.AddressLimit; i++)
        {
            await NameAsync(_stranger, $"somebody-{i}");
            await _stranger.SubmitAsync("/sign-in/password", ("password", "not the password"));
            using var own = _server.NewBrowser();
            await own.OpenAsync("/sign-in");
            await own.FetchAsync("/sign-in/passkey", (await device.GetAsync(await OptionsAsync(own))).Encode());
        }

        await NameAsync(_stranger, "somebody-else");
        await _stranger.SubmitAsync("/sign-in/password", ("password", "not the password"));
        Assert.Equal(HttpStatusCode.TooManyRequests, _stranger.Status);
    }

    [Fact]
    public async Task What_was_refused_is_kept_for_three_months_and_what_was_done_for_good()
    {
        await NameAsync(_stranger, "regular");
        await _stranger.SubmitAsync("/sign-in/password", ("password", "not the password"));
        using var owner = await _server.NewBrowser().SignInAsync("regular");
        await SweepAsync(TimeSpan.FromDays(89));
        Assert.Equal(1, await RowsAsync());

        await SweepAsync(TimeSpan.FromDays(2));

        Assert.Equal(0, await RowsAsync());
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.Action == "sign_in" && e.Outcome == "success")));

        Task SweepAsync(TimeSpan later)
        {
            _server.Time.Advance(later);
            return _server.WithServicesAsync(services => Housekeeping.SweepAsync(services, _server.Time.GetUtcNow(), CancellationToken.None));
        }
    }

    [Fact]
    public async Task A_sign_in_that_took_too_long_starts_again_with_a_word_and_ends_where_it_was_going()
    {
        await _stranger.OpenAsync("/sign-in?returnUrl=/security-info/password");
        await _stranger.SubmitAsync("/sign-in", ("name", "regular"));
        using var elsewhere = _server.NewBrowser();
        await elsewhere.OpenAsync("/sign-in");
        await elsewhere.SubmitAsync("/sign-in", to: "/sign-in/password", ("password", "x"), ("returnUrl", "/security-info/password"));

        Assert.Contains("That took too long", elsewhere.Page, StringComparison.Ordinal);
        Assert.Contains("value=\"/security-info/password\"", elsewhere.Page, StringComparison.Ordinal);
    }

    private Task<int> RowsAsync() => _server.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.Action == "sign_in" && e.Outcome != "success"));

    private static string WithoutSignature(string json)
    {
        var at = json.IndexOf("\"signature\":\"", StringComparison.Ordinal) + "\"signature\":\"".Length + 12;
        return json[..at] + (json[at] == 'A' ? 'B' : 'A') + json[(at + 1)..];
    }

    private static async Task<byte[]> OptionsAsync(Browser browser) => await (await browser.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync();

    private async Task AfterPasswordAsync(Browser browser)
    {
        await NameAsync(browser, "regular");
        await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
    }

    private static async Task ByPhoneAsync(Browser browser, string name)
    {
        await NameAsync(browser, name);
        await browser.SubmitAsync("/sign-in/phone");
    }

    private static async Task NameAsync(Browser browser, string name)
    {
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", name));
    }

    private static string PathOf(Browser browser) => browser.Path.Split('?')[0];
}
