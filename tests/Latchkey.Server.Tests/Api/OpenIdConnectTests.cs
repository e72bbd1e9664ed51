using System.Net;
using Latchkey.Api;
using Latchkey.Api.Me;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Api;

public sealed class OpenIdConnectTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(50_001)]
    [InlineData(61_234)]
    public async Task A_program_signs_in_by_a_loopback_address_on_any_port(int port)
    {
        var tokens = await AppAccount.AuthorizeAsync(_server, _browser, "newcomer", port);

        Assert.NotNull(tokens.RefreshToken);
    }

    [Theory]
    [InlineData("v1.0/me")]
    [InlineData("v1.0/me/authentication/fido2Methods")]
    [InlineData("connect/userinfo")]
    [InlineData("authenticator/live")]
    public async Task A_token_in_an_address_or_a_form_opens_nothing(string path)
    {
        var tokens = await AppAccount.AuthorizeAsync(_server, _browser, "newcomer");
        using var http = _server.NewClient();
        using var form = new FormUrlEncodedContent([new("access_token", tokens.AccessToken)]);

        Assert.InRange((int)(await http.GetAsync($"{path}?access_token={Uri.EscapeDataString(tokens.AccessToken)}", Token)).StatusCode, 400, 401);
        Assert.InRange((int)(await http.PostAsync(path, form, Token)).StatusCode, 400, 405);
        Assert.InRange((int)(await http.PostAsync($"{path}/negotiate?access_token={Uri.EscapeDataString(tokens.AccessToken)}", null, Token)).StatusCode, 400, 405);
    }

    [Fact]
    public async Task A_token_in_the_header_opens_the_user_info_and_one_more_elsewhere_closes_it()
    {
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "newcomer"));

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("connect/userinfo", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync("connect/userinfo?access_token=x", Token)).StatusCode);
    }

    [Fact]
    public async Task The_plain_method_of_proving_a_code_is_neither_offered_nor_taken()
    {
        using var http = _server.NewClient();
        using var discovery = System.Text.Json.JsonDocument.Parse(await http.GetStringAsync(".well-known/openid-configuration", Token));
        Assert.Equal(["S256"], discovery.RootElement.GetProperty("code_challenge_methods_supported").EnumerateArray().Select(method => method.GetString()));

        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:50001/callback")).Address.PathAndQuery;
        foreach (var plain in new[] { request.Replace("S256", "plain", StringComparison.Ordinal), request.Replace("&code_challenge_method=S256", "", StringComparison.Ordinal) })
        {
            Assert.NotEqual(request, plain);
            using var browser = await _server.NewBrowser().SignInAsync("regular");
            await browser.OpenAsync(plain);
            Assert.Contains("invalid_request", browser.Away?.Query ?? browser.Page, StringComparison.Ordinal);
            Assert.DoesNotContain("code=", browser.Away?.Query ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_redirect_to_any_other_address_is_refused()
    {
        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://evil.example/callback"));
        await _browser.OpenAsync(request.Address.PathAndQuery);

        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
        Assert.Null(_browser.Away);
    }

    [Fact]
    public async Task A_person_who_is_signed_in_already_is_asked_before_a_program_may_act_for_them()
    {
        await _browser.SignInAsync("newcomer");
        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:50001/callback"));
        await _browser.OpenAsync(request.Address.PathAndQuery);

        Assert.Null(_browser.Away);
        Assert.Contains("Latchkey Authenticator", _browser.Page, StringComparison.Ordinal);
        await _browser.SubmitAsync("/connect/authorize", ("allow", "1"));
        Assert.Contains("code=", _browser.Away!.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Max_age_asks_for_a_second_factor_when_the_last_one_is_too_old()
    {
        await _browser.SignInAsync("regular");
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:50001/callback"), maxAge: TimeSpan.FromMinutes(5));
        await _browser.OpenAsync(request.Address.PathAndQuery);

        Assert.StartsWith("/step-up", _browser.Path, StringComparison.Ordinal);
        await _browser.SubmitAsync("/step-up", ("code", _server.CodeOf("regular")));
        Assert.Contains("code=", _browser.Away!.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompt_login_asks_again_although_the_person_is_signed_in()
    {
        await _browser.SignInAsync("regular");
        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:50001/callback"));
        await _browser.OpenAsync(request.Address.PathAndQuery + "&prompt=login");

        Assert.StartsWith("/sign-in?", _browser.Path, StringComparison.Ordinal);
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        await _browser.SubmitAsync("/sign-in", ("name", "regular"));
        await _browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        await _browser.SubmitAsync("/sign-in/second-factor", ("code", _server.CodeOf("regular")));
        Assert.Contains("code=", _browser.Away!.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refresh_token_brings_new_tokens_and_used_twice_ends_them_all()
    {
        var tokens = await AppAccount.AuthorizeAsync(_server, _browser, "newcomer");
        using var http = _server.NewClient();
        var client = new TokenClient(http, _server.Time);
        var second = await client.RefreshAsync(OpenIdConnectContract.AuthenticatorClientId, tokens.RefreshToken!, Token);
        _server.Time.Advance(TimeSpan.FromMinutes(2)); // past the leeway for a lost answer

        await Assert.ThrowsAsync<ApiException>(() => client.RefreshAsync(OpenIdConnectContract.AuthenticatorClientId, tokens.RefreshToken!, Token));

        var refused = await Assert.ThrowsAsync<ApiException>(() => client.RefreshAsync(OpenIdConnectContract.AuthenticatorClientId, second.RefreshToken!, Token));
        Assert.Equal("invalid_grant", refused.Code);
    }

    [Fact]
    public async Task An_ended_session_ends_its_tokens_at_once()
    {
        var tokens = await AppAccount.AuthorizeAsync(_server, _browser, "newcomer");
        using var http = AppAccount.ClientFor(_server, tokens);
        await new ProfileClient(http).GetAsync(Token);
        await _server.InDatabaseAsync(db => db.TemporaryAccessPasses.ExecuteDeleteAsync());
        var now = _server.Time.GetUtcNow();
        await _server.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.EndedAt, now)));

        Assert.Equal("sign_in_required", (await Assert.ThrowsAsync<ApiException>(() => new ProfileClient(http).GetAsync(Token))).Code);
        using var plain = _server.NewClient();
        var refused = await Assert.ThrowsAsync<ApiException>(() =>
            new TokenClient(plain, _server.Time).RefreshAsync(OpenIdConnectContract.AuthenticatorClientId, tokens.RefreshToken!, Token));
        Assert.Equal("invalid_grant", refused.Code);
    }

    [Fact]
    public async Task Signing_out_of_the_portal_leaves_the_app_signed_in()
    {
        var tokens = await AppAccount.AuthorizeAsync(_server, _browser, "newcomer");
        await _browser.OpenAsync("/security-info");
        await _browser.SubmitAsync("/sign-out");
        using var http = AppAccount.ClientFor(_server, tokens);

        Assert.Equal("newcomer", (await new ProfileClient(http).GetAsync(Token)).UserPrincipalName);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?client_id=latchkey-authenticator")]
    [InlineData("?id_token_hint=eyJhbGciOiJub25lIn0.e30.")]
    public async Task A_link_alone_signs_nobody_out(string query)
    {
        await _browser.SignInAsync("regular");
        await _browser.OpenAsync("/connect/logout" + query);

        await _browser.OpenAsync("/security-info");
        Assert.Equal("/security-info", _browser.Path);
    }

    [Fact]
    public async Task Signing_out_by_a_link_asks_and_a_click_does_it()
    {
        await _browser.SignInAsync("regular");
        await _browser.OpenAsync("/connect/logout");
        Assert.Contains("Sign out?", _browser.Page, StringComparison.Ordinal);

        await _browser.SubmitAsync("/connect/logout");

        Assert.StartsWith("/sign-in", _browser.Path, StringComparison.Ordinal);
        Assert.StartsWith("/sign-in", (await _browser.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_token_of_the_same_person_signs_out_without_asking_and_one_of_somebody_else_does_not()
    {
        using var device = new Device(_server);
        await _browser.SignInAsync("regular");
        await device.RegisterAsync(_browser);
        var hint = await PasskeyGrantTests.IdentityTokenAsync(_server, device);

        using var other = await _server.NewBrowser().SignInAsync("admin");
        await other.OpenAsync("/connect/logout?id_token_hint=" + hint);
        Assert.Contains("Sign out?", other.Page, StringComparison.Ordinal);

        await _browser.OpenAsync("/connect/logout?id_token_hint=" + hint);
        Assert.StartsWith("/sign-in", (await _browser.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_learns_where_the_organisation_meets_browsers()
    {
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "newcomer"));
        Assert.Null((await new ProfileClient(http).GetAsync(Token)).TunnelDomain);

        await _server.SetAsync(organisation => organisation.TunnelDomain = 266);

        Assert.Equal(266, (await new ProfileClient(http).GetAsync(Token)).TunnelDomain);
    }

    [Fact]
    public async Task The_command_line_signs_in_by_a_code_that_a_person_allows()
    {
        using var http = _server.NewClient();
        var client = new TokenClient(http, TimeProvider.System);
        var device = await client.BeginDeviceAsync(Token);
        await _browser.SignInAsync("newcomer");
        await _browser.OpenAsync(device.VerificationUriComplete!.PathAndQuery);
        Assert.Contains(device.UserCode, _browser.Page, StringComparison.Ordinal);
        await _browser.SubmitAsync("/connect/verify", ("allow", "1"));
        Assert.Equal("/connect/verify?done=allowed", _browser.Path);

        using var api = AppAccount.ClientFor(_server, await client.WaitForDeviceAsync(device, Token));

        Assert.Equal("newcomer", (await new ProfileClient(api).GetAsync(Token)).UserPrincipalName);
    }

    [Fact]
    public async Task A_code_that_a_person_refuses_brings_nothing()
    {
        using var http = _server.NewClient();
        var client = new TokenClient(http, TimeProvider.System);
        var device = await client.BeginDeviceAsync(Token);
        await _browser.SignInAsync("newcomer");
        await _browser.OpenAsync(device.VerificationUriComplete!.PathAndQuery);
        await _browser.SubmitAsync("/connect/verify");

        Assert.Equal("access_denied", (await Assert.ThrowsAsync<ApiException>(() => client.WaitForDeviceAsync(device, Token))).Code);
    }
}
