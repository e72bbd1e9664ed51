using System.Net;
using System.Text.RegularExpressions;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>What a browser does, without a window: keeps cookies, follows redirects, posts the forms it was given.</summary>
public sealed partial class Browser(RunningServer server, HttpMessageHandler handler) : IDisposable
{
    private readonly HttpClient _http = new(handler);
    private CookieContainer _cookies = new();

    /// <summary>The page it shows.</summary>
    public string Page { get; private set; } = "";

    /// <summary>The page's path and query.</summary>
    public string Path { get; private set; } = "/";

    public HttpStatusCode Status { get; private set; }

    /// <summary>Where the last redirect to another origin wanted to go.</summary>
    public Uri? Away { get; private set; }

    /// <summary>What it says of itself and its device in every request.</summary>
    public Dictionary<string, string> Says { get; } = new(StringComparer.OrdinalIgnoreCase);

    public void Dispose() => _http.Dispose();

    /// <summary>The same browser, with its cookies, at a server that was started again.</summary>
    public Browser AtServer(RunningServer restarted)
    {
        var browser = restarted.NewBrowser();
        browser._cookies = _cookies;
        return browser;
    }

    public Task<Browser> OpenAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, Absolute(path)));

    /// <summary>Follows the link that a person would: by its label.</summary>
    public Task<Browser> FollowAsync(string label)
    {
        var link = Links().Matches(Page).FirstOrDefault(link => InLinks().Replace(link.Groups["label"].Value, "").Trim() == label)
            ?? throw new InvalidOperationException($"{Path} has no link that says {label}:\n{Page}");
        return OpenAsync(WebUtility.HtmlDecode(link.Groups["href"].Value));
    }

    /// <summary>Fills in and submits the form that posts to <paramref name="action"/>, its hidden fields included.</summary>
    public Task<Browser> SubmitAsync(string action, params (string Name, string Value)[] fields) => SubmitAsync(action, to: action, fields);

    /// <summary>Submits a form of this page to another address, as a person does who edits it.</summary>
    public Task<Browser> SubmitAsync(string action, string to, params (string Name, string Value)[] fields)
    {
        var form = Forms().Matches(Page).Select(m => m.Value).FirstOrDefault(form => ActionOf(form) == action)
            ?? throw new InvalidOperationException($"{Path} has no form that posts to {action}:\n{Page}");
        var values = HiddenFields().Matches(form).Select(m => m.Value)
            .Where(input => !input.Contains("type=\"submit\"", StringComparison.Ordinal))
            .ToDictionary(input => Attribute(input, "name"), input => Attribute(input, "value"));
        foreach (var (name, value) in fields)
        {
            values[name] = value;
        }

        return SendAsync(new HttpRequestMessage(HttpMethod.Post, Absolute(to)) { Content = new FormUrlEncodedContent(values) });
    }

    /// <summary>What the portal's script does: a fetch with the page's token.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="json">What.</param>
    /// <param name="answerIsLost">The server acts, but its answer never reaches the browser.</param>
    public async Task<HttpResponseMessage> FetchAsync(string path, byte[]? json = null, bool answerIsLost = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Absolute(path)) { Content = new ByteArrayContent(json ?? "{}"u8.ToArray()) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("Accept", "application/json");
        request.Headers.Add("RequestVerificationToken", Attribute(TokenMeta().Match(Page).Value, "content"));
        return await ExchangeAsync(request, answerIsLost);
    }

    /// <summary>A client with this browser's cookies and the token of the page it shows: what a person can send who edits the page.</summary>
    public HttpClient NewClient()
    {
        var http = server.NewClient();
        http.DefaultRequestHeaders.Add("Cookie", _cookies.GetCookieHeader(server.Options.Origin));
        http.DefaultRequestHeaders.Add("RequestVerificationToken", Attribute(TokenMeta().Match(Page).Value, "content"));
        return http;
    }

    public async Task<Browser> SignInAsync(string name)
    {
        await OpenAsync("/sign-in");
        await SubmitAsync("/sign-in", ("name", name));
        if (server.Demo.TryGetValue($"{name} temporary-access-pass", out var pass))
        {
            await OpenAsync("/sign-in/pass");
            await SubmitAsync("/sign-in/pass", ("code", pass));
        }
        else
        {
            await SubmitAsync("/sign-in/password", ("password", server.Demo[$"{name} password"]));
            await PassByAuthenticatorAsync();
            await SubmitAsync("/sign-in/second-factor", ("code", server.CodeOf(name)));
        }

        Assert.Equal("/security-info", Path);
        return this;
    }

    /// <summary>Where the Authenticator is asked first: goes another way.</summary>
    public Task<Browser> PassByAuthenticatorAsync() => Path.StartsWith("/sign-in/approval/", StringComparison.Ordinal)
        ? SubmitAsync(Path.Split('?')[0] + "/other")
        : Task.FromResult(this);

    private async Task<Browser> SendAsync(HttpRequestMessage request)
    {
        var response = await ExchangeAsync(request);
        for (var hops = 0; (int)response.StatusCode is 301 or 302 or 303 or 307; hops++)
        {
            Assert.True(hops < 10, "goes round in circles");
            var target = new Uri(request.RequestUri!, response.Headers.Location!);
            if (target.GetLeftPart(UriPartial.Authority) != server.Options.OriginText)
            {
                Away = target;
                return this;
            }

            request = new HttpRequestMessage(HttpMethod.Get, target);
            response = await ExchangeAsync(request);
        }

        (Path, Status, Page) = (request.RequestUri!.PathAndQuery, response.StatusCode, await response.Content.ReadAsStringAsync());
        return this;
    }

    private async Task<HttpResponseMessage> ExchangeAsync(HttpRequestMessage request, bool answerIsLost = false)
    {
        if (_cookies.GetCookieHeader(request.RequestUri!) is { Length: > 0 } cookies)
        {
            request.Headers.Add("Cookie", cookies);
        }

        foreach (var (name, value) in Says)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await _http.SendAsync(request);
        foreach (var cookie in !answerIsLost && response.Headers.TryGetValues("Set-Cookie", out var values) ? values : [])
        {
            _cookies.SetCookies(request.RequestUri!, cookie);
        }

        return response;
    }

    private Uri Absolute(string path) => new(server.Options.Origin, path);

    private static string ActionOf(string form) => Attribute(form[..form.IndexOf('>', StringComparison.Ordinal)], "action");

    private static string Attribute(string element, string name) =>
        WebUtility.HtmlDecode(Regex.Match(element, $"\\s{name}=\"(?<value>[^\"]*)\"", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["value"].Value);

    [GeneratedRegex("<form method=\"post\".*?</form>", RegexOptions.Singleline, 1000)]
    private static partial Regex Forms();

    [GeneratedRegex("<a [^>]*href=\"(?<href>[^\"]*)\"[^>]*>(?<label>.*?)</a>", RegexOptions.Singleline, 1000)]
    private static partial Regex Links();

    [GeneratedRegex("<svg.*?</svg>|<span class=\"(?:quiet small|tag)\">.*?</span>|<[^>]*>", RegexOptions.Singleline, 1000)]
    private static partial Regex InLinks();

    [GeneratedRegex("<input type=\"hidden\"[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex HiddenFields();

    [GeneratedRegex("<meta name=\"form-token\"[^>]*>", RegexOptions.None, 1000)]
    private static partial Regex TokenMeta();
}
