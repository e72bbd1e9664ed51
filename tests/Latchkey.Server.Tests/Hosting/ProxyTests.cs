using System.Net;
using Latchkey.Server.Hosting;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>Who the client is: the peer, or whom a proxy that was named says it speaks for.</summary>
public sealed class ProxyTests
{
    private const string Attacker = "203.0.113.9", Other = "198.51.100.77";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Behind_a_named_proxy_one_visitors_guesses_lock_nobody_else()
    {
        await using var server = await ServedAsync("127.0.0.1");
        await GuessAsync(server, () => server.NewBrowser(), Attacker);

        using var other = server.NewBrowser();
        await SignInWithPasswordAsync(server, other, Other, "not the password");
        await SignInWithPasswordAsync(server, other, Other);
        Assert.DoesNotContain("/sign-in/password", other.Path, StringComparison.Ordinal);
        Assert.Contains(Other, await AddressesAsync(server));
        using var attacker = server.NewBrowser();
        await SignInWithPasswordAsync(server, attacker, Attacker);
        Assert.Contains("/sign-in/password", attacker.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.1", "203.0.113.9", "127.0.0.1")] // the peer is no proxy that was named: what it says counts for nothing
    [InlineData("127.0.0.1", "198.51.100.77, 203.0.113.9", "203.0.113.9")] // what stands before the proxy's own entry was written by the client
    [InlineData("127.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9")] // ... though it be the proxy's own address
    [InlineData("127.0.0.1 10.0.0.0/8", "198.51.100.77, 203.0.113.9, 10.1.2.3", "203.0.113.9")] // a chain of two that were named
    [InlineData("127.0.0.1", "203.0.113.9, 10.1.2.3", "10.1.2.3")] // ... of whom only one was
    [InlineData("127.0.0.1", "203.0.113.9:4711", "203.0.113.9")]
    [InlineData("127.0.0.1", "unknown", "127.0.0.1")]
    [InlineData("127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9")]
    [InlineData("127.0.0.1", "2001:db8::1", "2001:db8::1")]
    public async Task Whom_a_header_names_counts_as_far_as_named_proxies_wrote_it(string proxies, string header, string expected)
    {
        await using var server = await ServedAsync(proxies.Split(' '));
        using var browser = server.NewBrowser();
        await SignInWithPasswordAsync(server, browser, header, "not the password");

        Assert.Equal(expected, Assert.Single((await AddressesAsync(server)).Distinct()));
    }

    [Fact]
    public async Task Neither_host_nor_scheme_is_taken_from_a_header()
    {
        await using var server = await ServedAsync("127.0.0.1");
        using var browser = server.NewBrowser();
        (browser.Says["X-Forwarded-Host"], browser.Says["X-Forwarded-Proto"], browser.Says["X-Forwarded-Prefix"]) = ("evil.example", "http", "/evil");
        await browser.OpenAsync("/security-info");

        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", browser.Page, StringComparison.Ordinal);
        await browser.OpenAsync("/.well-known/openid-configuration");
        Assert.Contains("https://login.example.org/", browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proxy_that_does_not_say_whom_it_speaks_for_is_told_of_once()
    {
        await using var server = await ServedAsync("127.0.0.1");
        using var browser = server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.OpenAsync("/sign-in");

        Assert.Single(server.Logs.Lines, line => line.Contains("sent no X-Forwarded-For", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Behind_a_real_nginx_two_visitors_are_two(bool overSocket)
    {
        var directory = await RunningServer.NewDirectoryAsync();
        var socket = overSocket ? Path.Combine(directory, "proxy.sock") : null;
        await using var server = await RunningServer.StartAsync(directory, served: options => options with
        {
            Url = new Uri("https://login.example.org/"),
            TrustedProxies = overSocket ? [] : [IPNetwork.Parse("127.0.0.1/32")],
            ProxySocket = socket,
        });
        await using var nginx = await Nginx.StartAsync(socket is null ? $"http://127.0.0.1:{server.Options.Port}" : $"http://unix:{socket}:", "login.example.org");
        // Two machines; the first one also claims to be the second.
        await GuessAsync(server, () => new Browser(server, new Wire(nginx.Port, IPAddress.Parse("127.0.0.2"))), "127.0.0.3");

        using var other = new Browser(server, new Wire(nginx.Port, IPAddress.Parse("127.0.0.3")));
        await SignInWithPasswordAsync(server, other, header: null, "not the password");
        await SignInWithPasswordAsync(server, other, header: null);
        Assert.DoesNotContain("/sign-in/password", other.Path, StringComparison.Ordinal);
        Assert.Equal(["127.0.0.2", "127.0.0.3"], (await AddressesAsync(server)).Distinct().Order());
    }

    [Theory]
    [InlineData("10.1.2.3/16")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    [InlineData("proxy.example")]
    [InlineData("10.1")]
    [InlineData("fe80::1%3")]
    [InlineData("::ffff:10.0.0.0/104")]
    [InlineData("")]
    public void A_proxy_that_is_no_address_and_no_network_is_refused(string proxy) =>
        Assert.StartsWith("--trusted-proxy " + proxy, Assert.Throws<CommandLineException>(() => ServerOptions.Parse(["--data", "d", "--trusted-proxy", proxy])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_name_without_a_certificate_or_a_proxy_is_refused_and_both_ways_out_are_named()
    {
        var message = Assert.Throws<CommandLineException>(() => ServerOptions.Parse(["--data", "d", "--url", "https://login.example.org"])).Message;

        Assert.Contains("--certificate", message, StringComparison.Ordinal);
        Assert.Contains("--key", message, StringComparison.Ordinal);
        Assert.Contains("--trusted-proxy", message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--trusted-proxy", "127.0.0.1")]
    [InlineData("--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "::1")]
    [InlineData("--socket", "/run/latchkey.sock")]
    [InlineData("--certificate", "c.pem", "--key", "k.pem")]
    public void A_name_with_one_of_them_starts(params string[] more) =>
        Assert.Equal("login.example.org", ServerOptions.Parse(["--data", "d", "--url", "https://login.example.org", .. more]).RpId);

    [Theory]
    [InlineData("--bind", "0.0.0.0")] // passwords in the clear
    [InlineData("--certificate", "c.pem", "--key", "k.pem")] // for which name?
    [InlineData("--socket", "/run/latchkey.sock")]
    [InlineData("--url", "https://a.example", "--socket", "/s", "--certificate", "c.pem", "--key", "k.pem")]
    public void What_does_not_go_together_is_refused(params string[] options) =>
        Assert.NotEmpty(Assert.Throws<CommandLineException>(() => ServerOptions.Parse(["--data", "d", .. options])).Message);

    private static async Task<RunningServer> ServedAsync(params string[] proxies) => await RunningServer.StartAsync(
        await RunningServer.NewDirectoryAsync(),
        served: options => options with
        {
            Url = new Uri("https://login.example.org/"),
            TrustedProxies = ServerOptions.Parse(["--data", "d", .. proxies.SelectMany(proxy => new[] { "--trusted-proxy", proxy })]).TrustedProxies,
        });

    /// <summary>52 wrong passwords for 52 names by one visitor.</summary>
    private static async Task GuessAsync(RunningServer server, Func<Browser> open, string header)
    {
        using var browser = open();
        browser.Says["X-Forwarded-For"] = header;
        for (var i = 0; i < 52; i++)
        {
            await browser.OpenAsync("/sign-in");
            await browser.SubmitAsync("/sign-in", ("name", $"nobody{i}"));
            await browser.SubmitAsync("/sign-in/password", ("password", "wrong-password"));
        }

        Assert.Equal(52, await server.InDatabaseAsync(db => db.AttemptCounters.CountAsync(counter => counter.Key.StartsWith("name:"), Token)));
    }

    private static async Task SignInWithPasswordAsync(RunningServer server, Browser browser, string? header, string? password = null)
    {
        if (header is not null) browser.Says["X-Forwarded-For"] = header;
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        await browser.SubmitAsync("/sign-in/password", ("password", password ?? server.Demo["regular password"]));
    }

    private static Task<List<string>> AddressesAsync(RunningServer server) =>
        server.InDatabaseAsync(db => db.AuditEntries.Where(entry => entry.Address != null).Select(entry => entry.Address!).ToListAsync(Token));
}
