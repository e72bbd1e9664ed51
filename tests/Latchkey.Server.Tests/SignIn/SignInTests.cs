using System.Net;
using System.Text.RegularExpressions;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.SignIn;

public sealed class SignInTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_person_with_password_and_code_signs_in()
    {
        using var browser = await _server.NewBrowser().SignInAsync("regular");

        Assert.Contains("My Security info", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_alone_opens_nothing()
    {
        using var browser = _server.NewBrowser();
        await TypePasswordAsync(browser, "regular", _server.Demo["regular password"]);

        Assert.StartsWith("/sign-in/second-factor", browser.Path, StringComparison.Ordinal);
        await browser.OpenAsync("/security-info");
        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
        Assert.Equal(0, await _server.InDatabaseAsync(db => db.Sessions.CountAsync()));
    }

    [Fact]
    public async Task The_pages_for_a_name_nobody_has_are_the_same()
    {
        using var known = _server.NewBrowser();
        using var unknown = _server.NewBrowser();
        foreach (var (browser, name) in new[] { (known, "regular"), (unknown, "nobody7") })
        {
            await browser.OpenAsync("/sign-in");
            await browser.SubmitAsync("/sign-in", ("name", name));
        }

        Assert.Equal(Bare(known.Page, "regular"), Bare(unknown.Page, "nobody7"));
        await known.SubmitAsync("/sign-in/password", ("password", "not the password"));
        await unknown.SubmitAsync("/sign-in/password", ("password", "not the password"));
        Assert.Equal(HttpStatusCode.BadRequest, known.Status);
        Assert.Equal(known.Status, unknown.Status);
        Assert.Equal(Bare(known.Page, "regular"), Bare(unknown.Page, "nobody7"));
    }

    [Fact]
    public async Task A_code_is_good_once()
    {
        var code = _server.CodeOf("regular");
        using var first = _server.NewBrowser();
        await TypePasswordAsync(first, "regular", _server.Demo["regular password"]);
        await first.SubmitAsync("/sign-in/second-factor", ("code", code));
        Assert.Equal("/security-info", first.Path);

        using var second = _server.NewBrowser();
        await TypePasswordAsync(second, "regular", _server.Demo["regular password"]);
        await second.SubmitAsync("/sign-in/second-factor", ("code", code));

        Assert.Equal(HttpStatusCode.BadRequest, second.Status);
    }

    [Theory]
    [InlineData("regular")]
    [InlineData("nobody7")]
    public async Task Ten_wrong_passwords_lock_the_name_whether_anybody_has_it_or_not(string name)
    {
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", name));
        for (var i = 0; i < AttemptStore.NameLimit; i++)
        {
            await browser.SubmitAsync("/sign-in/password", ("password", $"wrong {i}"));
            Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        }

        await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        Assert.Equal(HttpStatusCode.TooManyRequests, browser.Status);

        _server.Time.Advance(TimeSpan.FromMinutes(2));
        await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        Assert.NotEqual(HttpStatusCode.TooManyRequests, browser.Status);
    }

    [Fact]
    public async Task Wrong_codes_count_towards_the_lock_although_the_password_was_right()
    {
        using var browser = _server.NewBrowser();
        await TypePasswordAsync(browser, "regular", _server.Demo["regular password"]);
        for (var i = 0; i < AttemptStore.NameLimit - 1; i++)
        {
            await browser.SubmitAsync("/sign-in/second-factor", ("code", "000000"));
        }

        await browser.SubmitAsync("/sign-in/second-factor", ("code", _server.CodeOf("regular")));

        Assert.Equal(HttpStatusCode.TooManyRequests, browser.Status);
    }

    [Fact]
    public async Task Many_names_from_one_address_lock_the_address()
    {
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        for (var i = 0; i <= AttemptStore.AddressLimit; i++)
        {
            await browser.OpenAsync("/sign-in");
            await browser.SubmitAsync("/sign-in", ("name", $"name{i}"));
            await browser.SubmitAsync("/sign-in/password", ("password", "guess"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, browser.Status);
    }

    [Fact]
    public async Task A_Temporary_Access_Pass_counts_as_two_factors()
    {
        using var browser = await _server.NewBrowser().SignInAsync("newcomer");

        Assert.True((await _server.InDatabaseAsync(db => db.Sessions.SingleAsync())).HasMfa);
    }

    [Fact]
    public async Task A_pass_for_one_use_is_good_once()
    {
        var pass = await CreatePassAsync(once: true);
        using var first = _server.NewBrowser();
        await TypePassAsync(first, pass);
        Assert.Equal("/security-info", first.Path);

        using var second = _server.NewBrowser();
        await TypePassAsync(second, pass);

        Assert.Equal(HttpStatusCode.BadRequest, second.Status);
    }

    [Fact]
    public async Task A_pass_is_good_for_its_lifetime_only()
    {
        var pass = await CreatePassAsync(once: false);
        _server.Time.Advance(TimeSpan.FromMinutes(11));
        using var browser = _server.NewBrowser();
        await TypePassAsync(browser, pass);

        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
    }

    [Fact]
    public async Task Without_a_second_factor_a_code_may_be_the_first_where_the_organisation_allows_it()
    {
        await AddPersonAsync("joan");
        using var browser = _server.NewBrowser();
        await TypePasswordAsync(browser, "joan", "a long password");
        Assert.StartsWith("/sign-in/first-code", browser.Path, StringComparison.Ordinal);
        Assert.DoesNotContain("passkey", browser.Page, StringComparison.OrdinalIgnoreCase);
        var secret = Regex.Match(browser.Page, "id=\"secret\">(?<secret>[A-Z2-7 ]+)<", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["secret"].Value.Replace(" ", "", StringComparison.Ordinal);

        await browser.SubmitAsync("/sign-in/first-code", ("code", "000000"));
        Assert.Equal(HttpStatusCode.BadRequest, browser.Status);
        await browser.SubmitAsync("/sign-in/first-code", ("code", _server.CodeOf("joan", secret)));

        Assert.Equal("/security-info", browser.Path);
    }

    [Fact]
    public async Task Without_a_second_factor_nobody_signs_in_where_the_organisation_forbids_it()
    {
        await _server.SetAsync(organisation => organisation.AllowsCodeAsFirstFactor = false);
        await AddPersonAsync("joan");
        using var browser = _server.NewBrowser();
        await TypePasswordAsync(browser, "joan", "a long password");

        Assert.Contains("Temporary Access Pass", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/sign-in/first-code");
        Assert.Equal("/sign-in", browser.Path);
    }

    [Fact]
    public async Task A_person_with_a_second_factor_is_never_offered_a_first_one()
    {
        using var browser = _server.NewBrowser();
        await TypePasswordAsync(browser, "regular", _server.Demo["regular password"]);
        await browser.OpenAsync("/sign-in/first-code");

        Assert.Equal("/sign-in", browser.Path);
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    public async Task Signing_in_returns_to_an_address_of_this_server_only(string returnUrl)
    {
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in?returnUrl=" + Uri.EscapeDataString(returnUrl));
        await browser.SubmitAsync("/sign-in", ("name", "newcomer"), ("returnUrl", returnUrl));
        await browser.OpenAsync("/sign-in/pass?returnUrl=" + Uri.EscapeDataString(returnUrl));
        await browser.SubmitAsync("/sign-in/pass", ("code", _server.Demo["newcomer temporary-access-pass"]), ("returnUrl", returnUrl));

        Assert.Null(browser.Away);
        Assert.Equal("/security-info", browser.Path);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_not_only_the_cookie()
    {
        using var browser = await _server.NewBrowser().SignInAsync("newcomer");
        await browser.SubmitAsync("/sign-out");

        Assert.NotNull((await _server.InDatabaseAsync(db => db.Sessions.SingleAsync())).EndedAt);
    }

    private static string Bare(string page, string name) =>
        Regex.Replace(page, "(?:name=\"__RequestVerificationToken\" value|name=\"form-token\" content)=\"[^\"]*\"", "", RegexOptions.None, TimeSpan.FromSeconds(1))
            .Replace(name, "NAME", StringComparison.Ordinal);

    private static async Task TypePasswordAsync(Browser browser, string name, string password)
    {
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", name));
        await browser.SubmitAsync("/sign-in/password", ("password", password));
    }

    private static async Task TypePassAsync(Browser browser, string pass)
    {
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "newcomer"));
        await browser.OpenAsync("/sign-in/pass");
        await browser.SubmitAsync("/sign-in/pass", ("code", pass));
    }

    private async Task<string> CreatePassAsync(bool once)
    {
        var pass = "";
        await _server.WithServicesAsync(async services =>
        {
            var user = (await services.GetRequiredService<People>().FindAsync("newcomer"))!;
            pass = await services.GetRequiredService<SecondFactorStore>().CreatePassAsync(user, 10, once, null, CancellationToken.None);
            await services.GetRequiredService<LatchkeyDb>().SaveChangesAsync();
        });
        return pass;
    }

    private Task AddPersonAsync(string name) => _server.WithServicesAsync(services =>
        services.GetRequiredService<People>().CreateAsync(name, null, null, "a long password", admin: false));
}
