using System.Net;
using System.Text;
using Latchkey.Api;
using Latchkey.Api.Me;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.Passkeys;

namespace Latchkey.Accounts.Tests;

/// <summary>Whatever a server, a proxy or a hotel's network answers, a client of ours fails with its one exception and a sentence for a person.</summary>
public sealed class WrongAnswersTests
{
    private const string Json = "application/json", Html = "text/html";

    private static readonly (string Type, string Body)[] Bodies =
    [
        (Json, ""), (Json, "null"), (Json, "[]"), (Json, "{}"), (Json, "5"), (Json, "{\"error\":null}"), (Json, "{\"error\":5}"), (Json, "{\"error\":{}}"),
        (Json, "{\"error\":{\"code\":null,\"message\":null}}"), (Json, "{\"error\":{\"code\":\"x\"}}"), (Json, "{\"access_token\":null,\"expires_in\":300}"),
        (Json, "{\"access_token\":\"\",\"expires_in\":300}"), (Json, "{\"access_token\":\"a\",\"expires_in\":\"soon\"}"), (Json, "{\"access_token\":\"a\",\"expires_in\":1e99}"),
        (Json, "{\"access_token\":"), (Json, "{\"id\":5}"), (Json, new string('[', 5000)), (Html, "<!doctype html><p>Please sign in to our network"),
        ("application/json; charset=no-such", "{}"), ("text/plain; charset=utf-16", "a"), (Json, "\uFEFF"),
    ];

    public static TheoryData<HttpStatusCode, int> Answers()
    {
        var answers = new TheoryData<HttpStatusCode, int>();
        foreach (var status in new[] { HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.BadRequest, HttpStatusCode.Unauthorized, HttpStatusCode.BadGateway, (HttpStatusCode)599 })
        {
            for (var body = 0; body < Bodies.Length; body++) answers.Add(status, body);
        }

        return answers;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_that_is_not_the_servers_fails_in_words(HttpStatusCode status, int body)
    {
        using var http = new HttpClient(new Answering(status, Bodies[body].Type, Bodies[body].Body)) { BaseAddress = new("https://login.example.org") };
        var tokens = new TokenClient(http, TimeProvider.System);

        await FailsAsync(() => tokens.RefreshAsync("client", "token", TestContext.Current.CancellationToken));
        await FailsAsync(() => tokens.BeginDeviceAsync(TestContext.Current.CancellationToken));
        if ((int)status >= 300) await FailsAsync(() => new ProfileClient(http).GetAsync(TestContext.Current.CancellationToken));
        await FailsAsync(() => new PasskeySignInClient(http).OptionsAsync(null, TestContext.Current.CancellationToken));
    }

    private static async Task FailsAsync(Func<Task> ask)
    {
        var problem = await Assert.ThrowsAsync<ApiException>(ask);
        Assert.False(string.IsNullOrWhiteSpace(problem.Code));
        Assert.False(string.IsNullOrWhiteSpace(problem.Message));
    }

    private sealed class Answering(HttpStatusCode status, string type, string body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            return Task.FromResult(new HttpResponseMessage(status) { Content = content });
        }
    }
}
