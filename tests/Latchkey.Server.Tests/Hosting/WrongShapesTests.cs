using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Latchkey.Api.Administration;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>Every route there is, taken from the routes, is sent what nobody should send it.</summary>
public sealed partial class WrongShapesTests : IAsyncLifetime
{
    private const string Json = "application/json", Form = "application/x-www-form-urlencoded";

    private static readonly string Half = """
        {"name":"\ud800","displayName":"\ud800","password":"\ud800","code":"\ud800","pending":"\ud800","userName":"\ud800","person":"\ud800","authority":"\ud800",
         "email":"\ud800","answer":"\ud800","certificateRequest":"\ud800","id":"\ud800","rawId":"\ud800","type":"\ud800","response":{"clientDataJSON":"\ud800"},
         "publicKeyCredential":{"id":"\ud800","rawId":"\ud800","type":"public-key","response":{"clientDataJSON":"\ud800"}},"authenticationMethodConfigurations":{"\ud800":"\ud800"}}
        """;

    /// <summary>Bodies by what is wrong with them.</summary>
    private static readonly (string Type, byte[] Body)[] Bodies =
    [
        (Json, []), (Json, "{"u8.ToArray()), (Json, "{}"u8.ToArray()), (Json, "null"u8.ToArray()), (Json, "[]"u8.ToArray()), (Json, "1"u8.ToArray()), (Json, "\"x\""u8.ToArray()),
        (Json, Text("""{"name":null,"displayName":null,"password":null,"code":null,"pending":null,"publicKeyCredential":null,"authenticationMethodConfigurations":null,"tunnelDomain":null}""")),
        (Json, Text("""{"name":1,"displayName":[],"password":{},"code":true,"pending":0.5,"publicKeyCredential":"x","authenticationMethodConfigurations":[],"tunnelDomain":"x","version":{}}""")),
        (Json, Text("""{"name":"\u0000","displayName":"\u0000","password":"\u0000","code":"\u0000","userName":"\u0000\ufffe","pending":"\u0000"}""")),
        (Json, Text(Half)),
        (Json, Text("""{"name":"\ufffe","password":"\ufffe\ufffe\ufffe\ufffe\ufffe\ufffe","userName":"\uffff"}""")),
        (Json, [.. "{\"name\":\""u8, 0xED, 0xA0, 0x80, 0xFF, .. "\"}"u8]),
        (Json, Text(new string('[', 20_000))),
        (Json, Text(string.Concat(Enumerable.Repeat("{\"publicKeyCredential\":", 5_000)))),
        (Json, Text("{\"publicKeyCredential\":" + new string('[', 200) + new string(']', 200) + "}")),
        (Json, Text("{\"name\":\"" + new string('a', 300_000) + "\"}")),
        (Json + "; charset=utf-7", "{}"u8.ToArray()), (Json + "; charset=nonsense", "{}"u8.ToArray()),
        ("application/merge-patch+json", "{\"a\":"u8.ToArray()), ("text/plain", "{}"u8.ToArray()), ("application/cbor", [0xA0]),
        (Form, []), (Form, "name=%00&code=%00&password=%00"u8.ToArray()), (Form, "%00=1"u8.ToArray()), (Form, "name=%ED%A0%80&code=%FF%FE&grant_type=%FF"u8.ToArray()),
        (Form, "name=%EF%BF%BE&displayName=%EF%BF%BE&code=%EF%BF%BE&password=%EF%BF%BE%EF%BF%BE&user_code=%EF%BF%BE&client_id=%EF%BF%BE"u8.ToArray()), (Form, "=&&&=%"u8.ToArray()),
        (Form, "name=a&name=b&code=1&code=2&password=1&password=2&grant_type=a&grant_type=b&client_id=a&client_id=b"u8.ToArray()),
        (Form, Text(string.Join('&', Enumerable.Range(0, 3_000).Select(i => $"k{i}=v")))),
        (Form, Text("name=" + new string('a', 300_000))),
        ("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na"u8.ToArray()), ("multipart/form-data", "--x"u8.ToArray()),
        ("multipart/form-data; boundary=" + new string('x', 200), "--x"u8.ToArray()),
    ];

    private static readonly string[] Queries =
        ["", "?returnUrl=%00&name=%00&after=%00", "?name=%EF%BF%BE&after=%EF%BF%BE&person=%EF%BF%BE&returnUrl=%EF%BF%BE&user_code=%EF%BF%BE&client_id=%EF%BF%BE", "?a=1&a=2&returnUrl=/a&returnUrl=/b&platform=x&platform=y&v=%ff", "?%00=%", "?request=x&request_uri=y&prompt=%ED%A0%80&max_age=x"];

    private RunningServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(await RunningServer.NewDirectoryAsync(), served: options => options);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Whoever_is_signed_out_gets_no_failure_from_any_route()
    {
        using var http = _server.NewClient();
        await SendEverythingAsync(http, _ => true);
    }

    [Fact]
    public async Task Whoever_is_signed_in_gets_no_failure_from_any_page()
    {
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        using var http = browser.NewClient();
        await SendEverythingAsync(http, path => !path.StartsWith("/v1.0", StringComparison.Ordinal) && path is not ("/sign-out" or "/connect/logout"));
        await SendEverythingAsync(http, path => path is "/sign-out" or "/connect/logout");
    }

