using System.Net;
using Latchkey.Api;
using Latchkey.Api.Me;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>Where a person is signed in, and its end.</summary>
public sealed class SessionsTests : IAsyncLifetime
{
    private const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

    private RunningServer _server = null!;
    private Browser _browser = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
        _browser.Says["User-Agent"] = Firefox;
        await _browser.SignInAsync("regular");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Browsers_and_programs_are_listed_by_what_they_are_called_and_this_one_is_marked()
    {
        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:50001/callback"), device: "Kitchen\u202e\n laptop");
        using var other = _server.NewBrowser();
        other.Says["User-Agent"] = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
        await other.SignInAsync("regular");
        await other.OpenAsync(request.Address.PathAndQuery);
        await other.SubmitAsync("/connect/authorize", ("allow", "1"));

        await _browser.OpenAsync("/security-info");
        await _browser.FollowAsync("Where you&#x27;re signed in");
        var page = WebUtility.HtmlDecode(_browser.Page);

        Assert.Equal("/security-info/sessions", _browser.Path);
        Assert.Contains("Firefox on Linux", page, StringComparison.Ordinal);
        Assert.Contains("Chrome on Windows", page, StringComparison.Ordinal);
        Assert.Contains("Latchkey Authenticator · Kitchen laptop", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("This one").Length);
        Assert.Equal(3, page.Split("<li class=\"method\">").Length - 1);
    }

