using System.Net;
using System.Text;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Me;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.Passkeys;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Api;

/// <summary>A sign-in by passkey without a browser: the command line is the client.</summary>
public sealed class PasskeyGrantTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Device _device = null!;
    private HttpClient _http = null!;
    private CredentialId _passkey;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private PasskeySignInClient Begin => new(_http);

    private TokenClient Tokens => new(_http, _server.Time);

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _device = new Device(_server);
        _http = _server.NewClient();
        using var owner = await _server.NewBrowser().SignInAsync("regular");
        _passkey = (await _device.RegisterAsync(owner)).Id;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("regular")]
    public async Task A_passkey_signs_a_program_in(string? name)
    {
        var tokens = await Tokens.SignInAsync(await AnswerAsync(name), Token);

        using var api = AppAccount.ClientFor(_server, tokens);
        Assert.Equal("regular", (await new ProfileClient(api).GetAsync(Token)).UserPrincipalName);
        var renewed = await Tokens.RefreshAsync(OpenIdConnectContract.CliClientId, tokens.RefreshToken!, Token);
        Assert.NotEqual(tokens.AccessToken, renewed.AccessToken);
        Assert.NotNull((await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync())).LastUsedAt);
        Assert.Equal(("sign_in", "success"), await LastAuditAsync());
    }

    [Fact]
    public async Task The_identity_token_says_how_and_when()
    {
        using var claims = JsonDocument.Parse(Base64UrlText((await IdentityTokenAsync(_server, _device)).Split('.')[1]));

        Assert.Equal(["pop", "user", "mfa"], claims.RootElement.GetProperty("amr").EnumerateArray().Select(value => value.GetString()));
        Assert.Equal(_server.Time.GetUtcNow().ToUnixTimeSeconds(), claims.RootElement.GetProperty("auth_time").GetInt64());
        Assert.Equal("regular", claims.RootElement.GetProperty("preferred_username").GetString());
    }

    [Fact]
    public async Task An_answer_is_good_once()
    {
        var answer = await AnswerAsync();
        await Tokens.SignInAsync(answer, Token);

        Assert.Equal("ceremony_already_used", await RefusalAsync(answer));
        using var error = JsonDocument.Parse(await (await PostAsync(answer)).Content.ReadAsStringAsync(Token));
        Assert.Equal("invalid_grant", error.RootElement.GetProperty("error").GetString());
        Assert.StartsWith("ceremony_already_used: ", error.RootElement.GetProperty("error_description").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_answer_five_times_at_once_opens_one_session()
    {
        var before = await _server.InDatabaseAsync(db => db.Sessions.CountAsync());
        var answer = await AnswerAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => PostAsync(answer)));

        Assert.Single(answers, response => response.IsSuccessStatusCode);
        Assert.Equal(before + 1, await _server.InDatabaseAsync(db => db.Sessions.CountAsync()));
    }

    [Fact]
    public async Task Another_persons_passkey_does_not_sign_in_for_the_name_that_was_asked() =>
        Assert.Equal("credential_owner_mismatch", await RefusalAsync(await AnswerAsync("admin")));

    [Fact]
    public async Task A_name_nobody_has_is_begun_and_refused_like_somebody_elses()
    {
        var nobody = await Begin.OptionsAsync("nobody at all", Token);
        var somebody = await Begin.OptionsAsync("regular", Token);

        Assert.Empty(nobody.AllowCredentials);
        Assert.Empty(somebody.AllowCredentials);
        Assert.Equal(somebody.Challenge.Bytes.Length, nobody.Challenge.Bytes.Length);
        Assert.Equal("credential_owner_mismatch", await RefusalAsync(await _device.GetAsync(nobody.Encode())));
    }

    [Fact]
    public async Task User_verification_and_presence_are_judged_by_what_was_signed()
    {
        var unverified = await _device.GetAsync((await Begin.OptionsAsync(null, Token) with { UserVerification = Requirements.Discouraged }).Encode());
        Assert.Equal("user_not_verified", await RefusalAsync(unverified));

        Assert.Equal("user_not_present", await RefusalAsync(await _device.AnswerSilentlyAsync(await Begin.OptionsAsync("regular", Token), _passkey)));
    }

    [Fact]
    public async Task Eleven_minutes_are_too_long()
    {
        var answer = await AnswerAsync();
        _server.Time.Advance(TimeSpan.FromMinutes(11));

        Assert.Equal("ceremony_expired", await RefusalAsync(answer));
    }

    [Fact]
    public async Task A_deleted_passkey_signs_nobody_in()
    {
        var answer = await AnswerAsync();
        await _server.InDatabaseAsync(db => db.Passkeys.ExecuteDeleteAsync());

        Assert.Equal("credential_unknown", await RefusalAsync(answer));
        Assert.Equal(("sign_in", "credential_unknown"), await LastAuditAsync());
    }

    [Fact]
    public async Task Deleting_the_passkey_ends_the_session_it_opened()
    {
        var tokens = await Tokens.SignInAsync(await AnswerAsync(), Token);
        await _server.WithServicesAsync(async services =>
        {
            var passkeys = (PasskeyStore)services.GetService(typeof(PasskeyStore))!;
            await passkeys.DeleteAsync((await passkeys.FindByCredentialIdAsync(_passkey.Bytes.ToArray(), Token))!, exceptSession: null, Token);
        });

        using var api = AppAccount.ClientFor(_server, tokens);
        Assert.Equal("sign_in_required", (await Assert.ThrowsAsync<ApiException>(() => new ProfileClient(api).GetAsync(Token))).Code);
        Assert.Equal("invalid_grant", (await Assert.ThrowsAsync<ApiException>(() =>
            Tokens.RefreshAsync(OpenIdConnectContract.CliClientId, tokens.RefreshToken!, Token))).Code);
    }

    [Fact]
    public async Task No_other_client_has_this_grant()
    {
        var refused = await PostAsync(await AnswerAsync(), OpenIdConnectContract.AuthenticatorClientId);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        using var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Token));
        Assert.Equal("unauthorized_client", error.RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public async Task A_ceremony_of_a_browser_brings_no_tokens_and_one_of_a_program_no_browser_session()
    {
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        var begunInBrowser = await (await browser.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync(Token);
        Assert.Equal("ceremony_session_mismatch", await RefusalAsync(await _device.GetAsync(begunInBrowser)));

        var answer = (await AnswerAsync()).Encode();
        Assert.Equal("ceremony_session_mismatch", await Answers.CodeOfAsync(await browser.FetchAsync("/sign-in/passkey", answer)));
        using var withoutVisit = _server.NewBrowser();
        await withoutVisit.OpenAsync("/sign-in");
        Assert.Equal("ceremony_session_mismatch", await Answers.CodeOfAsync(await withoutVisit.FetchAsync("/sign-in/passkey", answer)));
    }

    [Fact]
    public async Task A_begun_status_question_or_step_up_is_no_sign_in()
    {
        var status = await new PasskeyStatusClient(_http).OptionsAsync(Token) with { UserVerification = Requirements.Required };

        Assert.Equal("ceremony_unknown", await RefusalAsync(await _device.GetAsync(status.Encode())));
    }

    [Fact]
    public async Task After_fifty_wrong_answers_from_one_address_wrong_ones_wait_and_a_right_one_is_taken()
    {
        var used = await AnswerAsync();
        await Tokens.SignInAsync(used, Token);
        for (var attempt = 0; attempt < AttemptStore.AddressLimit; attempt++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(used)).StatusCode);
        }

        Assert.Equal("too_many_attempts", await RefusalAsync(used));
        Assert.NotNull((await Tokens.SignInAsync(await AnswerAsync(), Token)).RefreshToken);
    }

    [Fact]
    public async Task Malformed_bytes_are_a_refusal_and_what_was_signed_is_in_no_log()
    {
        var answer = await AnswerAsync();
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync(_http, "{\"id\":7}", OpenIdConnectContract.CliClientId)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.PostAsync($"{PasskeySignInClient.Path}/options", new StringContent("["), Token)).StatusCode);
        await PostAsync(answer);

        Assert.DoesNotContain(_server.Logs.Lines, line => line.Contains(answer.Signature.ToBase64Url(), StringComparison.Ordinal));
    }

    internal static async Task<string> IdentityTokenAsync(RunningServer server, Device device)
    {
        using var http = server.NewClient();
        var answer = await device.GetAsync((await new PasskeySignInClient(http).OptionsAsync(null, Token)).Encode());
        using var tokens = JsonDocument.Parse(await (await PostAsync(http, Encoding.UTF8.GetString(answer.Encode()), OpenIdConnectContract.CliClientId)).Content.ReadAsStringAsync(Token));
        return tokens.RootElement.GetProperty("id_token").GetString()!;
    }

    private async Task<AuthenticationResponseJson> AnswerAsync(string? name = null) => await _device.GetAsync((await Begin.OptionsAsync(name, Token)).Encode());

    private async Task<string> RefusalAsync(AuthenticationResponseJson answer) => (await Assert.ThrowsAsync<ApiException>(() => Tokens.SignInAsync(answer, Token))).Code;

    private Task<HttpResponseMessage> PostAsync(AuthenticationResponseJson answer, string client = OpenIdConnectContract.CliClientId) =>
        PostAsync(_http, Encoding.UTF8.GetString(answer.Encode()), client);

    private static Task<HttpResponseMessage> PostAsync(HttpClient http, string assertion, string client) => http.PostAsync(OpenIdConnectContract.TokenPath, new FormUrlEncodedContent(
    [
        new("grant_type", OpenIdConnectContract.PasskeyGrantType), new("client_id", client), new("scope", OpenIdConnectContract.Scopes), new("assertion", assertion),
    ]), Token);

    private async Task<(string, string)> LastAuditAsync()
    {
        var last = await _server.InDatabaseAsync(db => db.AuditEntries.OrderByDescending(e => e.Id).FirstAsync(Token));
        return (last.Action, last.Outcome);
    }

    private static string Base64UrlText(string text) => Encoding.UTF8.GetString(ByteString.FromBase64Url(text).ToArray());
}
