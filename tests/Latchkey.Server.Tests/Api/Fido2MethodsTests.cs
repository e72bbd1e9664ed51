using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.Me;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.Passkeys;
using Latchkey.Api.WellKnown;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Api;

public sealed class Fido2MethodsTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;
    private Device _device = null!;
    private HttpClient _http = null!;
    private TokenSet _tokens = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
        _device = new Device(_server);
        _tokens = await AppAccount.AuthorizeAsync(_server, _browser, "regular");
        _http = AppAccount.ClientFor(_server, _tokens);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _device.Dispose();
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("creationOptions", 10)]
    [InlineData("creationOptions()", 10)]
    [InlineData("microsoft.graph.creationOptions()", 10)]
    [InlineData("creationOptions(challengeTimeoutInMinutes=5)", 5)]
    [InlineData("creationOptions(challengeTimeoutInMinutes=43200)", 43_200)]
    [InlineData("creationOptions%28challengeTimeoutInMinutes%3D7%29", 7)]
    [InlineData("microsoft.graph.creationOptions(challengeTimeoutInMinutes=60)", 60)]
    [InlineData("creationOptions(challengeTimeoutInMinutes=@challengeTimeoutInMinutes)?@challengeTimeoutInMinutes=15", 15)]
    [InlineData("creationOptions(challengeTimeoutInMinutes=@challengeTimeoutInMinutes)?challengeTimeoutInMinutes=15", 15)]
    [InlineData("creationOptions()?challengeTimeoutInMinutes=20", 20)]
    public async Task Creation_options_are_asked_for_as_the_function_they_are(string function, int minutes)
    {
        var options = (await _http.GetFromJsonAsync($"{Fido2MethodsClient.Path}/{function}", ApiJson.Default.WebauthnCredentialCreationOptions, Token))!;

        Assert.Equal(_server.Time.GetUtcNow().AddMinutes(minutes), options.ChallengeTimeoutDateTime, TimeSpan.FromMilliseconds(1));
    }

    [Theory]
    [InlineData("creationOptions(challengeTimeoutInMinutes=4)")]
    [InlineData("creationOptions(challengeTimeoutInMinutes=43201)")]
    [InlineData("creationOptions(challengeTimeoutInMinutes=-5)")]
    [InlineData("creationOptions(challengeTimeoutInMinutes=x)")]
    [InlineData("creationOptions(challengeTimeoutInMinutes=@p)")]
    [InlineData("creationOptions(challengeTimeoutInMinutes=)")]
    [InlineData("creationOptions(other=5)")]
    [InlineData("creationOptions()?challengeTimeoutInMinutes=99999999999")]
    public async Task Any_other_parameter_is_refused_with_the_bounds(string function)
    {
        using var refused = await _http.GetAsync($"{Fido2MethodsClient.Path}/{function}", Token);

        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("5 to 43200", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_challenge_lives_for_as_long_as_was_asked_for_and_its_mark_longer()
    {
        var methods = new Fido2MethodsClient(_http);
        var begun = (await _http.GetFromJsonAsync($"{Fido2MethodsClient.Path}/creationOptions(challengeTimeoutInMinutes=20)", ApiJson.Default.WebauthnCredentialCreationOptions, Token))!;
        var late = (await _http.GetFromJsonAsync($"{Fido2MethodsClient.Path}/creationOptions(challengeTimeoutInMinutes=5)", ApiJson.Default.WebauthnCredentialCreationOptions, Token))!;
        using var other = new Device(_server);
        var lateResponse = await other.CreateAsync(late.PublicKey.Encode());
        _server.Time.Advance(TimeSpan.FromMinutes(19));
        var registration = new Fido2MethodRegistration(null, await _device.CreateAsync(begun.PublicKey.Encode()));
        var added = await methods.RegisterAsync(registration, null, Token);

        Assert.Equal(added.Id, (await methods.RegisterAsync(registration, null, Token)).Id);
        Assert.True(await _server.InDatabaseAsync(db => db.UsedCeremonies.MaxAsync(used => used.At, Token)) >= begun.ChallengeTimeoutDateTime.AddMilliseconds(-1));
        Assert.Equal("ceremony_expired", (await Assert.ThrowsAsync<ApiException>(async () =>
            await methods.RegisterAsync(new(null, lateResponse), null, Token))).Code);
    }

    [Fact]
    public async Task What_was_made_has_the_same_time_when_it_is_looked_at_again()
    {
        _server.Time.Advance(TimeSpan.FromTicks(12_345));
        var methods = new Fido2MethodsClient(_http);
        var added = await AddAsync(methods);

        Assert.Equal(added.CreatedDateTime, Assert.Single(await methods.ListAsync(Token)).CreatedDateTime);
    }

    [Theory]
    [InlineData("v1.0/me/authentication/fido2Methods/AAAA")]
    [InlineData("v1.0/no-such-thing")]
    [InlineData("v1.0/me/authentication/fido2Methods/creationOptions(other=5)")]
    public async Task An_error_can_be_looked_up_by_both_of_its_numbers(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "client-request-id", "0a1b2c3d-0000-4000-8000-000000000000" } } };
        using var refused = await _http.SendAsync(request, Token);
        var inner = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("error").GetProperty("innerError");

        Assert.Equal("0a1b2c3d-0000-4000-8000-000000000000", inner.GetProperty("client-request-id").GetString());
        Assert.Equal("0a1b2c3d-0000-4000-8000-000000000000", Assert.Single(refused.Headers.GetValues("client-request-id")));
        Assert.Equal(inner.GetProperty("request-id").GetString(), Assert.Single(refused.Headers.GetValues("request-id")));
        Assert.True(inner.GetProperty("date").TryGetDateTimeOffset(out _));

        using var bad = new HttpRequestMessage(HttpMethod.Get, path);
        bad.Headers.TryAddWithoutValidation("client-request-id", "<script>");
        using var again = await _http.SendAsync(bad, Token);
        Assert.Equal(again.Headers.GetValues("request-id"), again.Headers.GetValues("client-request-id"));
    }

    [Fact]
    public async Task The_Authenticator_adds_lists_renames_tests_and_deletes_a_passkey()
    {
        var methods = new Fido2MethodsClient(_http);
        var added = await AddAsync(methods);
        Assert.Equal("deviceBound", added.PasskeyType);
        Assert.Equal("Latchkey Authenticator", added.Model);
        var id = CredentialId.Parse(added.Id);

        Assert.Equal("Desk", (await methods.RenameAsync(id, "Desk", Token)).DisplayName);
        Assert.Equal("Desk", Assert.Single(await methods.ListAsync(Token)).DisplayName);

        var test = new PasskeyTestClient(_http);
        var response = await _device.GetAsync((await test.OptionsAsync(Token)).Encode());
        Assert.Equal(added.Id, (await test.CompleteAsync(response, Token)).Id);

        await methods.DeleteAsync(id, Token);
        Assert.Empty(await methods.ListAsync(Token));
    }

    [Fact]
    public async Task Recent_activity_is_the_persons_own_newest_first()
    {
        await AddAsync(new(_http));
        using var other = _server.NewBrowser();
        var admin = await AppAccount.AuthorizeAsync(_server, other, "admin");
        using var http = AppAccount.ClientFor(_server, admin);

        var mine = await new RecentActivityClient(_http).ListAsync(Token);
        var theirs = await new RecentActivityClient(http).ListAsync(Token);

        // the passkey came last; before it the sign-in that let the app in
        Assert.Equal(("method.added", "passkey", ActivityEntry.Success), (mine[0].Action, mine[0].Method, mine[0].Outcome));
        Assert.Contains(mine, entry => entry is { Action: "sign_in", Outcome: ActivityEntry.Success, ByAdministrator: false });
        Assert.Contains(theirs, entry => entry is { Action: "sign_in", Outcome: ActivityEntry.Success });
        Assert.DoesNotContain(theirs, entry => entry is { Action: "method.added", Method: "passkey" });
        Assert.True(mine.Count <= RecentActivityClient.Length);
    }

    [Fact]
    public async Task Recent_activity_is_told_to_nobody_without_a_sign_in()
    {
        using var anonymous = AppAccount.ClientFor(_server, _tokens with { AccessToken = "nobody's" });

        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(RecentActivityClient.Path, Token)).StatusCode);
    }

    [Fact]
    public async Task Me_says_who_is_signed_in()
    {
        var me = await new ProfileClient(_http).GetAsync(Token);

        Assert.Equal(("regular", "Regular", "Latchkey demo"), (me.UserPrincipalName, me.DisplayName, me.Organization));
    }

    [Fact]
    public async Task Creation_options_need_a_second_factor_within_five_minutes()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(5.1));

        var refused = await Assert.ThrowsAsync<ApiException>(() => new Fido2MethodsClient(_http).CreationOptionsAsync(Token));

        Assert.Equal((HttpStatusCode.Forbidden, "step_up_required"), (refused.Status!.Value, refused.Code));
    }

    [Fact]
    public async Task A_registration_that_was_begun_completes_although_the_second_factor_is_no_longer_recent()
    {
        var methods = new Fido2MethodsClient(_http);
        var options = await methods.CreationOptionsAsync(Token);
        var response = await _device.CreateAsync(options.PublicKey.Encode());
        _server.Time.Advance(TimeSpan.FromMinutes(9));

        Assert.NotNull(await methods.RegisterAsync(new(null, response), null, Token));
    }

    [Fact]
    public async Task The_OData_type_of_Graph_clients_is_accepted_and_passed_over()
    {
        var options = await new Fido2MethodsClient(_http).CreationOptionsAsync(Token);
        var response = Encoding.UTF8.GetString((await _device.CreateAsync(options.PublicKey.Encode())).Encode());
        var body = $$"""{"@odata.type":"#microsoft.graph.fido2AuthenticationMethod","displayName":"Graph","publicKeyCredential":{{response}}}""";

        var answer = await _http.PostAsync(Fido2MethodsClient.Path, new StringContent(body, Encoding.UTF8, "application/json"), Token);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("Graph", (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("displayName").GetString());
    }

    [Theory]
    [InlineData("{}", "request_malformed")]
    [InlineData("not json", "request_malformed")]
    [InlineData("{\"publicKeyCredential\":{}}", "response_malformed")]
    [InlineData("{\"displayName\":\"\",\"publicKeyCredential\":{}}", "display_name_invalid")]
    [InlineData("{\"displayName\":7,\"publicKeyCredential\":{}}", "request_malformed")]
    [InlineData("{\"displayName\":null,\"publicKeyCredential\":{}}", "response_malformed")]
    public async Task A_body_that_is_not_one_is_refused_in_Graphs_shape(string body, string code)
    {
        var answer = await _http.PostAsync(Fido2MethodsClient.Path, new StringContent(body, Encoding.UTF8, "application/json"), Token);
        var error = (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.NotEmpty(error.GetProperty("innerError").GetProperty("request-id").GetString()!);
    }

    [Fact]
    public async Task Without_a_token_or_with_a_cookie_alone_nothing_is_answered()
    {
        using var anonymous = _server.NewClient();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(ProfileClient.Path, Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _browser.OpenAsync("/" + ProfileClient.Path)).Status);
    }

    [Fact]
    public async Task Another_persons_passkey_is_not_there()
    {
        using var newcomer = await _server.NewBrowser().SignInAsync("newcomer");
        var theirs = await _device.RegisterAsync(newcomer);

        var refused = await Assert.ThrowsAsync<ApiException>(() => new Fido2MethodsClient(_http).RenameAsync(theirs.Id, "mine", Token));

        Assert.Equal("passkey_not_found", refused.Code);
    }

    [Fact]
    public async Task A_silent_signature_learns_that_its_key_is_known_and_after_deletion_that_it_is_not()
    {
        var methods = new Fido2MethodsClient(_http);
        var id = CredentialId.Parse((await AddAsync(methods)).Id);
        using var anyone = _server.NewClient();
        var status = new PasskeyStatusClient(anyone);

        Assert.Equal(PasskeyStatus.Known, (await status.AskAsync(await _device.AnswerSilentlyAsync(await status.OptionsAsync(Token), id), Token)).Status);
        await methods.DeleteAsync(id, Token);
        Assert.Equal(PasskeyStatus.Unknown, (await status.AskAsync(await _device.AnswerSilentlyAsync(await status.OptionsAsync(Token), id), Token)).Status);
    }

    [Fact]
    public async Task A_status_signature_that_is_wrong_is_unknown_and_a_stale_challenge_is_no_answer()
    {
        var id = CredentialId.Parse((await AddAsync(new Fido2MethodsClient(_http))).Id);
        using var anyone = _server.NewClient();
        var status = new PasskeyStatusClient(anyone);
        var first = await _device.AnswerSilentlyAsync(await status.OptionsAsync(Token), id);
        var second = await _device.AnswerSilentlyAsync(await status.OptionsAsync(Token), id);

        Assert.Equal(PasskeyStatus.Unknown, (await status.AskAsync(first with { Signature = second.Signature }, Token)).Status);
        _server.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("ceremony_expired", (await Assert.ThrowsAsync<ApiException>(() => status.AskAsync(first, Token))).Code);
    }

    [Fact]
    public async Task A_status_signature_signs_nobody_in()
    {
        var id = CredentialId.Parse((await AddAsync(new Fido2MethodsClient(_http))).Id);
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        var options = PublicKeyCredentialRequestOptions.Parse(await (await browser.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync(Token));

        var refused = await browser.FetchAsync("/sign-in/passkey", (await _device.AnswerSilentlyAsync(options, id)).Encode());

        Assert.Equal("user_not_present", await Answers.CodeOfAsync(refused));
    }

    [Fact]
    public async Task The_waiting_page_learns_which_passkey_arrived_by_its_code_and_by_no_other()
    {
        await _browser.OpenAsync("/security-info/add/authenticator");
        var waiting = _browser.Path;
        var methods = new Fido2MethodsClient(_http);
        var options = await methods.CreationOptionsAsync(Token);
        Assert.Contains("Waiting", (await _browser.OpenAsync(waiting)).Page, StringComparison.Ordinal);

        await methods.RegisterAsync(new("In the app", await _device.CreateAsync(options.PublicKey.Encode())), waiting[^9..].ToLowerInvariant(), Token);

        await _browser.OpenAsync(waiting);
        var passkey = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync());
        Assert.Equal($"/security-info/passkeys/{passkey.Id}/created", _browser.Path);
    }

    [Fact]
    public async Task The_well_known_document_says_where_passkeys_are_made_and_that_this_is_Latchkey()
    {
        using var anyone = _server.NewClient();

        var endpoints = await new PasskeyEndpointsClient(anyone).GetAsync(Token);

        Assert.Equal("/security-info/add", endpoints.Enroll.AbsolutePath);
        Assert.Equal(_server.Options.Origin, endpoints.Latchkey!.Api);
    }

    private async Task<Fido2AuthenticationMethod> AddAsync(Fido2MethodsClient methods)
    {
        var options = await methods.CreationOptionsAsync(Token);
        return await methods.RegisterAsync(new(null, await _device.CreateAsync(options.PublicKey.Encode())), null, Token);
    }
}
