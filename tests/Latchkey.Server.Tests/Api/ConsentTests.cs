using System.Net;
using System.Text.RegularExpressions;
using System.Web;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Hosting;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Api;

/// <summary>A program acts for a person only after they answered that very request, in that session.</summary>
public sealed class ConsentTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;
    private string _request = "";

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
        _request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:50001/callback")).Address.PathAndQuery;
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_step_up_for_something_else_answers_no_request_that_waits()
    {
        await UnansweredAsync();
        await StepUpAsync("/security-info");

        await AssertIsAskedAsync(_request);
    }

    [Fact]
    public async Task A_sign_in_for_something_else_answers_no_request_that_waits()
    {
        await _browser.OpenAsync(_request);
        Assert.StartsWith("/sign-in", _browser.Path, StringComparison.Ordinal);
        _server.Time.Advance(TimeSpan.FromSeconds(1));
        await _browser.SignInAsync("regular");

        await AssertIsAskedAsync(_request);
    }

    [Fact]
    public async Task A_step_up_that_leads_back_to_the_request_names_the_program_and_answers_that_request_alone_and_once()
    {
        await _browser.SignInAsync("regular");
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        await _browser.OpenAsync(_request + "&max_age=300");
        Assert.Contains("Latchkey Authenticator", _browser.Page, StringComparison.Ordinal);
        var kept = _browser.Path;
        await _browser.SubmitAsync("/step-up", ("code", _server.CodeOf("regular")));
        Assert.Contains("code=", _browser.Away!.Query, StringComparison.Ordinal);

        Assert.StartsWith("/step-up", kept, StringComparison.Ordinal);
        await AssertIsAskedAsync(_request);
        await AssertIsAskedAsync(_request + "&max_age=300");
    }

    [Fact]
    public async Task A_step_up_page_that_leads_on_to_a_program_says_so_whatever_the_address_calls_its_reason()
    {
        await _browser.SignInAsync("regular");
        await _browser.OpenAsync("/step-up?reason=delete&returnUrl=" + Uri.EscapeDataString(_request));

        Assert.Contains("Latchkey Authenticator asks to see and manage", WebUtility.HtmlDecode(_browser.Page), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("&scope=openid")]
    [InlineData("&max_age=4000")]
    [InlineData("&prompt=consent")]
    [InlineData("&nonce=another")]
    [InlineData("&login_hint=somebody")]
    [InlineData("&claims=%7B%7D")]
    public async Task A_press_is_for_the_request_that_was_shown_and_for_no_other(string change)
    {
        await UnansweredAsync();
        var name = change[1..change.IndexOf('=', StringComparison.Ordinal)];
        await _browser.SubmitAsync("/connect/authorize", ("allow", "1"), (name, HttpUtility.UrlDecode(change[(name.Length + 2)..])));

        Assert.Null(_browser.Away);
        Assert.Contains("Let Latchkey Authenticator sign in as you?", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_press_is_good_once()
    {
        await UnansweredAsync();
        var fields = Hidden();
        await PostAsync(fields);
        Assert.Contains("code=", _browser.Away!.Query, StringComparison.Ordinal);
        var opened = await SessionsAsync();

        await _browser.OpenAsync(_request);
        await PostAsync(fields);

        Assert.Equal(opened, await SessionsAsync());
    }

    [Fact]
    public async Task A_press_in_another_session_is_none()
    {
        await UnansweredAsync();
        var ticket = Hidden()["latchkey_flow"];
        _server.Time.Advance(TimeSpan.FromMinutes(1));
        await _browser.OpenAsync("/sign-in");
        await _browser.SignInAsync("regular");
        await _browser.OpenAsync(_request);
        var opened = await SessionsAsync();
        await _browser.SubmitAsync("/connect/authorize", ("allow", "1"), ("latchkey_flow", ticket));

        Assert.Equal(opened, await SessionsAsync());
    }

    [Fact]
    public async Task A_press_comes_too_late_after_a_quarter_of_an_hour()
    {
        await UnansweredAsync();
        _server.Time.Advance(TimeSpan.FromMinutes(16));
        await _browser.SubmitAsync("/connect/authorize", ("allow", "1"));
        Assert.Null(_browser.Away);

        await _browser.SubmitAsync("/connect/authorize", ("allow", "1"));
        Assert.Contains("code=", _browser.Away!.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompt_consent_shows_the_page_also_to_somebody_who_signed_in_for_it()
    {
        await AppSignInAsync(_request + "&prompt=consent");

        Assert.Null(_browser.Away);
        await _browser.SubmitAsync("/connect/authorize", ("allow", "1"));
        Assert.Contains("code=", _browser.Away!.Query, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("&prompt=none", "consent_required")]
    [InlineData("&prompt=none&max_age=0", "login_required")]
    public async Task Prompt_none_asks_nobody_anything(string more, string error)
    {
        await _browser.SignInAsync("regular");
        await _browser.OpenAsync(_request + more);

        Assert.Equal(error, HttpUtility.ParseQueryString(_browser.Away!.Query)["error"]);
    }

    [Fact]
    public async Task Max_age_zero_asks_even_whoever_signed_in_this_very_moment()
    {
        await _browser.SignInAsync("regular");
        await _browser.OpenAsync(_request + "&max_age=0");

        Assert.StartsWith("/step-up", _browser.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_press_for_a_code_is_for_the_page_that_showed_it()
    {
        using var http = _server.NewClient();
        var device = await new TokenClient(http, TimeProvider.System).BeginDeviceAsync(TestContext.Current.CancellationToken);
        var other = await new TokenClient(http, TimeProvider.System).BeginDeviceAsync(TestContext.Current.CancellationToken);
        await _browser.SignInAsync("regular");
        await _browser.OpenAsync(device.VerificationUriComplete!.PathAndQuery);
        await _browser.SubmitAsync("/connect/verify", ("allow", "1"), ("user_code", other.UserCode));

        Assert.Equal(0, await SessionsAsync());
        Assert.Contains(other.UserCode, _browser.Page, StringComparison.Ordinal); // asked about that one
    }

    [Theory]
    [InlineData("a", "b|c", "a|b", "c")]
    [InlineData("a", "b\nc", "a\nb", "c")]
    [InlineData("ab", "c", "a", "bc")]
    [InlineData("a", "", "a", null)]
    public void Requests_that_read_alike_when_joined_are_two(string name, string? value, string otherName, string? otherValue) =>
        Assert.NotEqual(FlowMark.Of([new(name, value)]), FlowMark.Of([new(otherName, otherValue)]));

    [Fact]
    public void The_order_of_the_names_makes_no_other_request_and_that_of_a_names_values_does()
    {
        KeyValuePair<string, string?> state = new("state", "1"), one = new("resource", "1"), two = new("resource", "2");

        Assert.Equal(FlowMark.Of([state, one, two]), FlowMark.Of([one, state, two]));
        Assert.NotEqual(FlowMark.Of([one, two]), FlowMark.Of([two, one]));
        Assert.NotEqual(FlowMark.Of([one]), FlowMark.Of([one, one]));
    }

    private async Task UnansweredAsync()
    {
        await _browser.SignInAsync("regular");
        await AssertIsAskedAsync(_request);
        _server.Time.Advance(TimeSpan.FromSeconds(1));
    }

    private async Task AssertIsAskedAsync(string request)
    {
        await _browser.OpenAsync(request);
        Assert.Contains("Let Latchkey Authenticator sign in as you?", _browser.Page, StringComparison.Ordinal);
    }

    private async Task StepUpAsync(string returnUrl)
    {
        await _browser.OpenAsync("/step-up?reason=add&returnUrl=" + Uri.EscapeDataString(returnUrl));
        await _browser.SubmitAsync("/step-up", ("code", _server.CodeOf("regular")));
        Assert.Equal(returnUrl, _browser.Path);
    }

    private async Task AppSignInAsync(string request)
    {
        await _browser.OpenAsync(request);
        await _browser.SubmitAsync("/sign-in", ("name", "regular"));
        await _browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        await _browser.SubmitAsync("/sign-in/second-factor", ("code", _server.CodeOf("regular")));
    }

    private Dictionary<string, string> Hidden() => Regex.Matches(_browser.Page, "<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"", RegexOptions.None, TimeSpan.FromSeconds(1))
        .ToDictionary(m => m.Groups["name"].Value, m => WebUtility.HtmlDecode(m.Groups["value"].Value));

    private Task<Browser> PostAsync(Dictionary<string, string> fields) =>
        _browser.SubmitAsync("/connect/authorize", [.. fields.Select(field => (field.Key, field.Value)), ("allow", "1")]);

    private Task<int> SessionsAsync() => _server.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.Kind == Latchkey.Server.Storage.SessionKind.App));
}
