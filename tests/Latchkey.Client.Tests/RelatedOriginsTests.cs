using System.Net;
using System.Text;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Client.Tests;

public sealed class RelatedOriginsTests : IDisposable
{
    private static readonly Origin Shop = Origin.Of(new Uri("https://shop.test"));

    private readonly Servers _servers = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _servers.Dispose();

    [Theory]
    [InlineData("""{"origins":["https://shop.test"]}""", true)]
    [InlineData("""{"origins":["https://shop.test/"],"more":1}""", true)]
    [InlineData("""{"origins":["https://shop.test:444"]}""", false)]
    [InlineData("""{"origins":["http://shop.test"]}""", false)]
    [InlineData("""{"origins":["https://sub.shop.test"]}""", false)]
    [InlineData("""{"origins":["no address","https://192.0.2.1","https://localhost","https://co.uk","https://shop.test"]}""", true)]
    [InlineData("""{"origins":"https://shop.test"}""", false)]
    [InlineData("""{"origins":["https://shop.test",7]}""", false)]
    [InlineData("""{"origin":["https://shop.test"]}""", false)]
    [InlineData("""["https://shop.test"]""", false)]
    [InlineData("""{"origins":["https://shop.test"]} and more""", false)]
    [InlineData("", false)]
    public async Task The_list_is_read_as_the_standard_says(string list, bool allowed)
    {
        _servers.Answer = _ => Json(list);

        Assert.Equal(allowed, await AllowAsync());
        Assert.Equal(["https://example.org/.well-known/webauthn"], _servers.Asked);
    }

    [Theory]
    [InlineData("https://\\uFFFD.example")]
    [InlineData("https://xn--\\u00e9.com")]
    [InlineData("https://\\u200d.com")]
    [InlineData("https://[fe80::1%25eth0]")]
    [InlineData("https:")]
    public async Task An_address_no_name_service_knows_is_passed_over(string odd)
    {
        _servers.Answer = _ => Json($$"""{"origins":["{{odd}}","https://shop.test"]}""");

        Assert.True(await AllowAsync());
    }

