using System.Net;
using Latchkey.AuthenticatorApp.Device;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class LoopbackGuardTests
{
    private const string Address = "127.0.0.1:7081";

    private readonly FakeTimeProvider _time = new();
    private readonly LoopbackGuard _guard;
    private bool _isOurs = true;

    public LoopbackGuardTests() => _guard = new(_time) { Port = 7081, IsOurs = _ => _isOurs };

    private string Origin => "http://" + _guard.Authority;

    [Fact]
    public void Each_start_has_a_host_of_its_own()
    {
        var other = new LoopbackGuard(_time) { Port = 7081 };

        Assert.EndsWith(".latchkey.localhost:7081", _guard.Authority, StringComparison.Ordinal);
        Assert.NotEqual(_guard.Authority, other.Authority);
    }

    [Fact]
    public async Task A_ticket_buys_the_secret_once()
    {
        var ticket = _guard.Tickets.Issue();

        var (status, secret) = await EnterAsync(ticket);
        Assert.Equal(StatusCodes.Status200OK, status);
        Assert.True(await OpensAsync(secret));

        Assert.Equal((StatusCodes.Status403Forbidden, ""), await EnterAsync(ticket));
    }

    [Fact]
    public async Task A_page_that_is_loaded_again_shows_the_secret_it_keeps()
    {
        var (_, secret) = await EnterAsync(_guard.Tickets.Issue());

        Assert.Equal((StatusCodes.Status200OK, secret), await EnterAsync(secret));
    }

    [Fact]
    public async Task A_ticket_is_good_for_ten_minutes()
    {
        var (used, late) = (_guard.Tickets.Issue(), _guard.Tickets.Issue());

        _time.Advance(WindowTickets.Life - TimeSpan.FromSeconds(1));
        Assert.Equal(StatusCodes.Status200OK, (await EnterAsync(used)).Status);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(StatusCodes.Status403Forbidden, (await EnterAsync(late)).Status);
    }

    [Fact]
    public async Task Tickets_nobody_took_make_room_for_new_ones()
    {
        var first = _guard.Tickets.Issue();
        var later = Enumerable.Range(0, WindowTickets.Most).Select(_ => _guard.Tickets.Issue()).ToList();

        Assert.Equal(StatusCodes.Status403Forbidden, (await EnterAsync(first)).Status);
        Assert.Equal(StatusCodes.Status200OK, (await EnterAsync(later[0])).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("wrong")]
    public async Task Another_ticket_buys_nothing(string ticket) =>
        Assert.Equal((StatusCodes.Status403Forbidden, ""), await EnterAsync(ticket));

    [Fact]
    public async Task A_ticket_that_never_ends_is_read_no_further()
    {
        var ticket = _guard.Tickets.Issue();

        Assert.Equal(StatusCodes.Status403Forbidden, (await EnterAsync(ticket + new string('x', 1_000_000))).Status);
    }

    [Fact]
    public async Task Another_account_of_the_machine_gains_nothing_by_a_ticket_it_has_read_and_leaves_it_good()
    {
        var ticket = _guard.Tickets.Issue();

        _isOurs = false;
        Assert.Equal((StatusCodes.Status403Forbidden, ""), await EnterAsync(ticket));

        _isOurs = true;
        Assert.Equal(StatusCodes.Status200OK, (await EnterAsync(ticket)).Status);
    }

    [Fact]
    public async Task Another_account_of_the_machine_opens_no_circuit_even_with_the_secret()
    {
        var (_, secret) = await EnterAsync(_guard.Tickets.Issue());

        _isOurs = false;
        Assert.False(await OpensAsync(secret));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("https://evil.example")]
    [InlineData("http://127.0.0.1:7081")]
    [InlineData("http://127.0.0.1:9999")]
    [InlineData("http://localhost:7081")]
    [InlineData("null")]
    public async Task Only_its_own_pages_exchange_a_ticket_or_open_a_circuit(string? origin)
    {
        var ticket = _guard.Tickets.Issue();
        var answer = await AskAsync("POST", "/enter", body: ticket, origin: origin);
        Assert.Equal((StatusCodes.Status403Forbidden, ""), (answer.Response.StatusCode, Body(answer)));

        var (_, secret) = await EnterAsync(ticket);
        Assert.False(await OpensAsync(secret, origin));
    }

    [Fact]
    public async Task The_secret_of_another_start_opens_nothing()
    {
        var other = new LoopbackGuard(_time) { Port = 7081, IsOurs = _ => true };
        var (_, secret) = await EnterAsync(other.Tickets.Issue(), other);

        Assert.False(await OpensAsync(secret));
        Assert.Equal(StatusCodes.Status403Forbidden, (await EnterAsync(secret)).Status);
    }

    [Theory]
    [InlineData("GET", "/_blazor")]
    [InlineData("POST", "/_blazor/negotiate")]
    [InlineData("POST", "/_blazor")]
    [InlineData("GET", "/_blazor/anything")]
    [InlineData("POST", "/")]
    [InlineData("POST", "/settings")]
    [InlineData("DELETE", "/settings")]
    public async Task Without_the_secret_there_is_no_circuit_and_no_form(string method, string path)
    {
        var answer = await AskAsync(method, path, origin: Origin);

        Assert.Equal((StatusCodes.Status403Forbidden, false), (answer.Response.StatusCode, Reached(answer)));
        Assert.Contains("Choose Latchkey Authenticator in your menu", Body(answer), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("latchkey-window")]
    [InlineData("latchkey-window, wrong")]
    [InlineData("wrong")]
    public async Task Another_secret_opens_no_circuit(string offered) =>
        Assert.False(Reached(await AskAsync("GET", "/_blazor", origin: Origin, protocol: offered)));

    [Fact]
    public async Task A_cookie_opens_nothing_and_none_is_ever_set()
    {
        var (_, secret) = await EnterAsync(_guard.Tickets.Issue());

        var answer = await AskAsync("GET", "/_blazor", origin: Origin, cookie: $"latchkey-window={secret}");

        Assert.False(Reached(answer));
        Assert.Empty(answer.Response.Headers.SetCookie.ToArray());
    }

    [Theory]
    [InlineData("localhost:7081")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:7082")]
    [InlineData("rebound.example:7081")]
    [InlineData("0123456789abcdef.latchkey.localhost:7081")]
    public async Task Under_another_host_there_is_nothing_but_the_way_in(string host)
    {
        var answer = await AskAsync("GET", "/", host: host);

        Assert.Equal((StatusCodes.Status421MisdirectedRequest, false), (answer.Response.StatusCode, Reached(answer)));
        Assert.Contains("Open the Authenticator again", Body(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_leads_to_the_host_of_this_start()
    {
        var answer = await AskAsync("GET", "/settings", host: Address);

        Assert.Equal(StatusCodes.Status302Found, answer.Response.StatusCode);
        Assert.Equal(Origin + "/settings", answer.Response.Headers.Location);
    }

    [Fact]
    public async Task The_redirect_of_a_sign_in_comes_in_by_the_address_and_proves_itself_by_its_state()
    {
        Assert.True(Reached(await AskAsync("GET", "/callback", host: Address)));
        Assert.False(Reached(await AskAsync("GET", "/callback")));
    }

    [Theory]
    [InlineData(null, "frame-ancestors 'none'")]
    [InlineData("http://127.0.0.1:7090", "frame-ancestors http://127.0.0.1:7090")]
    public async Task Only_the_origin_it_was_started_for_may_show_the_app_in_a_frame(string? shownIn, string expected)
    {
        var guard = new LoopbackGuard(_time) { Port = 7081, ShownIn = shownIn };

        var answer = await AskAsync("GET", "/", guard: guard);

        Assert.EndsWith(expected, answer.Response.Headers.ContentSecurityPolicy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_origin_that_shows_the_app_in_a_frame_can_send_it_nothing_itself()
    {
        var guard = new LoopbackGuard(_time) { Port = 7081, ShownIn = "http://127.0.0.1:7090", IsOurs = _ => true };
        var (_, secret) = await EnterAsync(guard.Tickets.Issue(), guard);

        Assert.False(await OpensAsync(secret, "http://127.0.0.1:7090", guard));
    }

    private async Task<(int Status, string Secret)> EnterAsync(string proof, LoopbackGuard? guard = null)
    {
        var answer = await AskAsync("POST", "/enter", body: proof, origin: "http://" + (guard ?? _guard).Authority, guard: guard);
        Assert.False(Reached(answer));
        return (answer.Response.StatusCode, Body(answer));
    }

    private Task<bool> OpensAsync(string secret) => OpensAsync(secret, Origin);

    private async Task<bool> OpensAsync(string secret, string? origin, LoopbackGuard? guard = null) =>
        Reached(await AskAsync("GET", "/_blazor", origin: origin, protocol: $"latchkey-window, {secret}", guard: guard));

    private static bool Reached(HttpContext context) => context.Items.ContainsKey("reached");

    private static string Body(HttpContext context) => System.Text.Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());

    private async Task<HttpContext> AskAsync(
        string method, string path, string? host = null, string? origin = null, string? body = null, string? protocol = null, string? cookie = null, LoopbackGuard? guard = null)
    {
        guard ??= _guard;
        var context = new DefaultHttpContext { Response = { Body = new MemoryStream() } };
        context.Request.Method = method;
        context.Request.Path = path;
        context.Request.Host = new HostString(host ?? guard.Authority);
        if (body is not null) context.Request.Body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(body));
        if (origin is not null) context.Request.Headers.Origin = origin;
        if (protocol is not null) context.Request.Headers.SecWebSocketProtocol = protocol;
        if (cookie is not null) context.Request.Headers.Cookie = cookie;
        await guard.InvokeAsync(context, reached =>
        {
            reached.Items["reached"] = true;
            return Task.CompletedTask;
        });
        return context;
    }
}

public sealed class LoopbackPeerTests
{
    // As Linux writes them on a little-endian machine: 127.0.0.1:40000 to 127.0.0.1:7081, and the same by an IPv6 socket from port 40001.
    private static readonly string[] List =
    [
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
        "   0: 0100007F:1BA9 0100007F:9C40 01 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 20 4 30 10 -1",
        "   1: 0100007F:9C40 0100007F:1BA9 01 00000000:00000000 00:00000000 00000000  1001        0 12 1 0 20 4 30 10 -1",
        "   2: 0000000000000000FFFF00000100007F:9C41 0000000000000000FFFF00000100007F:1BA9 01 00000000:00000000 00:00000000 00000000  1002        0 13 1 0 20 4 30 10 -1",
        "   3: 00000000000000000000000001000000:9C40 00000000000000000000000001000000:1BA9 01 00000000:00000000 00:00000000 00000000  1003        0 14 1 0 20 4 30 10 -1",
    ];

    [Theory]
    [InlineData("127.0.0.1", 40000, 1001)]
    [InlineData("127.0.0.1", 7081, 1000)]
    [InlineData("127.0.0.1", 40001, 1002)]
    [InlineData("::1", 40000, 1003)]
    public void The_owner_of_the_other_end_is_read_from_its_own_row(string address, int port, int owner)
    {
        var to = new IPEndPoint(IPAddress.Parse(address), port == 7081 ? 40000 : 7081);

        Assert.Equal((uint)owner, LoopbackPeer.OwnerOf(new(IPAddress.Parse(address), port), to, List));
    }

    [Fact]
    public void A_connection_that_is_not_in_the_list_is_nobodys() =>
        Assert.Null(LoopbackPeer.OwnerOf(new(IPAddress.Loopback, 40002), new(IPAddress.Loopback, 7081), List));
}
