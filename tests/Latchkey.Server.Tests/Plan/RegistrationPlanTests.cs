using System.Net;
using Latchkey.Api;
using Latchkey.Api.Plan;
using Latchkey.Authenticator;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;

namespace Latchkey.Server.Tests.Plan;

/// <summary>The plan as an Authenticator asks for it, policy by policy.</summary>
public sealed class RegistrationPlanTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;
    private HttpClient _http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        await _server.SetPolicyAsync("""{"Fido2":null,"Authenticator":null,"SoftwareOath":null}""");
        _browser = _server.NewBrowser();
        _http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "newcomer"));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Without_rules_everything_is_offered_to_somebody_who_has_nothing() =>
        Assert.Equal("passkey offered, phoneSignIn offered, notifications offered, codes offered", Said(await PlanAsync()));

    [Theory]
    [InlineData("""{"Fido2":{"state":"disabled"}}""", PlannedMethods.Passkey, "method_disabled")]
    [InlineData("""{"Fido2":{"includeTargets":[]}}""", PlannedMethods.Passkey, "method_not_included")]
    [InlineData("""{"Fido2":{"isSelfServiceRegistrationAllowed":false}}""", PlannedMethods.Passkey, "self_service_registration_disabled")]
    [InlineData("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"attestationEnforcement":"registrationOnly","keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["20000000-0000-0000-0000-000000000000"]}}}}}""", PlannedMethods.Passkey, "attestation_required")]
    [InlineData("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"passkeyTypes":"synced"}}}}""", PlannedMethods.Passkey, "passkey_type_not_allowed")]
    [InlineData("""{"Authenticator":{"includeTargets":[{"targetType":"group","id":"all_users","authenticationMode":"push"}]}}""", PlannedMethods.PhoneSignIn, "phone_sign_in_not_offered")]
    [InlineData("""{"Authenticator":{"includeTargets":[{"targetType":"group","id":"all_users","authenticationMode":"deviceBasedPush"}]}}""", PlannedMethods.Notifications, "notifications_not_offered")]
    [InlineData("""{"SoftwareOath":{"state":"disabled"}}""", PlannedMethods.Codes, "method_disabled")]
    public async Task What_policy_keeps_is_withheld_with_the_rule_and_the_rest_is_offered(string change, string method, string code)
    {
        await _server.SetPolicyAsync(change);

        var plan = await PlanAsync();

        var withheld = Assert.Single(plan.Methods, planned => planned.State == PlannedState.Withheld);
        Assert.Equal((method, code), (withheld.Method, withheld.Problem!.Code));
        Assert.Contains("Your organisation", withheld.Problem.Message, StringComparison.Ordinal);
        Assert.NotEmpty(withheld.Problem.NextStep);
        Assert.Equal(3, plan.Methods.Count(planned => planned.State == PlannedState.Offered));
    }

    [Fact]
    public async Task A_model_policy_refuses_is_withheld_from_that_model_alone()
    {
        await _server.SetPolicyAsync("""
            {"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"keyRestrictions":{"isEnforced":true,"enforcementType":"block","aaGuids":["AAGUID"]}}}}}
            """.Replace("AAGUID", AuthenticatorAaguid.Value.ToString(), StringComparison.Ordinal));

        Assert.Equal("aaguid_blocked", (await PlanAsync()).For(PlannedMethods.Passkey)!.Problem!.Code);
        Assert.True((await PlanAsync(new Aaguid(Guid.CreateVersion7()))).For(PlannedMethods.Passkey)!.CanBeAdded);
    }

    [Fact]
    public async Task A_required_passkey_is_required_until_there_is_one_and_one_more_may_follow()
    {
        using var device = new Device(_server);
        using var browser = await _server.NewBrowser().SignInAsync("newcomer");
        await _server.SetPolicyAsync("""{"Fido2":{"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":true}]}}""");
        Assert.Equal(PlannedState.Required, (await PlanAsync()).For(PlannedMethods.Passkey)!.State);

        var made = await device.RegisterAsync(browser);

        var passkey = (await PlanAsync()).For(PlannedMethods.Passkey)!;
        Assert.Equal(PlannedState.Registered, passkey.State);
        Assert.True(passkey.CanBeAdded);
        Assert.Equal(made.Id.ToString(), Assert.Single(passkey.Registered).Id);
    }

    [Fact]
    public async Task Codes_somebody_has_are_named()
    {
        using var browser = _server.NewBrowser();
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, browser, "regular"));

        var codes = (await new RegistrationPlanClient(http).GetAsync(AuthenticatorAaguid.Value, Token)).For(PlannedMethods.Codes)!;

        Assert.Equal(PlannedState.Registered, codes.State);
        Assert.Equal("Authenticator app", Assert.Single(codes.Registered).DisplayName);
    }

    [Fact]
    public async Task Nobody_gets_a_plan_without_a_token()
    {
        using var anonymous = _server.NewClient();
        Assert.Equal("sign_in_required", (await Assert.ThrowsAsync<ApiException>(() => new RegistrationPlanClient(anonymous).GetAsync(Aaguid.None, Token))).Code);
        Assert.Equal(HttpStatusCode.BadRequest, (await _http.GetAsync(RegistrationPlanClient.Path + "?aaguid=mine", Token)).StatusCode);
    }

    private Task<RegistrationPlan> PlanAsync(Aaguid? model = null) => new RegistrationPlanClient(_http).GetAsync(model ?? AuthenticatorAaguid.Value, Token);

    private static string Said(RegistrationPlan plan) => string.Join(", ", plan.Methods.Select(method => $"{method.Method} {method.State}"));
}
