using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.Passkeys;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.Policies;

/// <summary>The policy asked before, during and after: by the pages, by the API, and at every sign-in.</summary>
public sealed class PolicyAtWorkTests : IAsyncLifetime
{
    private static readonly string OurModel = Latchkey.Authenticator.AuthenticatorAaguid.Value.Value.ToString();

    private RunningServer _server = null!;
    private Device _device = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _device = new Device(_server);
        _browser = await _server.NewBrowser().SignInAsync("regular");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        _device.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("""{"Fido2":{"state":"disabled"}}""", "method_disabled")]
    [InlineData("""{"Fido2":{"includeTargets":[]}}""", "method_not_included")]
    [InlineData("""{"Fido2":{"isSelfServiceRegistrationAllowed":false}}""", "self_service_registration_disabled")]
    [InlineData("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"attestationEnforcement":"registrationOnly","keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["20000000-0000-0000-0000-000000000000"]}}}}}""", "attestation_required")]
    public async Task A_passkey_that_would_be_refused_is_begun_nowhere_and_its_way_is_not_listed(string change, string code)
    {
        using var elsewhere = _server.NewBrowser();
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, elsewhere, "regular"));
        await _server.SetPolicyAsync(change);

        await _browser.OpenAsync("/security-info/add");
        Assert.DoesNotContain("Passkey in Authenticator", _browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("Passkey in this browser", _browser.Page, StringComparison.Ordinal);
        Assert.Contains("Authenticator code", _browser.Page, StringComparison.Ordinal);
        foreach (var address in new[] { "passkey", "authenticator", "this-device", "device", "device/app" })
        {
            await _browser.OpenAsync("/security-info/add/" + address);
            Assert.Equal((HttpStatusCode.Forbidden, "/security-info/add/" + address), (_browser.Status, _browser.Path));
        }

        foreach (var address in new[] { "passkeys/options", "add/device/options", "add/this-device/options" })
        {
            Assert.Equal(code, await Answers.CodeOfAsync(await _browser.FetchAsync("/security-info/" + address)));
        }

        var refused = await Assert.ThrowsAsync<ApiException>(() => new Fido2MethodsClient(http).CreationOptionsAsync(TestContext.Current.CancellationToken));
        Assert.Equal(code, refused.Code);
        Assert.NotEmpty(refused.NextStep!);
    }

    [Theory]
    [InlineData("allow", "20000000-0000-0000-0000-000000000000", "aaguid_not_allowed")]
    [InlineData("block", null, "aaguid_blocked")]
    public async Task A_model_the_policy_refuses_is_refused_when_it_completes_with_the_list_and_the_model(string list, string? aaguid, string code)
    {
        await _server.SetPolicyAsync(Restrict(list, aaguid ?? OurModel));
        await _browser.OpenAsync("/security-info/add/passkey");
        var response = await _device.CreateAsync(await (await _browser.FetchAsync("/security-info/passkeys/options")).Content.ReadAsByteArrayAsync());

        var answer = await (await _browser.FetchAsync("/security-info/passkeys", response.Encode())).Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(code, answer.GetProperty("code").GetString());
        Assert.Contains(OurModel, answer.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Contains($"list of {(list == "allow" ? "allowed" : "refused")} models", answer.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.False(await _server.InDatabaseAsync(db => db.Passkeys.AnyAsync()));
    }

    [Fact]
    public async Task A_passkey_policy_no_longer_accepts_says_so_in_the_list_signs_nobody_in_and_is_not_forgotten()
    {
        var response = await _device.RegisterAsync(_browser);
        await _server.SetPolicyAsync(Restrict("block", OurModel));

        await _browser.OpenAsync("/security-info");
        Assert.Contains("You can&#x27;t sign in with it any more", _browser.Page, StringComparison.Ordinal);
        using var other = _server.NewBrowser();
        await other.OpenAsync("/sign-in");
        var options = await (await other.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync();
        var refused = await (await other.FetchAsync("/sign-in/passkey", (await _device.GetAsync(options)).Encode())).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("aaguid_blocked", refused.GetProperty("code").GetString());
        Assert.Contains(OurModel, refused.GetProperty("title").GetString(), StringComparison.Ordinal);
        Assert.Equal("aaguid_blocked", await _server.InDatabaseAsync(db => db.AuditEntries.Where(e => e.Action == "sign_in").OrderByDescending(e => e.Id).Select(e => e.Outcome).FirstAsync()));

        // The authenticator asks whether its key is still known: a policy may change back, a key that is thrown away does not come back.
        using var http = _server.NewClient();
        var status = new PasskeyStatusClient(http);
        var silent = await _device.AnswerSilentlyAsync(await status.OptionsAsync(TestContext.Current.CancellationToken), response.Id);
        Assert.Equal(PasskeyStatus.Known, (await status.AskAsync(silent, TestContext.Current.CancellationToken)).Status);

        await _server.SetPolicyAsync("""{"Fido2":null}""");
        await other.OpenAsync("/sign-in");
        options = await (await other.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync();
        Assert.True((await other.FetchAsync("/sign-in/passkey", (await _device.GetAsync(options)).Encode())).IsSuccessStatusCode);
    }

    [Fact]
    public async Task Codes_that_are_withheld_are_neither_asked_for_nor_taken_nor_added()
    {
        await _server.SetPolicyAsync("""{"SoftwareOath":{"state":"disabled"}}""");
        await _browser.OpenAsync("/security-info/add");
        Assert.DoesNotContain("Authenticator code", _browser.Page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await _browser.OpenAsync("/security-info/add/code")).Status);

        using var other = _server.NewBrowser();
        await other.OpenAsync("/sign-in");
        await other.SubmitAsync("/sign-in", ("name", "regular"));
        await other.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        Assert.Contains("You need a second way", other.Page, StringComparison.Ordinal);
        Assert.Equal("/sign-in", (await other.OpenAsync("/sign-in/first-code")).Path);
    }

    [Fact]
    public async Task A_code_typed_when_policy_has_just_withheld_it_is_refused_with_the_rule()
    {
        using var other = _server.NewBrowser();
        await other.OpenAsync("/sign-in");
        await other.SubmitAsync("/sign-in", ("name", "regular"));
        await other.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        await _server.SetPolicyAsync("""{"SoftwareOath":{"includeTargets":[]}}""");

        await other.SubmitAsync("/sign-in/second-factor", ("code", _server.CodeOf("regular")));

        Assert.Equal(HttpStatusCode.Forbidden, other.Status);
        Assert.Contains("none of your groups has it", other.Page, StringComparison.Ordinal);
        Assert.Equal("/sign-in?returnUrl=%2Fsecurity-info", (await other.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public async Task A_pass_of_somebody_policy_keeps_it_from_opens_nothing_and_says_why_to_its_holder_alone()
    {
        await _server.SetPolicyAsync("""{"TemporaryAccessPass":{"state":"disabled"}}""");
        using var other = _server.NewBrowser();
        await other.OpenAsync("/sign-in");
        await other.SubmitAsync("/sign-in", ("name", "newcomer"));
        await other.OpenAsync("/sign-in/pass");
        await other.SubmitAsync("/sign-in/pass", ("code", "WRONG-WRONG"));
        Assert.DoesNotContain("turned this way", other.Page, StringComparison.Ordinal);
        await other.SubmitAsync("/sign-in/pass", ("code", _server.Demo["newcomer temporary-access-pass"]));
        Assert.Contains("turned this way of signing in off", other.Page, StringComparison.Ordinal);
        Assert.NotEqual("/security-info", (await other.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public async Task Who_must_have_a_passkey_is_led_into_the_wizard_with_a_pass_and_out_again_to_where_they_wanted()
    {
        await _server.SetPolicyAsync("""{"Fido2":{"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":true}]}}""");
        using var newcomer = _server.NewBrowser();
        await newcomer.OpenAsync("/sign-in?returnUrl=%2Fsecurity-info%3Fsaid%3Drenamed");
        await newcomer.SubmitAsync("/sign-in", ("name", "newcomer"));
        await newcomer.OpenAsync("/sign-in/pass?returnUrl=%2Fsecurity-info%3Fsaid%3Drenamed");
        await newcomer.SubmitAsync("/sign-in/pass", ("code", _server.Demo["newcomer temporary-access-pass"]));
        Assert.StartsWith("/passkey-required", newcomer.Path, StringComparison.Ordinal);
        Assert.Contains("Your organisation requires a passkey", newcomer.Page, StringComparison.Ordinal);
        Assert.StartsWith("/passkey-required", (await newcomer.OpenAsync("/security-info")).Path, StringComparison.Ordinal); // again, but never in circles

        await newcomer.FollowAsync("Add a passkey");
        Assert.Equal("/security-info/add", newcomer.Path);
        await _device.RegisterAsync(newcomer);
        var id = await _server.InDatabaseAsync(db => db.Passkeys.Select(p => p.Id).SingleAsync());
        await newcomer.OpenAsync($"/security-info/passkeys/{id}/name?new=1");
        await newcomer.SubmitAsync($"/security-info/passkeys/{id}/name", ("name", "Mine"));
        Assert.StartsWith("/security-info", newcomer.Path, StringComparison.Ordinal);
        Assert.Contains("Mine", newcomer.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_must_have_a_passkey_is_led_aside_on_the_way_to_a_program_too_but_not_to_one_that_adds_passkeys()
    {
        await _server.SetPolicyAsync("""{"Fido2":{"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":true}]}}""");
        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:49152/callback")).Address.PathAndQuery;
        var reading = request.Replace("UserAuthenticationMethod.ReadWrite", "UserAuthenticationMethod.Read", StringComparison.Ordinal);
        Assert.NotEqual(request, reading);

        Assert.StartsWith("/passkey-required", (await _browser.OpenAsync(reading)).Path, StringComparison.Ordinal);
        await _device.RegisterAsync(_browser);
        var id = await _server.InDatabaseAsync(db => db.Passkeys.Select(p => p.Id).SingleAsync());
        await _browser.OpenAsync($"/security-info/passkeys/{id}/name?new=1");
        await _browser.SubmitAsync($"/security-info/passkeys/{id}/name", ("name", "Mine"));
        await _browser.SubmitAsync("/connect/authorize", ("allow", "1")); // the passkey answered the policy, and no program
        Assert.Equal(49_152, _browser.Away!.Port);

        using var other = _server.NewBrowser();
        Assert.NotEmpty((await AppAccount.AuthorizeAsync(_server, other, "admin")).AccessToken);
    }

    [Fact]
    public async Task A_required_passkey_nobody_can_make_is_said_with_the_reason_and_the_person_goes_on()
    {
        await _server.SetPolicyAsync("""
            {"Fido2":{"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":true}],
                      "passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"attestationEnforcement":"registrationOnly",
                        "keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["20000000-0000-0000-0000-000000000000"]}}}}}
            """);
        Assert.StartsWith("/passkey-required", (await _browser.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
        Assert.Contains("devices that prove their make", _browser.Page, StringComparison.Ordinal);
        Assert.Contains("Tell your administrator", _browser.Page, StringComparison.Ordinal);

        Assert.Equal("/security-info", (await _browser.FollowAsync("Continue")).Path);
        Assert.Equal("/security-info", (await _browser.OpenAsync("/security-info")).Path);
    }

    private static string Restrict(string list, string aaguid) => """
        {"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"keyRestrictions":{"isEnforced":true,"enforcementType":"LIST","aaGuids":["AAGUID"]}}}}}
        """.Replace("LIST", list, StringComparison.Ordinal).Replace("AAGUID", aaguid, StringComparison.Ordinal);
}
