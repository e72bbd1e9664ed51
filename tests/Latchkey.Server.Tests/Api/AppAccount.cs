using System.Net.Http.Headers;
using System.Web;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.Api;

/// <summary>An Authenticator's way in: code with PKCE on a loopback port of its own.</summary>
internal static class AppAccount
{
    /// <summary>Walks the authorization request through a browser; the code arrives at the loopback address.</summary>
    public static async Task<TokenSet> AuthorizeAsync(RunningServer server, Browser browser, string name, int port = 49_152, TimeSpan? maxAge = null)
    {
        var request = AuthorizationRequest.Create(server.Options.Origin, new Uri($"http://127.0.0.1:{port}/callback"), maxAge: maxAge);
        await browser.OpenAsync(request.Address.PathAndQuery);
        if (browser.Away is null && browser.Path.StartsWith("/sign-in", StringComparison.Ordinal))
        {
            await browser.SubmitAsync("/sign-in", ("name", name));
            if (server.Demo.TryGetValue($"{name} password", out var password))
            {
                await browser.SubmitAsync("/sign-in/password", ("password", password));
                await browser.PassByAuthenticatorAsync();
                await browser.SubmitAsync("/sign-in/second-factor", ("code", server.CodeOf(name)));
            }
            else
            {
                await browser.OpenAsync(browser.Path.Replace("/sign-in/password", "/sign-in/pass", StringComparison.Ordinal));
                await browser.SubmitAsync("/sign-in/pass", ("code", server.Demo[$"{name} temporary-access-pass"]));
            }
        }

        var answer = HttpUtility.ParseQueryString((browser.Away ?? throw new InvalidOperationException(browser.Path + browser.Page)).Query);
        Assert.Equal(port, browser.Away.Port);
        Assert.Equal(request.State, answer["state"]);
        using var http = server.NewClient();
        return await new TokenClient(http, server.Time).RedeemAsync(request, answer["code"] ?? throw new InvalidOperationException(browser.Away.Query), CancellationToken.None);
    }

    public static HttpClient ClientFor(RunningServer server, TokenSet tokens)
    {
        var http = server.NewClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        return http;
    }
}
