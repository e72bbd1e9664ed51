using Latchkey.AuthenticatorApp.Device;
using Microsoft.AspNetCore.Http;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class LoopbackGuardTests
{
    private const string Here = "127.0.0.1:7081";

    private readonly LoopbackGuard _guard = new() { Authority = Here };

    [Fact]
    public async Task Without_the_cookie_there_is_nothing_to_see()
    {
        var (status, reached, _) = await AskAsync("/");

        Assert.Equal((StatusCodes.Status403Forbidden, false), (status, reached));
    }

    [Fact]
    public async Task The_printed_token_buys_the_cookie_and_the_cookie_opens_the_pages()
    {
        var (status, reached, cookie) = await AskAsync("/", $"?token={_guard.LaunchToken}");
        Assert.Equal((StatusCodes.Status302Found, false), (status, reached));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);

        Assert.True((await AskAsync("/settings", cookie: cookie)).Reached);
    }

    [Theory]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task Another_token_buys_nothing(string token)
    {
        var (status, _, cookie) = await AskAsync("/", $"?token={token}");

        Assert.Equal((StatusCodes.Status403Forbidden, ""), (status, cookie));
    }

    [Fact]
    public async Task The_cookie_of_another_start_opens_nothing()
    {
        var other = new LoopbackGuard { Authority = Here };
        var cookie = (await AskAsync("/", $"?token={other.LaunchToken}", guard: other)).Cookie;

        Assert.False((await AskAsync("/", cookie: cookie)).Reached);
    }

    [Theory]
    [InlineData("localhost:7081")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:7082")]
    [InlineData("rebound.example:7081")]
    public async Task A_request_under_another_host_is_refused_even_with_the_cookie(string host)
    {
        var (status, reached, _) = await AskAsync("/", host: host, cookie: await CookieAsync());

        Assert.Equal((StatusCodes.Status421MisdirectedRequest, false), (status, reached));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("http://127.0.0.1:9999")]
    [InlineData("http://localhost:7081")]
    [InlineData("null")]
    public async Task A_request_from_another_origin_is_refused_even_with_the_cookie(string origin)
    {
        var (status, reached, _) = await AskAsync("/_blazor", origin: origin, cookie: await CookieAsync());

        Assert.Equal((StatusCodes.Status403Forbidden, false), (status, reached));
    }

    [Fact]
    public async Task The_redirect_of_a_sign_in_comes_in_without_the_cookie_and_proves_itself_by_its_state() =>
        Assert.True((await AskAsync("/callback", "?state=s&code=c")).Reached);

    [Theory]
    [InlineData(null, "frame-ancestors 'none'")]
    [InlineData("http://127.0.0.1:7090", "frame-ancestors http://127.0.0.1:7090")]
    public async Task Only_the_origin_it_was_started_for_may_show_the_app_in_a_frame(string? shownIn, string expected)
    {
        var context = new DefaultHttpContext();
        await new LoopbackGuard { Authority = Here, ShownIn = shownIn }.InvokeAsync(context, _ => Task.CompletedTask);

        Assert.EndsWith(expected, context.Response.Headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_origin_that_shows_the_app_in_a_frame_can_send_it_nothing_itself()
    {
        var guard = new LoopbackGuard { Authority = Here, ShownIn = "http://127.0.0.1:7090" };
        var cookie = (await AskAsync("/", $"?token={guard.LaunchToken}", guard: guard)).Cookie;

        var (status, reached, _) = await AskAsync("/_blazor", origin: "http://127.0.0.1:7090", cookie: cookie, guard: guard);

        Assert.Equal((StatusCodes.Status403Forbidden, false), (status, reached));
    }

    private async Task<string> CookieAsync() => (await AskAsync("/", $"?token={_guard.LaunchToken}")).Cookie;

    private async Task<(int Status, bool Reached, string Cookie)> AskAsync(
        string path, string query = "", string host = Here, string? origin = null, string? cookie = null, LoopbackGuard? guard = null)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Get;
        context.Request.Path = path;
        context.Request.QueryString = new QueryString(query);
        context.Request.Host = new HostString(host);
        if (origin is not null)
        {
            context.Request.Headers.Origin = origin;
        }

        if (cookie is not null)
        {
            context.Request.Headers.Cookie = cookie.Split(';')[0];
        }

        var reached = false;
        await (guard ?? _guard).InvokeAsync(context, _ =>
        {
            reached = true;
            return Task.CompletedTask;
        });
        return (context.Response.StatusCode, reached, context.Response.Headers.SetCookie.ToString());
    }
}
