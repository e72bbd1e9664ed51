using System.Net;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Server.Hosting;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>One form of the address, from the command line to what browsers are told.</summary>
public sealed class AddressTests
{
    [Theory]
    [InlineData("https://login.example.org", "https://login.example.org")]
    [InlineData("https://münchen.example", "https://xn--mnchen-3ya.example")]
    [InlineData("https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example")]
    [InlineData("HTTPS://MÜNCHEN.Example/", "https://xn--mnchen-3ya.example")]
    [InlineData("https://mu\u0308nchen.example", "https://xn--mnchen-3ya.example")] // the same letter in two characters
    [InlineData("https://XN--MNCHEN-3YA.EXAMPLE", "https://xn--mnchen-3ya.example")]
    [InlineData("https://straße.example", "https://xn--strae-oqa.example")]
    [InlineData("https://login。example", "https://login.example")]
    [InlineData("https://ｌｏｇｉｎ.example", "https://login.example")]
    [InlineData("https://😀.example", "https://xn--e28h.example")]
    [InlineData("https://login.example.org.", "https://login.example.org")]
    [InlineData("https://login.example.org:443", "https://login.example.org")]
    [InlineData("https://login.example.org:443/", "https://login.example.org")]
    [InlineData("https://login.example.org:", "https://login.example.org")]
    [InlineData("https://login.example.org:08443", "https://login.example.org:8443")]
    [InlineData("  https://login.example.org  ", "https://login.example.org")]
    [InlineData("https://intranet", "https://intranet")]
    [InlineData("https://localhost:7443", "https://localhost:7443")]
    public void An_address_has_one_form(string given, string origin)
    {
        var options = ServerOptions.Parse(["--data", "d", "--url", given, "--trusted-proxy", "127.0.0.1"]);

        Assert.Equal(origin, options.OriginText);
        Assert.Equal(new Uri(origin).Host, options.RpId);
        Assert.Equal(origin + "/", options.Origin.AbsoluteUri);
    }

    [Theory]
    [InlineData("login.example.org")]
    [InlineData("http://login.example.org")]
    [InlineData("http://localhost:7080")]
    [InlineData("wss://login.example.org")]
    [InlineData("https:login.example.org")]
    [InlineData("https://")]
    [InlineData("https://.")]
    [InlineData("https://..")]
    [InlineData("https://login..example.org")]
    [InlineData("https://.example.org")]
    [InlineData("https://10.0.0.1")]
    [InlineData("https://10.0.0.1.")]
    [InlineData("https://１２７.0.0.1")]
    [InlineData("https://0x7f.1")]
    [InlineData("https://2130706433")]
    [InlineData("https://login.0x7f")]
    [InlineData("https://[::1]")]
    [InlineData("https://[::1]:443")]
    [InlineData("https://name@login.example.org")]
    [InlineData("https://name:secret@login.example.org")]
    [InlineData("https://@login.example.org")]
    [InlineData("https://login.example.org/portal")]
    [InlineData("https://login.example.org/?a=b")]
    [InlineData("https://login.example.org?a=b")]
    [InlineData("https://login.example.org#a")]
    [InlineData("https://login.example.org:0")]
    [InlineData("https://login.example.org:70000")]
    [InlineData("https://login.example.org:4x")]
    [InlineData("https://login.example.org:443:443")]
    [InlineData("https://xn--a.example")] // no name becomes this
    [InlineData("https://lo gin.example.org")]
    [InlineData("https://login%2eexample.org")]
    [InlineData("https://login*.example.org")]
    [InlineData("https://login\\.example.org")]
    [InlineData("https://login.exa\tmple.org")]
    [InlineData("https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example")]
    [InlineData("https://\ud800.example")]
    [InlineData("")]
    public void What_is_no_such_address_is_refused_in_words(string given) => Assert.StartsWith(
        $"--url {given} can't be used: ",
        Assert.Throws<CommandLineException>(() => ServerOptions.Parse(["--data", "d", "--url", given, "--trusted-proxy", "127.0.0.1"])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_pasted_address_of_a_page_is_cut_to_the_server() =>
        Assert.True(CanonicalAddress.TryParse("https://München.example/security-info?x=1#y", cut: true, out var address, out _)
            && address.AbsoluteUri == "https://xn--mnchen-3ya.example/");

    [Fact]
    public async Task A_server_with_a_name_of_umlauts_says_what_browsers_say()
    {
        await using var server = await RunningServer.StartAsync(
            await RunningServer.NewDirectoryAsync(),
            served: options => options with { Url = ServerOptions.Parse(["--data", "d", "--url", "https://münchen.example", "--trusted-proxy", "127.0.0.1"]).Url });
        using var http = server.NewClient();
        var token = TestContext.Current.CancellationToken;

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/sign-in", token)).StatusCode);
        using var loopback = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        Assert.Equal("https://xn--mnchen-3ya.example/sign-in", (await loopback.GetAsync($"http://127.0.0.1:{server.Options.Port}/sign-in", token)).Headers.Location?.OriginalString);
        using var dotted = new HttpRequestMessage(HttpMethod.Get, "/sign-in") { Headers = { Host = "xn--mnchen-3ya.example." } };
        Assert.Equal("https://xn--mnchen-3ya.example/sign-in", (await http.SendAsync(dotted, token)).Headers.Location?.OriginalString);
        using var options = JsonDocument.Parse(await (await http.PostAsync("/passkeys/status/options", null, token)).Content.ReadAsStringAsync(token));
        Assert.Equal("xn--mnchen-3ya.example", options.RootElement.GetProperty("rpId").GetString());
        using var device = await http.PostAsync("/connect/device", new FormUrlEncodedContent([new("client_id", "latchkey-cli")]), token);
        Assert.StartsWith("https://xn--mnchen-3ya.example/", JsonDocument.Parse(await device.Content.ReadAsStringAsync(token)).RootElement.GetProperty("verification_uri").GetString(), StringComparison.Ordinal);
        using var discovery = JsonDocument.Parse(await http.GetStringAsync("/.well-known/openid-configuration", token));
        Assert.Equal("https://xn--mnchen-3ya.example/", discovery.RootElement.GetProperty("issuer").GetString());
    }
}
