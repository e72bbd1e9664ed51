using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.AuthenticatorApp.Shell;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class BrowserCeremonyTests : IAsyncLifetime
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
    public async Task A_passkey_is_staged_until_the_page_has_the_answer_and_kept_from_then_on()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await _authenticator.AnswerAsync();
        var answer = await _browser.AnswerAsync(1);

        Assert.Equal(CredentialState.Staged, Assert.Single(_authenticator.Store.Credentials).State);
        await _browser.SayAsync(1, "delivered");
        await _browser.HearAsync("kept", 1);

        var kept = Assert.Single(_authenticator.Store.Credentials);
        Assert.Equal(CredentialState.Delivered, kept.State);
        var response = RegistrationResponseJson.Parse(Encoding.UTF8.GetBytes(answer["credential"]!.ToJsonString()));
        Assert.Equal(kept.Id, response.Id);
        Assert.Equal(-7, (int)answer["credential"]!["response"]!["publicKeyAlgorithm"]!);
        Assert.Equal("https://shop.example", (string?)JsonNode.Parse(response.ClientDataJson.Span)!["origin"]);
    }

    [Fact]
    public async Task A_foreign_sites_passkey_is_confirmed_by_its_delivery()
    {
        await MakeAsync();

        _authenticator.Time.Advance(TimeSpan.FromSeconds(2));

        await _authenticator.UntilAsync(one => one.Store.Credentials[0].State == CredentialState.Confirmed);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("undelivered")]
    public async Task A_page_that_goes_before_it_took_the_answer_leaves_no_passkey(string how)
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await _authenticator.AnswerAsync();
        await _browser.AnswerAsync(1);

        await _browser.SayAsync(1, how);

        await _authenticator.UntilAsync(one => one.Store.Credentials.Count == 0);
    }

    [Fact]
    public async Task A_browser_that_dies_before_it_took_the_answer_leaves_no_passkey()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await _authenticator.AnswerAsync();
        await _browser.AnswerAsync(1);

        await _browser.DisposeAsync();

        await _authenticator.UntilAsync(one => one.Store.Credentials.Count == 0);
    }

    [Fact]
    public async Task A_browser_that_dies_takes_the_question_with_it()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await _authenticator.UntilAsync(one => one.Window.Question is not null);

        await _browser.DisposeAsync();

        await _authenticator.UntilAsync(one => one.Window.Question is null);
        Assert.Empty(_authenticator.Store.Credentials);
    }

    [Fact]
    public async Task A_page_that_never_says_it_has_the_answer_gets_no_passkey()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await _authenticator.AnswerAsync();
        await _browser.AnswerAsync(1);

        _authenticator.Time.Advance(BrowserCeremony.DeliveryPatience);

        await _authenticator.UntilAsync(one => one.Store.Credentials.Count == 0);
    }

    [Fact]
    public async Task An_aborted_request_takes_its_question_away_and_is_AbortError()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await _authenticator.UntilAsync(one => one.Window.Question is not null);

        await _browser.SayAsync(1, "cancel");

        Assert.Equal("AbortError", (string?)(await _browser.ErrorAsync(1))["name"]);
        Assert.Null(_authenticator.Window.Question);
    }

    [Fact]
    public async Task A_no_in_the_PIN_window_is_NotAllowedError()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await _authenticator.AnswerAsync(new AuthorizationAnswer.Declined());

        Assert.Equal("NotAllowedError", (string?)(await _browser.ErrorAsync(1))["name"]);
    }

    [Fact]
    public async Task An_excluded_passkey_is_InvalidStateError_after_the_person_answered()
    {
        var id = await _authenticator.AddPasskeyAsync();
        var request = Browsing.Create(1);
        request["options"]!["excludeCredentials"] = new JsonArray { new JsonObject { ["type"] = "public-key", ["id"] = id.ToString() } };
        await _browser.BeginAsync(request);

        Assert.True(Assert.IsType<AuthorizationRequest.CreatePasskey>(await _authenticator.AnswerAsync()).Excluded);

        Assert.Equal("InvalidStateError", (string?)(await _browser.ErrorAsync(1))["name"]);
    }

    [Fact]
    public async Task Three_wrong_PINs_end_it_with_advice()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        for (var i = 0; i < 3; i++) await _authenticator.AnswerAsync(new AuthorizationAnswer.Granted { Pin = "not this one" });

        var failed = await _browser.ErrorAsync(1);

        Assert.Equal("NotAllowedError", (string?)failed["name"]);
        Assert.Contains("Too many wrong PINs", (string?)failed["advice"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_in_offers_the_accounts_and_signs_for_the_one_chosen()
    {
        await _authenticator.AddPasskeyAsync(user: "eve");
        var chosen = await _authenticator.AddPasskeyAsync(user: "ada");
        await _browser.SayAsync(Browsing.Offers(Browsing.Get(1)));
        var offer = await _browser.AnswerAsync(1);
        Assert.Equal(["ada", "eve"], offer["accounts"]!.AsArray().Select(account => (string?)account!["userName"]).Order(StringComparer.Ordinal));
        Assert.Null(_authenticator.Window.Question);

        var request = Browsing.Get(2);
        request["credentialId"] = chosen.ToString();
        await _browser.BeginAsync(request);
        Assert.Equal([chosen], Assert.IsType<AuthorizationRequest.UsePasskey>(await _authenticator.AnswerAsync()).Accounts.Select(account => account.Id));
        var answer = await _browser.AnswerAsync(2);

        var response = AuthenticationResponseJson.Parse(Encoding.UTF8.GetBytes(answer["credential"]!.ToJsonString()));
        Assert.Equal(chosen, response.Id);
        Assert.Equal(Browsing.UserOf("ada"), response.UserHandle);
    }

    [Theory]
    [InlineData("other.example", false)]
    [InlineData("shop.example", true)]
    public async Task Where_no_passkey_fits_the_browser_goes_on_untouched(string rpId, bool listsAnother)
    {
        await _authenticator.AddPasskeyAsync(rpId);
        var request = Browsing.Get(1);
        if (listsAnother) request["options"]!["allowCredentials"] = new JsonArray { new JsonObject { ["type"] = "public-key", ["id"] = CredentialId.Random().ToString() } };

        await _browser.SayAsync(Browsing.Offers(request));
        Assert.Equal("no_passkey", (string?)(await _browser.AnswerAsync(1))["reason"]);
        await _browser.SayAsync(request);

        Assert.Equal("no_passkey", (string?)(await _browser.AnswerAsync(1))["reason"]);
    }

    public static TheoryData<string, Action<JsonObject>> NotOurs => new()
    {
        { "other_authenticator", request => request["options"]!["authenticatorSelection"]!["authenticatorAttachment"] = "cross-platform" },
        { "other_authenticator", request => request["options"]!["hints"] = new JsonArray("security-key", "client-device") },
        { "other_authenticator", request => request["options"]!["hints"] = new JsonArray("of tomorrow", "hybrid") },
        { "unsupported_algorithm", request => request["options"]!["pubKeyCredParams"]![0]!["alg"] = -257 },
        { "malformed", request => request["options"]!["user"]!["id"] = "" },
        { "malformed", request => request["options"]!["rp"] = "shop" },
        { "malformed", request => request["caller"]!["origin"] = "null" },
        { "not_allowed", request => request["caller"]!["allowed"] = false },
        { "not_allowed", request => request["caller"]!["origin"] = "http://shop.example" },
        { "not_allowed", request => request["caller"]!["origin"] = "https://evilshop.example" },
        { "not_allowed", request => request["caller"]!["origin"] = "https://shop.example.evil.test" },
        { "not_allowed", request => request["options"]!["rp"]!["id"] = "example" },
        { "not_allowed", request => request["options"]!["rp"]!["id"] = "sub.shop.example" },
        { "not_allowed", request => request["options"]!["rp"]!["id"] = "Shop.example" },
        { "not_allowed", request => request["caller"]!["crossOrigin"] = true },
        {
            "not_allowed", request =>
            {
                request["caller"]!["crossOrigin"] = true;
                request["caller"]!["topOrigin"] = "https://news.test";
            }
        },
    };

    [Theory]
    [MemberData(nameof(NotOurs))]
    public async Task What_is_not_for_us_is_passed_back_before_anybody_sees_anything(string reason, Action<JsonObject> change)
    {
        var request = Browsing.Create(1);
        change(request);

        await _browser.SayAsync(Browsing.Offers(request));
        Assert.Equal(reason, (string?)(await _browser.AnswerAsync(1))["reason"]);
        await _browser.SayAsync(request);

        Assert.Equal(reason, (string?)(await _browser.AnswerAsync(1))["reason"]);
        Assert.Null(_authenticator.Window.Question);
    }

    [Fact]
    public async Task An_origin_the_relying_party_lists_may_use_its_RP_ID()
    {
        _authenticator.Servers = request => request.RequestUri == new Uri("https://shop.example/.well-known/webauthn")
            ? Scanning.Json("""{"origins":["https://shop.test"]}""")
            : new(HttpStatusCode.NotFound);
        var request = Browsing.Create(1);
        request["caller"]!["origin"] = "https://shop.test";
        await _browser.BeginAsync(request);
        await _authenticator.AnswerAsync();

        var response = RegistrationResponseJson.Parse(Encoding.UTF8.GetBytes((await _browser.AnswerAsync(1))["credential"]!.ToJsonString()));

        Assert.Equal("https://shop.test", (string?)JsonNode.Parse(response.ClientDataJson.Span)!["origin"]);
    }

    [Fact]
    public async Task Nobody_is_called_for_a_page_before_a_person_has_acted_and_a_page_in_a_loop_calls_two_at_most()
    {
        List<string> called = [];
        var slow = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _authenticator.Related = async request =>
        {
            lock (called) called.Add(request.RequestUri!.Host);
            await slow.Task;
            return new(HttpStatusCode.NotFound);
        };

        // judged, offered and signalled by itself, a page has nobody called
        for (var id = 1; id <= 40; id++)
        {
            var get = Browsing.Get(id, $"slow{id}.example").From("https://evil.test");
            await _browser.SayAsync(Browsing.Judge(get));
            Assert.True((bool)(await _browser.AnswerAsync(id))["offers"]!);
            await _browser.SayAsync(Browsing.Offers(get, acted: false));
            Assert.True((bool)(await _browser.AnswerAsync(id))["offers"]!);
            await _browser.SayAsync(new JsonObject
            {
                ["id"] = id, ["type"] = "signal", ["method"] = "unknownCredential", ["caller"] = new JsonObject { ["origin"] = "https://evil.test" },
                ["options"] = new JsonObject { ["rpId"] = $"slow{id}.example", ["credentialId"] = "AAAA" },
            });
            Assert.Equal("SecurityError", (string?)(await _browser.ErrorAsync(id))["name"]);
        }

        Assert.Empty(called);

        // acted for, two are called at once, and what is beyond them is the browser's at once
        for (var id = 1; id <= 3; id++) await _browser.SayAsync(Browsing.Offers(Browsing.Get(id, $"slow{id}.example").From($"https://n{id}.evil.test")));
        var third = await _browser.HearAsync();
        Assert.Equal("not_allowed", (string?)third!["ok"]!["reason"]);
        Assert.Equal(2, called.Count);

        // and another site's page is asked about meanwhile
        await _browser.BeginAsync(Browsing.Create(9));
        slow.SetResult();
    }

    [Fact]
    public async Task Whether_a_request_is_ours_is_told_without_a_look_at_what_is_kept()
    {
        var known = await _authenticator.AddPasskeyAsync();
        List<string> told = [];
        foreach (var id in (CredentialId[])[known, CredentialId.Random()])
        {
            var request = Browsing.Get(1);
            request["options"]!["allowCredentials"] = new JsonArray { new JsonObject { ["type"] = "public-key", ["id"] = id.ToString() } };
            await _browser.SayAsync(Browsing.Judge(request));
            told.Add((await _browser.AnswerAsync(1)).ToJsonString());
        }

        Assert.Equal("""{"offers":true,"rpId":"shop.example","locked":false,"accounts":[]}""", Assert.Single(told.Distinct()));
    }

    [Fact]
    public async Task A_cross_origin_frame_is_signed_with_the_page_around_it()
    {
        var request = Browsing.Create(1);
        request["caller"] = new JsonObject { ["origin"] = Browsing.Site, ["crossOrigin"] = true, ["topOrigin"] = "https://news.test", ["allowed"] = true };
        await _browser.BeginAsync(request);
        await _authenticator.AnswerAsync();

        var response = RegistrationResponseJson.Parse(Encoding.UTF8.GetBytes((await _browser.AnswerAsync(1))["credential"]!.ToJsonString()));

        var client = JsonDocument.Parse(response.ClientDataJson.Memory).RootElement;
        Assert.True(client.GetProperty("crossOrigin").GetBoolean());
        Assert.Equal("https://news.test", client.GetProperty("topOrigin").GetString());
    }

    [Theory]
    [InlineData("https://shop.example", null, null)]
    [InlineData("https://login.shop.example", null, "Asked by https://login.shop.example in")]
    [InlineData("https://shop.example:8443", null, null)]
    [InlineData("https://shop.example", "https://news.test", "Asked by https://shop.example, shown inside https://news.test, in")]
    public async Task The_PIN_window_says_which_page_asks_where_the_RP_ID_does_not(string origin, string? around, string? words)
    {
        var request = Browsing.Create(1);
        request["caller"] = new JsonObject { ["origin"] = origin, ["crossOrigin"] = around is not null, ["allowed"] = true };
        if (around is not null) request["caller"]!["topOrigin"] = around;
        await _browser.BeginAsync(request);

        await _authenticator.UntilAsync(authenticator => authenticator.Window.Question is not null);

        var said = PinPage.WordsOf(_authenticator.Window.Question!);
        Assert.Equal(words is null, said is null);
        Assert.StartsWith(words ?? "", said ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_of_the_app_itself_keeps_its_place_and_a_page_waits_for_its_turn()
    {
        var own = _authenticator.Window.AskAsync(new AuthorizationRequest.ChooseAuthenticator(), Browsing.Token);
        await _browser.BeginAsync(Browsing.Create(1));
        Assert.Null(_authenticator.Window.Question!.Page);

        await _authenticator.AnswerAsync();
        await own;
        await _authenticator.UntilAsync(authenticator => authenticator.Window.Question?.Page is not null);
        await _authenticator.AnswerAsync();

        Assert.NotNull((await _browser.AnswerAsync(1))["credential"]);
    }

    [Fact]
    public async Task Two_at_once_are_answered_one_after_the_other()
    {
        await _browser.BeginAsync(Browsing.Create(1, user: "eve"));
        await _authenticator.UntilAsync(one => one.Window.Question is not null);
        await _browser.SayAsync(Browsing.Create(2, user: "ada"));
        await _browser.HearAsync("waiting", 2);

        await _authenticator.AnswerAsync();
        await _browser.AnswerAsync(1);
        await _browser.SayAsync(1, "delivered");
        await _browser.HearAsync("kept", 1);
        await _browser.HearAsync("asking", 2);
        await _authenticator.AnswerAsync();
        await _browser.AnswerAsync(2);
        await _browser.SayAsync(2, "delivered");
        await _browser.HearAsync("kept", 2);

        Assert.Equal(["ada", "eve"], _authenticator.Store.Credentials.Select(credential => credential.UserName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_locked_vault_is_offered_and_asks_for_the_PIN_first()
    {
        var id = await _authenticator.AddPasskeyAsync();
        _authenticator.Session.Lock();
        await _browser.SayAsync(Browsing.Offers(Browsing.Get(1)));
        Assert.True((bool)(await _browser.AnswerAsync(1))["locked"]!);
        await _browser.BeginAsync(Browsing.Get(1));

        await UnlockAsync();
        await YesAsync();

        Assert.Equal(id.ToString(), (string?)(await _browser.AnswerAsync(1))["credential"]!["id"]);
    }

    [Fact]
    public async Task The_PIN_that_unlocks_counts_for_the_passkey_that_waited_for_it_and_only_a_yes_is_asked_for()
    {
        _authenticator.Session.Lock();
        await _browser.BeginAsync(Browsing.Create(1));

        await UnlockAsync();
        var asked = Assert.IsType<AuthorizationRequest.CreatePasskey>(await YesAsync());

        Assert.Equal(("shop.example", "eve"), (asked.Rp.Id, asked.User.Name));
        Assert.True(FlagsOf(await _browser.AnswerAsync(1)).UserVerified);
    }

    [Fact]
    public async Task A_request_that_comes_after_the_PIN_was_given_asks_for_it_again()
    {
        var id = await _authenticator.AddPasskeyAsync();
        _authenticator.Session.Lock();
        await UnlockAsync();
        await _browser.BeginAsync(Browsing.Get(1));

        Assert.NotNull((await _authenticator.AnswerAsync()).Pin);
        Assert.Equal(id.ToString(), (string?)(await _browser.AnswerAsync(1))["credential"]!["id"]);
    }

    [Fact]
    public async Task A_second_request_that_waited_behind_the_first_asks_for_the_PIN()
    {
        await _authenticator.AddPasskeyAsync();
        _authenticator.Session.Lock();
        await using var other = await _authenticator.ConnectAsync();
        await _browser.BeginAsync(Browsing.Get(1));
        await other.SayAsync(Browsing.Get(1));
        await other.HearAsync("waiting", 1);

        await UnlockAsync();
        await YesAsync();
        await _browser.AnswerAsync(1);
        await other.HearAsync("asking", 1);

        Assert.NotNull((await _authenticator.AnswerAsync()).Pin);
        await other.AnswerAsync(1);
    }

    [Fact]
    public async Task A_request_that_took_the_place_of_the_one_the_person_unlocked_for_asks_for_the_PIN()
    {
        await _authenticator.AddPasskeyAsync();
        _authenticator.Session.Lock();
        await _browser.BeginAsync(Browsing.Get(1));
        var unlocking = UnlockAsync();
        await _browser.SayAsync(1, "cancel");
        await unlocking;
        Assert.Equal("AbortError", (string?)(await _browser.ErrorAsync(1))["name"]);

        await _browser.BeginAsync(Browsing.Get(2));

        Assert.NotNull((await _authenticator.AnswerAsync()).Pin);
        await _browser.AnswerAsync(2);
    }

    [Fact]
    public async Task A_yes_more_than_thirty_seconds_after_the_PIN_has_it_asked_for_again()
    {
        await _authenticator.AddPasskeyAsync();
        _authenticator.Session.Lock();
        await _browser.BeginAsync(Browsing.Get(1));
        await UnlockAsync();
        await _authenticator.UntilAsync(one => one.Window.Question is not null);
        _authenticator.Time.Advance(PinProof.Lifetime + TimeSpan.FromSeconds(1));

        await YesAsync();
        await _authenticator.UntilAsync(one => one.Window.Question is { Request.Pin: not null });
        await _authenticator.AnswerAsync(new AuthorizationAnswer.Declined());

        Assert.Equal("NotAllowedError", (string?)(await _browser.ErrorAsync(1))["name"]);
    }

    [Fact]
    public async Task Locking_takes_the_question_away_and_the_PIN_given_before_counts_for_nothing_any_more()
    {
        await _authenticator.AddPasskeyAsync();
        _authenticator.Session.Lock();
        await _browser.BeginAsync(Browsing.Get(1));
        await UnlockAsync();
        await _authenticator.UntilAsync(one => one.Window.Question is not null);
        var proof = _authenticator.Store.Opening!;
        var question = _authenticator.Window.Question!;

        _authenticator.Session.Lock();

        Assert.False(question.Answer.TrySetResult(new AuthorizationAnswer.Granted()));
        Assert.Equal("NotAllowedError", (string?)(await _browser.ErrorAsync(1))["name"]);
        Assert.False(proof.Counts);
        await UnlockAsync();
        await _browser.BeginAsync(Browsing.Get(2));
        Assert.NotNull((await _authenticator.AnswerAsync()).Pin);
    }

    [Fact]
    public async Task After_a_no_the_same_page_has_to_ask_for_the_PIN()
    {
        await _authenticator.AddPasskeyAsync();
        _authenticator.Session.Lock();
        await _browser.BeginAsync(Browsing.Get(1));
        await UnlockAsync();
        await _authenticator.AnswerAsync(new AuthorizationAnswer.Declined());
        await _browser.ErrorAsync(1);

        await _browser.BeginAsync(Browsing.Get(2));

        Assert.NotNull((await _authenticator.AnswerAsync()).Pin);
        Assert.False(_authenticator.Store.Opening!.TryTake());
    }

    [Fact]
    public async Task A_wrong_PIN_at_the_unlock_proves_nothing_and_the_right_one_after_it_does()
    {
        await _authenticator.AddPasskeyAsync();
        _authenticator.Session.Lock();
        await _browser.BeginAsync(Browsing.Get(1));
        await Assert.ThrowsAsync<WrongPinException>(() => _authenticator.Session.UnlockAsync("not the PIN", Browsing.Token));
        Assert.Null(_authenticator.Window.Question);

        await UnlockAsync();
        await YesAsync();

        Assert.True(FlagsOf(await _browser.AnswerAsync(1)).UserVerified);
    }

    [Fact]
    public async Task Two_windows_that_unlock_in_the_same_moment_open_one_vault()
    {
        _authenticator.Session.Lock();

        var first = UnlockAsync();
        var second = UnlockAsync();
        await first;
        var vault = _authenticator.Session.Open;
        await second;

        Assert.Same(vault, _authenticator.Session.Open);
    }

    [Fact]
    public async Task A_locked_vault_that_turns_out_to_hold_nothing_fitting_passes_the_request_back()
    {
        _authenticator.Session.Lock();
        await _browser.BeginAsync(Browsing.Get(1));

        await _authenticator.Session.UnlockAsync(Browsing.Pin, Browsing.Token);

        Assert.Equal("no_passkey", (string?)(await _browser.AnswerAsync(1))["reason"]);
    }

    [Fact]
    public async Task A_request_nobody_answers_ends_as_the_standard_says()
    {
        _authenticator.Session.Lock();
        await _browser.BeginAsync(Browsing.Create(1));

        _authenticator.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal("NotAllowedError", (string?)(await _browser.ErrorAsync(1))["name"]);
    }

    [Fact]
    public async Task A_browser_hears_when_there_may_be_something_else_to_offer()
    {
        await using var another = await _authenticator.ConnectAsync();
        await another.SayAsync(Browsing.Offers(Browsing.Get(1)));
        await another.AnswerAsync(1);

        _authenticator.Session.Lock();

        Assert.Equal("changed", (string?)(await another.HearAnythingAsync())!["type"]);
    }

    [Fact]
    public async Task The_window_the_browser_is_told_lets_in_once()
    {
        var window = new Uri((string)(await _browser.BeginAsync(Browsing.Create(1)))["window"]!);

        Assert.Equal("http://127.0.0.1:7081/", window.GetLeftPart(UriPartial.Path));
        var ticket = window.Fragment["#ticket=".Length..];
        Assert.True(_authenticator.Guard.Tickets.TryTake(ticket));
        Assert.False(_authenticator.Guard.Tickets.TryTake(ticket));
    }

    private Task UnlockAsync() => _authenticator.Session.UnlockAsync(Browsing.Pin, Browsing.Token);

    /// <summary>A yes to a question that wants no PIN.</summary>
    private async Task<AuthorizationRequest> YesAsync()
    {
        var asked = await _authenticator.AnswerAsync(new AuthorizationAnswer.Granted());
        Assert.Null(asked.Pin);
        return asked;
    }

    private static AuthenticatorData FlagsOf(JsonNode answer) =>
        AuthenticatorData.Parse(ByteString.FromBase64Url((string)answer["credential"]!["response"]!["authenticatorData"]!));

    private async Task MakeAsync()
    {
        await _browser.BeginAsync(Browsing.Create(1));
        await _authenticator.AnswerAsync();
        await _browser.AnswerAsync(1);
        await _browser.SayAsync(1, "delivered");
        await _browser.HearAsync("kept", 1);
    }
}
