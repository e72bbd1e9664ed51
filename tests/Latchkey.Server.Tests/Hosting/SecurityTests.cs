using System.Net;
using System.Text.RegularExpressions;
using Latchkey.Protocol;
using Latchkey.Server.Hosting;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Hosting;

public sealed class SecurityTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/health")]
    [InlineData("/no-such-page")]
    [InlineData("/connect/authorize")]
    public async Task Every_answer_carries_a_strict_policy(string path)
    {
        using var http = _server.NewClient();
        var headers = (await http.GetAsync(path, TestContext.Current.CancellationToken)).Headers;

        var policy = Assert.Single(headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task No_page_has_a_script_or_a_style_of_its_own_inside()
    {
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        foreach (var path in new[] { "/security-info", "/security-info/add", "/security-info/add/passkey", "/security-info/add/code", "/security-info/add/authenticator", "/step-up" })
        {
            await browser.OpenAsync(path);
            Assert.DoesNotMatch(new Regex("<script(?![^>]*\\ssrc=)|<style|\\sstyle=|\\son[a-z]+=", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1)), browser.Page);
        }
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/sign-in/passkey")]
    [InlineData("/security-info/passkeys")]
    [InlineData("/step-up")]
    [InlineData("/sign-out")]
    public async Task A_post_from_somewhere_else_is_refused(string path)
    {
        using var browser = await _server.NewBrowser().SignInAsync("newcomer");
        await browser.OpenAsync("/health"); // a page without a token

        Assert.Equal(HttpStatusCode.BadRequest, (await browser.FetchAsync(path)).StatusCode);
        Assert.Equal("/security-info", (await browser.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public async Task Another_name_for_this_machine_is_not_answered()
    {
        using var http = _server.NewClient();
        var request = new HttpRequestMessage(HttpMethod.Get, "/sign-in") { Headers = { Host = "evil.example" } };

        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await http.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_administration_is_not_on_the_network()
    {
        using var http = _server.NewClient();

        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/local/users", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task No_secret_is_logged_at_any_level_of_our_own_or_above_warning_of_others()
    {
        using var device = new Device(_server);
        var code = _server.CodeOf("regular");
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        await browser.SubmitAsync("/sign-in/second-factor", ("code", code));
        var response = await device.RegisterAsync(browser);
        await browser.FetchAsync("/security-info/passkeys", "{}"u8.ToArray());
        using var newcomer = await _server.NewBrowser().SignInAsync("newcomer");
        var key = await _server.InDatabaseAsync(db => db.Passkeys.Select(p => p.PublicKey).SingleAsync());

        string[] secrets =
        [
            .. _server.Demo.Values, code, response.Id.ToString(), new ByteString(key).ToBase64Url(), Convert.ToHexString(key),
            CollectedChallenge(response.ClientDataJson), response.AttestationObject.ToBase64Url(), response.ClientDataJson.ToBase64Url(),
        ];
        Assert.NotEmpty(_server.Logs.Lines);
        Assert.All(_server.Logs.Lines, line => Assert.DoesNotContain(secrets, secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }

    [Fact]
    public async Task A_restart_keeps_sessions_passkeys_and_keys()
    {
        using var device = new Device(_server);
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        await device.RegisterAsync(browser);
        var copy = Directory.CreateTempSubdirectory("latchkey-copy").FullName;
        // As after kill -9: the files as they are, while the server still has them open.
        foreach (var file in Directory.GetFiles(_server.Options.DataDirectory, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)))
        {
            var target = Path.Combine(copy, Path.GetRelativePath(_server.Options.DataDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await using var from = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using var to = File.Create(target);
            await from.CopyToAsync(to, TestContext.Current.CancellationToken);
        }

        await using var restarted = await RunningServer.StartAsync(copy);
        Assert.Equal(1, await restarted.InDatabaseAsync(db => db.Passkeys.CountAsync()));
        Assert.Equal(_server.Demo, restarted.Demo);
        using var again = browser.AtServer(restarted);
        Assert.Equal("/security-info", (await again.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public void What_the_server_keeps_is_readable_by_its_own_account_only()
    {
        var files = Directory.GetFiles(Path.Combine(_server.Options.DataDirectory, "keys"), "*.key").Append(Path.Combine(_server.Options.DataDirectory, "demo.txt")).ToList();
        Assert.Equal(4, files.Count);
        foreach (var file in files)
        {
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--url", "http://name.example")]
    [InlineData("--url", "https://10.0.0.1")]
    [InlineData("--certificate", "file.pem")]
    [InlineData("--frobnicate", "1")]
    public void A_wrong_command_line_is_refused_with_a_sentence(string option, string value)
    {
        var refusal = Assert.Throws<CommandLineException>(() => ServerOptions.Parse(["--data", "d", option, value]));

        Assert.NotEmpty(refusal.Message);
    }

    private static string CollectedChallenge(ByteString clientData) =>
        System.Text.Json.JsonDocument.Parse(clientData.Memory).RootElement.GetProperty("challenge").GetString()!;
}