    [Fact]
    public async Task A_program_with_a_token_gets_no_failure_from_any_route()
    {
        using var browser = _server.NewBrowser();
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, browser, "regular"));
        await SendEverythingAsync(http, path => path.StartsWith("/v1.0", StringComparison.Ordinal) || path.StartsWith("/passkeys", StringComparison.Ordinal) || path.StartsWith("/connect", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_command_line_gets_no_failure_from_any_route()
    {
        using var http = AdministrationClient.OverSocket(_server.Options.AdminSocket);
        await SendEverythingAsync(http, path => path.StartsWith("/local", StringComparison.Ordinal));
    }

    [Fact]
    public async Task HEAD_is_answered_like_GET_by_every_route()
    {
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        using var http = browser.NewClient();
        foreach (var path in Routes(_ => true).Where(route => route.Methods.Contains("GET", StringComparer.Ordinal)).Select(route => route.Path))
        {
            using var got = await http.GetAsync(path, Token);
            using var head = await http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Token);

            Assert.True(got.StatusCode == head.StatusCode, $"{path}: {got.StatusCode} and {head.StatusCode}");
            Assert.Equal(got.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Token));
            AssertSecured(path, head);
        }
    }

    [Theory]
    [InlineData("text/html,*/*", "/sign-in", Form, "name=%00", HttpStatusCode.BadRequest, "text/html", "damaged")]
    [InlineData("application/json", "/sign-in", Form, "name=%00", HttpStatusCode.BadRequest, "application/problem+json", "request_malformed")]
    [InlineData("text/html,*/*", "/sign-in", Form, null, HttpStatusCode.RequestEntityTooLarge, "text/html", "longer than this server takes")]
    [InlineData("*/*", "/passkeys/status", Json, null, HttpStatusCode.RequestEntityTooLarge, "application/json", "request_too_large")]
    [InlineData("*/*", "/v1.0/no-such", Json, "{}", HttpStatusCode.NotFound, "application/json", "not_found")]
    [InlineData("text/html", "/no-such", Form, "a=b", HttpStatusCode.NotFound, "text/html", "no such page")]
    [InlineData("text/html", "/health", Form, "a=b", HttpStatusCode.MethodNotAllowed, "text/html", "in this way")]
    public async Task What_cannot_be_taken_is_refused_in_words(string accept, string path, string type, string? body, HttpStatusCode status, string answer, string words)
    {
        using var http = _server.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = Content(type, Text(body ?? "a=" + new string('a', 300_000))) };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await http.SendAsync(request, Token);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(answer, response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(words, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        AssertSecured(path, response);
    }

    private async Task SendEverythingAsync(HttpClient http, Func<string, bool> which)
    {
        var routes = Routes(which).ToList();
        var wrong = new List<string>();
        Assert.NotEmpty(routes);
        foreach (var (path, methods, isOdd) in routes)
        {
            foreach (var query in isOdd ? Queries[..1] : Queries) wrong.AddRange(await SendAsync(http, HttpMethod.Get, path + query, null));
            foreach (var method in new[] { "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" })
            {
                foreach (var body in methods.Contains(method, StringComparer.Ordinal) ? isOdd ? Bodies[2..3] : Bodies : isOdd ? [] : Bodies[..1])
                {
                    wrong.AddRange(await SendAsync(http, new HttpMethod(method), path, body));
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong.Take(60)));
        Assert.All(_server.Logs.Warnings, line => Assert.DoesNotContain("   at ", line, StringComparison.Ordinal));
        Assert.All(_server.Logs.Warnings, line => Assert.InRange(line.Length, 0, 500));
    }

    /// <summary>What was wrong with the answer; nothing, as a rule.</summary>
    private static async Task<IEnumerable<string>> SendAsync(HttpClient http, HttpMethod method, string path, (string Type, byte[] Body)? body)
    {
        using var request = new HttpRequestMessage(method, path);
        var isTooLong = body is { Body.Length: > 256 * 1024 };
        request.Headers.ConnectionClose = isTooLong; // the server ends such a connection
        if (body is var (type, bytes)) request.Content = Content(type, bytes);
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        }
        catch (HttpRequestException) when (isTooLong)
        {
            return []; // refused while it was still being sent
        }

        using (response)
        {
            var what = $"{method} {path[..Math.Min(path.Length, 200)]}: {(int)response.StatusCode} for {body?.Type} {Encoding.UTF8.GetString(body?.Body.Take(100).ToArray() ?? [])}";
            return (int)response.StatusCode >= 500 ? [what] : response.Headers.Contains("Content-Security-Policy") && response.Headers.Contains("X-Content-Type-Options") ? [] : [what + ", without the headers"];
        }
    }

    private static void AssertSecured(string path, HttpResponseMessage response)
    {
        Assert.True(response.Headers.Contains("Content-Security-Policy"), $"{path}: no policy");
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
    }

    /// <summary>Each with a plain value for what is open in it, and with odd ones.</summary>
    private IEnumerable<(string Path, IReadOnlyList<string> Methods, bool IsOdd)> Routes(Func<string, bool> which) =>
        from route in _server.Routes
        let methods = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"]
        from value in route.RoutePattern.Parameters.Any(parameter => !parameter.ParameterPolicies.Any()) ? new[] { "x", "%EF%BF%BE", "%2e%2e%2fx", new string('y', 2_000) } : ["x"]
        let path = PathOf(route.RoutePattern, value)
        where which(path)
        select (path, methods, value != "x");

    private static string PathOf(RoutePattern pattern, string value) => "/" + Parameters().Replace(
        pattern.RawText!.TrimStart('/'), parameter => parameter.Value.Contains(":guid", StringComparison.Ordinal) ? "0190d7a5-0000-7000-8000-000000000000" : value);

    private static ByteArrayContent Content(string type, byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return content;
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    [GeneratedRegex("{[^}]*}", RegexOptions.None, 1000)]
    private static partial Regex Parameters();
}