    [Fact]
    public async Task An_answer_is_good_for_five_minutes_and_asked_for_again_after_them()
    {
        using var http = new HttpMessageInvoker(_servers, disposeHandler: false);
        var related = new RelatedOrigins(http, _time);
        _servers.Answer = _ => Json("""{"origins":["https://shop.test"]}""");
        Assert.True(await related.AllowAsync(Shop, "example.org", Token));
        _servers.Answer = _ => new(HttpStatusCode.NotFound);

        _time.Advance(RelatedOrigins.Memory - TimeSpan.FromSeconds(1));
        Assert.True(await related.AllowAsync(Shop, "example.org", Token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await related.AllowAsync(Shop, "example.org", Token));
        Assert.Equal(2, _servers.Asked.Count);
    }

    [Fact]
    public async Task A_redirect_to_an_address_no_name_service_knows_is_no_list()
    {
        _servers.Answer = request => request.RequestUri!.AbsoluteUri.Contains('\ufffd', StringComparison.Ordinal)
            ? throw new UriFormatException("no such host")
            : new(HttpStatusCode.Found) { Headers = { Location = new("https://\ufffd.example/") } };

        Assert.False(await AllowAsync());
    }

    [Theory]
    [InlineData("a.one.test,b.one.test,two.test,three.test,four.test,shop.test", true)]
    [InlineData("one.test,two.test,three.test,four.test,five.test,shop.test", false)]
    [InlineData("shop.example,two.test,three.test,four.test,five.test,shop.test", true)]
    public async Task Five_different_names_are_looked_at_and_no_more(string hosts, bool allowed)
    {
        _servers.Answer = _ => Json($$"""{"origins":[{{string.Join(',', hosts.Split(',').Select(host => $"\"https://{host}\""))}}]}""");

        Assert.Equal(allowed, await AllowAsync());
    }

    [Theory]
    [InlineData("https://elsewhere.test/list", true)]
    [InlineData("/other", true)]
    [InlineData("http://example.org/.well-known/webauthn", false)]
    [InlineData("https://example.org/.well-known/webauthn", false)]
    public async Task A_redirect_is_followed_and_never_off_https_nor_for_ever(string location, bool allowed)
    {
        _servers.Answer = request => request.RequestUri!.AbsolutePath != "/.well-known/webauthn"
            ? Json("""{"origins":["https://shop.test"]}""")
            : new(HttpStatusCode.Found) { Headers = { Location = new(location, UriKind.RelativeOrAbsolute) } };

        Assert.Equal(allowed, await AllowAsync());
        Assert.InRange(_servers.Asked.Count, 1, 6);
    }

    [Fact]
    public async Task A_list_of_another_type_of_content_another_status_or_too_many_bytes_is_none()
    {
        const string List = """{"origins":["https://shop.test"]}""";
        _servers.Answer = _ => new(HttpStatusCode.OK) { Content = new StringContent(List, Encoding.UTF8, "text/html") };
        Assert.False(await AllowAsync());
        _servers.Answer = _ => Json(List, HttpStatusCode.NotFound);
        Assert.False(await AllowAsync());
        _servers.Answer = _ => Json(List + new string(' ', RelatedOrigins.MaxBytes));
        Assert.False(await AllowAsync());
        _servers.Answer = _ => throw new HttpRequestException();
        Assert.False(await AllowAsync());
    }

    [Fact]
    public async Task A_server_that_does_not_answer_is_waited_for_five_seconds()
    {
        _servers.Hangs = true;
        var asking = AllowAsync();

        _time.Advance(RelatedOrigins.Patience);

        Assert.False(await asking);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("intranet")]
    [InlineData("192.0.2.1")]
    [InlineData("co.uk")]
    [InlineData("Example.org")]
    [InlineData("example.org/..")]
    [InlineData("example.org:8443")]
    public async Task A_name_that_can_be_nobodys_RP_ID_on_the_net_is_not_even_asked(string rpId)
    {
        var refused = await Assert.ThrowsAsync<WebAuthnClientException>(() => CreateAsync(rpId, new(Shop)));

        Assert.Equal(DomExceptionName.SecurityError, refused.Name);
        Assert.Empty(_servers.Asked);
    }

    [Fact]
    public async Task A_listed_origin_uses_the_RP_ID_and_signs_its_own_origin()
    {
        _servers.Answer = _ => Json("""{"origins":["https://shop.test"]}""");

        var response = await CreateAsync("example.org", new(Shop));

        Assert.Contains("\"origin\":\"https://shop.test\"", Encoding.UTF8.GetString(response.ClientDataJson.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_begins_with_a_byte_order_mark_is_a_list()
    {
        _servers.Answer = _ => Json("\uFEFF{\"origins\":[\"https://shop.test\"]}");

        Assert.True(await AllowAsync());
    }

    [Fact]
    public async Task An_origin_that_is_not_listed_is_a_SecurityError()
    {
        _servers.Answer = _ => Json("""{"origins":["https://other.test"]}""");

        Assert.Equal(DomExceptionName.SecurityError, (await Assert.ThrowsAsync<WebAuthnClientException>(() => CreateAsync("example.org", new(Shop)))).Name);
    }

    [Fact]
    public async Task A_permissions_policy_keeps_a_page_from_asking()
    {
        var caller = new Caller(Origin.Of(new("https://example.org"))) { IsAllowed = false };

        Assert.Equal(DomExceptionName.NotAllowedError, (await Assert.ThrowsAsync<WebAuthnClientException>(() => CreateAsync("example.org", caller))).Name);
    }

    [Fact]
    public async Task A_frame_of_an_unknown_page_is_refused_and_one_of_a_known_page_signs_it()
    {
        var origin = Origin.Of(new("https://example.org"));
        Assert.Equal(DomExceptionName.NotAllowedError, (await Assert.ThrowsAsync<WebAuthnClientException>(() => CreateAsync(null, new(origin, CrossOrigin: true)))).Name);

        var response = await CreateAsync(null, new(origin, CrossOrigin: true, Shop));

        Assert.EndsWith("\"crossOrigin\":true,\"topOrigin\":\"https://shop.test\"}", Encoding.UTF8.GetString(response.ClientDataJson.Span), StringComparison.Ordinal);
    }

    private async Task<bool> AllowAsync()
    {
        using var http = new HttpMessageInvoker(_servers, disposeHandler: false);
        return await new RelatedOrigins(http, _time).AllowAsync(Shop, "example.org", Token);
    }

    private async Task<RegistrationResponseJson> CreateAsync(string? rpId, Caller caller)
    {
        using var http = new HttpMessageInvoker(_servers, disposeHandler: false);
        return await new WebAuthnClient(new FakeAuthenticator(), _time, new RelatedOrigins(http, _time)).CreateAsync(
            new() { Rp = new(rpId, "Example"), User = new(UserHandle.Random(), "ana", "Ana"), Challenge = Challenge.Random(), PubKeyCredParams = [new(-7)] }, caller, Token);
    }

    private static HttpResponseMessage Json(string text, HttpStatusCode status = HttpStatusCode.OK) => new(status) { Content = new StringContent(text, Encoding.UTF8, "application/json") };

    private sealed class Servers : HttpMessageHandler
    {
        public List<string> Asked { get; } = [];

        public Func<HttpRequestMessage, HttpResponseMessage> Answer { get; set; } = _ => new(HttpStatusCode.NotFound);

        public bool Hangs { get; set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!.AbsoluteUri);
            if (Hangs) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return Answer(request);
        }
    }
}