    [Fact]
    public async Task Where_the_operator_keeps_a_file_of_places_the_place_of_an_address_is_shown()
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-places").FullName;
        var file = Path.Combine(directory, "places.mmdb");
        PlacesFile.Write(file, ("192.0.2.0/24", "Bergen", "Norway"), ("2001:db8::/32", null, "Chile"));
        await using (var server = await RunningServer.StartAsync(await RunningServer.NewDirectoryAsync(), configure: services => services.AddSingleton(Places.Open(file))))
        {
            using var browser = await server.NewBrowser().SignInAsync("regular");
            Assert.Contains("Last from 192.0.2.7 (near Bergen, Norway)", await FromAsync("192.0.2.7"), StringComparison.Ordinal);
            Assert.Contains("Last from 2001:db8::1 (near Chile)", await FromAsync("2001:db8::1"), StringComparison.Ordinal);
            Assert.Contains("Last from 198.51.100.1<", await FromAsync("198.51.100.1"), StringComparison.Ordinal);

            async Task<string> FromAsync(string address)
            {
                await server.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.Address, address)));
                return (await browser.OpenAsync("/security-info/sessions")).Page;
            }
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void A_file_of_places_that_is_replaced_is_read_again_and_one_that_cannot_be_read_is_not_taken()
    {
        var directory = Directory.CreateTempSubdirectory("latchkey-places").FullName;
        var file = Path.Combine(directory, "places.mmdb");
        PlacesFile.Write(file, ("192.0.2.0/24", "Bergen", "Norway"));
        using (var places = Places.Open(file))
        {
            Assert.Equal("Bergen, Norway", places.Find("::ffff:192.0.2.7"));
            Assert.Null(places.Find("no address"));
            Assert.Null(places.Find(null));

            Replace(() => File.WriteAllText(file, "cut short"));
            Assert.Equal("Bergen, Norway", places.Find("192.0.2.7"));

            Replace(() => PlacesFile.Write(file, ("192.0.2.0/24", "Oslo", "Norway")));
            Assert.Equal("Oslo, Norway", places.Find("192.0.2.7"));
        }

        Directory.Delete(directory, recursive: true);

        void Replace(Action write)
        {
            var before = File.GetLastWriteTimeUtc(file);
            write();
            File.SetLastWriteTimeUtc(file, before.AddSeconds(1)); // as a clock that goes on would
        }
    }

    [Fact]
    public async Task One_is_ended_and_the_others_stay()
    {
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        using var other = await _server.NewBrowser().SignInAsync("regular");
        var id = await LastAsync();
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        using var third = await _server.NewBrowser().SignInAsync("regular");
        await _browser.OpenAsync("/security-info/sessions");
        await _browser.SubmitAsync($"/security-info/sessions/{id}/end");

        Assert.Equal("/security-info/sessions?said=ended", _browser.Path);
        Assert.StartsWith("/sign-in", (await other.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
        Assert.Equal("/security-info", (await third.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public async Task All_others_are_ended_and_what_hangs_on_them()
    {
        using var other = _server.NewBrowser();
        var tokens = await AppAccount.AuthorizeAsync(_server, other, "regular");
        using var app = AppAccount.ClientFor(_server, tokens);
        await _browser.OpenAsync("/security-info/sessions");
        await _browser.SubmitAsync("/security-info/sessions/end-others");

        Assert.Equal("/security-info/sessions?said=others-ended", _browser.Path);
        Assert.StartsWith("/sign-in", (await other.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
        Assert.Equal("sign_in_required", (await Assert.ThrowsAsync<ApiException>(() => new ProfileClient(app).GetAsync(Token))).Code);
        using var plain = _server.NewClient();
        Assert.Equal("invalid_grant", (await Assert.ThrowsAsync<ApiException>(() =>
            new TokenClient(plain, _server.Time).RefreshAsync(OpenIdConnectContract.AuthenticatorClientId, tokens.RefreshToken!, Token))).Code);
    }

    [Fact]
    public async Task Nobody_ends_a_session_of_somebody_else()
    {
        using var admin = await _server.NewBrowser().SignInAsync("admin");
        var theirs = await _server.InDatabaseAsync(db => db.Sessions.Where(s => db.Users.Single(u => u.UserName == "admin").Id == s.UserId).Select(s => s.Id).SingleAsync());
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        using var other = await _server.NewBrowser().SignInAsync("regular");
        var mine = await LastAsync();
        await _browser.OpenAsync("/security-info/sessions");
        await _browser.SubmitAsync($"/security-info/sessions/{mine}/end", to: $"/security-info/sessions/{theirs}/end");

        Assert.Equal("/security-info", (await admin.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public async Task That_a_session_is_used_is_written_down_every_few_minutes_and_not_at_every_request()
    {
        var opened = (await SessionAsync()).LastSeenAt;
        _server.Time.Advance(SessionStore.SeenAgain - TimeSpan.FromSeconds(1));
        await _browser.OpenAsync("/security-info");
        Assert.Equal(opened, (await SessionAsync()).LastSeenAt);

        _server.Time.Advance(TimeSpan.FromSeconds(1));
        await _browser.OpenAsync("/security-info");
        var seen = (await SessionAsync()).LastSeenAt;
        Assert.Equal(opened + SessionStore.SeenAgain, seen);
    }

    [Fact]
    public async Task A_refresh_token_given_back_ends_its_session_and_the_access_token()
    {
        using var other = _server.NewBrowser();
        var tokens = await AppAccount.AuthorizeAsync(_server, other, "regular");
        using var app = AppAccount.ClientFor(_server, tokens);
        await new ProfileClient(app).GetAsync(Token);
        using var plain = _server.NewClient();
        var client = new TokenClient(plain, _server.Time);
        await client.RevokeAsync(OpenIdConnectContract.AuthenticatorClientId, tokens.RefreshToken!, Token);

        Assert.Equal("sign_in_required", (await Assert.ThrowsAsync<ApiException>(() => new ProfileClient(app).GetAsync(Token))).Code);
        Assert.Equal(0, await _server.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.Kind == SessionKind.App && s.EndedAt == null)));
        await client.RevokeAsync(OpenIdConnectContract.AuthenticatorClientId, tokens.RefreshToken!, Token); // given back already
        await client.RevokeAsync(OpenIdConnectContract.AuthenticatorClientId, "no token", Token);
        Assert.Equal("/security-info", (await other.OpenAsync("/security-info")).Path); // the browser it came from is another session
    }

    [Fact]
    public async Task A_new_pass_ends_what_the_old_one_opened()
    {
        using var newcomer = await _server.NewBrowser().SignInAsync("newcomer");
        await _server.WithServicesAsync(async services =>
        {
            var user = (await services.GetRequiredService<People>().FindAsync("newcomer"))!;
            await services.GetRequiredService<SecondFactorStore>().CreatePassAsync(user, 60, once: false, startsAt: null, Token);
            await services.GetRequiredService<LatchkeyDb>().SaveChangesAsync(Token);
        });

        Assert.StartsWith("/sign-in", (await newcomer.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_recovery_codes_end_what_an_old_one_opened_elsewhere()
    {
        var user = await _server.InDatabaseAsync(db => db.Users.SingleAsync(u => u.UserName == "regular"));
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        using var other = await _server.NewBrowser().SignInAsync("regular");
        await _server.InDatabaseAsync(async db => // as if the other browser had used one
        {
            var last = await db.Sessions.OrderByDescending(s => s.Id).FirstAsync();
            last.SecondMethodId = user.Id;
            return await db.SaveChangesAsync();
        });
        await _browser.OpenAsync("/security-info/add/recovery-codes");
        await _browser.SubmitAsync("/security-info/add/recovery-codes");

        Assert.StartsWith("/sign-in", (await other.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
        Assert.Equal("/security-info", (await _browser.OpenAsync("/security-info")).Path);
    }

    [Theory]
    [InlineData("\u0000\u0007\u202e", null)]
    [InlineData("  Anna's\tphone ", "Anna'sphone")]
    [InlineData(null, null)]
    public void A_name_a_device_gives_itself_is_one_line_that_can_be_seen(string? name, string? fit) => Assert.Equal(fit, DeviceLabel.Fit(name));

    [Fact]
    public void A_long_name_is_cut_between_characters()
    {
        var fit = DeviceLabel.Fit(new string('a', Session.MaxDevice - 1) + "\U0001F511 and more")!;

        Assert.Equal(new string('a', Session.MaxDevice - 1), fit);
    }

    private Task<Guid> LastAsync() => _server.InDatabaseAsync(db => db.Sessions.OrderByDescending(s => s.Id).Select(s => s.Id).FirstAsync());

    private Task<Session> SessionAsync() => _server.InDatabaseAsync(db => db.Sessions.AsNoTracking().OrderBy(s => s.Id).FirstAsync());
}
