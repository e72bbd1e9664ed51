using System.Text.Json.Nodes;
using Latchkey.Authenticator;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>What crosses to a page: one refusal for all reasons, no name that could do harm, and no promise of an extension that is not here.</summary>
public sealed class BrowserBorderTests : IAsyncLifetime
{
    private Browsing _authenticator = null!;
    private PaperBrowser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _authenticator = await Browsing.StartAsync();
        _browser = await _authenticator.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _authenticator.DisposeAsync();
    }

    [Fact]
    public async Task A_no_a_window_nobody_answers_and_a_blocked_PIN_are_one_error_to_a_page()
    {
        await _authenticator.AddPasskeyAsync();
        var told = new List<(string? Name, string? Message)>();
        foreach (var (id, answer) in ((int, AuthorizationAnswer)[])[(1, new AuthorizationAnswer.Declined()), (2, new AuthorizationAnswer.TimedOut())])
        {
            await _browser.BeginAsync(Browsing.Get(id));
            await _authenticator.AnswerAsync(answer);
            told.Add(Told(await _browser.ErrorAsync(id)));
        }

        await _browser.BeginAsync(Browsing.Get(3));
        for (var wrong = 0; wrong < 3; wrong++) await _authenticator.AnswerAsync(new AuthorizationAnswer.Granted { Pin = "not the PIN" });
        var blocked = await _browser.ErrorAsync(3);
        told.Add(Told(blocked));
        Assert.NotNull((string?)blocked["advice"]); // for the person, who is told

        await _browser.BeginAsync(Browsing.Create(4));
        await _authenticator.AnswerAsync(new AuthorizationAnswer.Declined());
        told.Add(Told(await _browser.ErrorAsync(4)));

        var (name, message) = Assert.Single(told.Distinct());
        Assert.Equal("NotAllowedError", name);
        Assert.Equal("The operation either timed out or was not allowed.", message);
    }

    [Theory]
    [InlineData("""{"prf":{"eval":{"first":"AAAA"}}}""")]
    [InlineData("""{"prf":{}}""")]
    [InlineData("""{"largeBlob":{"support":"required"}}""")]
    [InlineData("""{"largeBlob":{"support":"preferred"}}""")]
    [InlineData("""{"credBlob":"AAAA"}""")]
    [InlineData("""{"hmacCreateSecret":true}""")]
    [InlineData("""{"payment":{"isPayment":true}}""")]
    public async Task A_request_for_what_is_not_built_stays_the_browsers_and_makes_no_passkey(string extensions)
    {
        var create = Browsing.Create(1);
        create["options"]!["extensions"] = JsonNode.Parse(extensions);
        await _browser.SayAsync(Browsing.Judge(create));
        Assert.Equal("""{"offers":false,"reason":"unsupported_extension"}""", (await _browser.AnswerAsync(1)).ToJsonString());
        create["id"] = 2;
        await _browser.SayAsync(create);
        Assert.False((bool)(await _browser.AnswerAsync(2))["offers"]!);

        var get = Browsing.Get(3);
        get["options"]!["extensions"] = JsonNode.Parse(extensions);
        await _browser.SayAsync(Browsing.Judge(get));
        Assert.Equal("""{"offers":false,"reason":"unsupported_extension"}""", (await _browser.AnswerAsync(3)).ToJsonString());
        Assert.Empty(_authenticator.Store.Credentials);
    }

    [Theory]
    [InlineData("""{"credProps":true}""")]
    [InlineData("""{"prf":null,"largeBlob":null,"hmacCreateSecret":false}""")]
    [InlineData("""{"uvm":true,"minPinLength":true,"nobodyKnowsIt":{}}""")]
    [InlineData("null")]
    public async Task What_a_page_can_do_without_is_passed_over(string extensions)
    {
        var create = Browsing.Create(1);
        create["options"]!["extensions"] = JsonNode.Parse(extensions);

        await _browser.SayAsync(Browsing.Judge(create));

        Assert.True((bool)(await _browser.AnswerAsync(1))["offers"]!);
    }

    [Fact]
    public async Task A_passkey_of_ours_that_a_page_names_is_used_whatever_else_it_asks_for()
    {
        var id = await _authenticator.AddPasskeyAsync();
        var get = Browsing.Get(1);
        get["options"]!["extensions"] = JsonNode.Parse("""{"prf":{"eval":{"first":"AAAA"}}}""");
        get["options"]!["allowCredentials"] = new JsonArray { new JsonObject { ["type"] = "public-key", ["id"] = id.ToString() } };

        await _browser.BeginAsync(get);
        await _authenticator.AnswerAsync();

        Assert.Equal(id.ToString(), (string?)(await _browser.AnswerAsync(1))["credential"]!["id"]);
    }

    private static (string? Name, string? Message) Told(JsonNode error) => ((string?)error["name"], (string?)error["message"]);
}
