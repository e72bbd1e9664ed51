using System.Text;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>The policy over the administration's socket, as the command line uses it.</summary>
public sealed class PolicyAdministrationTests : AdministrationTest
{
    private const string Model = "20000000-0000-0000-0000-000000000000";

    [Fact]
    public async Task A_change_touches_what_it_names_and_nothing_else_and_what_is_shown_can_be_set_again()
    {
        var group = await Admin.AddGroupAsync("Staff", Token);
        var before = await Admin.GetPolicyAsync(Token);
        Assert.Equal(0, before.Version);

        var change = await ChangeAsync("""{"Fido2":{"includeTargets":[{"targetType":"group","id":"staff","isRegistrationRequired":true}]}}""");

        Assert.Equal(1, change.Policy.Version);
        var fido2 = change.Policy.AuthenticationMethodConfigurations.GetProperty("Fido2");
        Assert.Equal(group.Id, fido2.GetProperty("includeTargets")[0].GetProperty("id").GetString());
        Assert.Equal("enabled", fido2.GetProperty("state").GetString());
        Assert.True(fido2.GetProperty("isSelfServiceRegistrationAllowed").GetBoolean());
        Assert.Equal(
            before.AuthenticationMethodConfigurations.GetProperty("SoftwareOath").GetRawText(), change.Policy.AuthenticationMethodConfigurations.GetProperty("SoftwareOath").GetRawText());

        var shown = await Admin.GetPolicyAsync(Token);
        var again = await Admin.ChangePolicyAsync(JsonSerializer.SerializeToUtf8Bytes(shown, ApiJson.Default.PolicyDocument), null, isDryRun: false, Token);
        Assert.Equal(shown.AuthenticationMethodConfigurations.GetRawText(), again.Policy.AuthenticationMethodConfigurations.GetRawText());
        Assert.Equal(2, again.Policy.Version);

        // a method that is taken away is as it was at the beginning
        var reset = await ChangeAsync("""{"Fido2":null}""");
        Assert.Equal(before.AuthenticationMethodConfigurations.GetRawText(), reset.Policy.AuthenticationMethodConfigurations.GetRawText());
        Assert.Equal(3, await InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.Action == "policy.changed" && e.Actor == "local")));
    }

    [Fact]
    public async Task A_change_for_a_version_that_is_gone_changes_nothing_whether_the_file_or_the_header_says_so()
    {
        await ChangeAsync("""{"SoftwareOath":{"state":"disabled"}}""");
        var header = await Assert.ThrowsAsync<ApiException>(() => Admin.ChangePolicyAsync("{}"u8.ToArray(), ifVersion: 0, isDryRun: false, Token));
        var file = await Assert.ThrowsAsync<ApiException>(() => Admin.ChangePolicyAsync("""{"version":0,"authenticationMethodConfigurations":{}}"""u8.ToArray(), null, isDryRun: false, Token));

        Assert.Equal(["policy_version_mismatch", "policy_version_mismatch"], [header.Code, file.Code]);
        Assert.Equal(1, (await Admin.GetPolicyAsync(Token)).Version);
        Assert.Equal(2, (await Admin.ChangePolicyAsync("{}"u8.ToArray(), ifVersion: 1, isDryRun: false, Token)).Policy.Version);
    }

    [Fact]
    public async Task A_dry_run_names_the_people_whose_passkeys_would_stop_and_changes_nothing()
    {
        var joan = await Admin.AddPersonAsync(new("joan", "Joan"), Token);
        await Admin.AddPersonAsync(new("pete", "Pete"), Token);
        await InDatabaseAsync(async db =>
        {
            db.Passkeys.Add(new Passkey { Id = Guid.NewGuid(), UserId = Guid.Parse(joan.Id), CredentialId = [1], PublicKey = [1], Aaguid = Guid.Parse(Model), DisplayName = "Old phone" });
            return await db.SaveChangesAsync();
        });

        var block = """{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"keyRestrictions":{"isEnforced":true,"enforcementType":"block","aaGuids":["20000000-0000-0000-0000-000000000000"]}}}}}""";
        var dry = await ChangeAsync(block, isDryRun: true);

        var refused = Assert.Single(dry.Refused);
        Assert.Equal(("joan", "Old phone", Model, "aaguid_blocked", true), (refused.Person, refused.Passkey, refused.Aaguid, refused.Code, refused.IsLast));
        Assert.Equal(0, (await Admin.GetPolicyAsync(Token)).Version);
        Assert.Single((await ChangeAsync(block)).Refused);
        Assert.Empty((await ChangeAsync(block)).Refused); // it works no longer: nothing stops again
    }

    [Theory]
    [InlineData("""{"Fido2":{"includeTargets":[{"targetType":"group","id":"nobody"}]}}""", "policy_group_unknown", "nobody")]
    [InlineData("""{"SoftwareOath":{"excludeTargets":[{"targetType":"group","id":"00000000-0000-0000-0000-00000000000f"}]}}""", "policy_group_unknown", "00000000000f")]
    [InlineData("""{"Fido2":{"isSelfServiceAllowed":true}}""", "policy_member_unknown", "isSelfServiceAllowed")]
    [InlineData("""{"Sms":{"state":"enabled"}}""", "policy_member_unknown", "Sms")]
    [InlineData("""{"Fido2":{"state":"on"}}""", "policy_value_invalid", "state")]
    [InlineData("""{"Fido2":[]}""", "policy_value_invalid", "Fido2")]
    [InlineData("""{"Fido2":{"state":null}}""", "policy_member_missing", "state")]
    [InlineData("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"keyRestrictions":{"aaGuids":["ded00605"]}}}}}""", "policy_aaguid_invalid", "ded00605")]
    [InlineData("""{"Fido2":{"includeTargets":[{"targetType":"group","id":"all_users","allowedPasskeyProfiles":["00000000-0000-0000-0000-000000000009"]}]}}""", "policy_profile_unknown", "000000000009")]
    [InlineData("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"keyRestrictions":{"isEnforced":true}}}}}""", "policy_contradictory", "none is listed")]
    [InlineData("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"passkeyTypes":"synced","attestationEnforcement":"registrationOnly"}}}}""", "policy_contradictory", "synced")]
    [InlineData("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":null}}}""", "policy_contradictory", "default profile")]
    [InlineData("""{"Fido2":{"isSelfServiceRegistrationAllowed":false,"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":true}]}}""", "policy_contradictory", "required")]
    [InlineData("""{"SoftwareOath":{"excludeTargets":[{"targetType":"group","id":"all_users"}]}}""", "policy_contradictory", "everybody")]
    [InlineData("""{"Fido2":{"state":"disabled"},"SoftwareOath":{"state":"disabled"},"TemporaryAccessPass":{"state":"disabled"}}""", "policy_contradictory", "nobody")]
    [InlineData("""{"Fido2":{"passkeyProfiles":{"0000000a-0000-0000-0000-000000000000":{"name":"One"},"0000000A-0000-0000-0000-000000000000":{"name":"Two"}}}}""", "policy_contradictory", "twice")]
    [InlineData("""{"TemporaryAccessPass":{"minimumLifetimeInMinutes":9}}""", "policy_value_invalid", "minimumLifetimeInMinutes")]
    [InlineData("""{"TemporaryAccessPass":{"maximumLifetimeInMinutes":43201}}""", "policy_value_invalid", "43201")]
    [InlineData("""{"TemporaryAccessPass":{"defaultLifetimeInMinutes":60.5}}""", "policy_value_invalid", "60.5")]
    [InlineData("""{"TemporaryAccessPass":{"defaultLifetimeInMinutes":"60"}}""", "policy_value_invalid", "defaultLifetimeInMinutes")]
    [InlineData("""{"TemporaryAccessPass":{"defaultLength":7}}""", "policy_value_invalid", "defaultLength")]
    [InlineData("""{"TemporaryAccessPass":{"defaultLength":49}}""", "policy_value_invalid", "defaultLength")]
    [InlineData("""{"TemporaryAccessPass":{"defaultLength":9223372036854775807}}""", "policy_value_invalid", "defaultLength")]
    [InlineData("""{"TemporaryAccessPass":{"isUsableOnce":1}}""", "policy_value_invalid", "isUsableOnce")]
    [InlineData("""{"TemporaryAccessPass":{"minimumLifetimeInMinutes":481,"defaultLifetimeInMinutes":481}}""", "policy_contradictory", "more than maximumLifetimeInMinutes")]
    [InlineData("""{"TemporaryAccessPass":{"defaultLifetimeInMinutes":59}}""", "policy_contradictory", "defaultLifetimeInMinutes is not between")]
    [InlineData("""{"TemporaryAccessPass":{"defaultLifetimeInMinutes":481}}""", "policy_contradictory", "defaultLifetimeInMinutes is not between")]
    public async Task A_policy_that_cannot_be_is_refused_with_what_is_wrong_and_what_to_do(string change, string code, string names)
    {
        var refused = await Assert.ThrowsAsync<ApiException>(() => ChangeAsync(change));

        Assert.Equal(code, refused.Code);
        Assert.Contains(names, refused.Message, StringComparison.Ordinal);
        Assert.NotEmpty(refused.NextStep!);
        Assert.Equal(0, (await Admin.GetPolicyAsync(Token)).Version);
    }

    [Fact]
    public async Task What_is_no_json_object_is_refused()
    {
        foreach (var body in new[] { "", "[]", "{\"a\":", "{\"version\":0,\"version\":0}" })
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => Admin.ChangePolicyAsync(Encoding.UTF8.GetBytes(body), null, isDryRun: false, Token));
            Assert.Equal("policy_malformed", refused.Code);
        }
    }

    [Fact]
    public async Task A_required_passkey_whose_make_nobody_here_can_check_is_warned_of_and_one_of_our_own_is_not()
    {
        var required = """{"Fido2":{"includeTargets":[{"targetType":"group","id":"all_users","isRegistrationRequired":true}],"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"attestationEnforcement":"registrationOnly"PLUS}}}}""";
        var others = ""","keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["20000000-0000-0000-0000-000000000000"]}""";

        Assert.Empty((await ChangeAsync(required.Replace("PLUS", "", StringComparison.Ordinal))).Warnings);
        var warned = await ChangeAsync(required.Replace("PLUS", others, StringComparison.Ordinal));
        Assert.Contains("can check none", Assert.Single(warned.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pass_is_not_made_for_somebody_who_could_not_use_it()
    {
        await Admin.AddPersonAsync(new("joan"), Token);
        await Admin.AddGroupAsync("Visitors", Token);
        await Admin.AddMemberAsync("Visitors", "joan", Token);
        await ChangeAsync("""{"TemporaryAccessPass":{"excludeTargets":[{"targetType":"group","id":"Visitors"}]}}""");

        var refused = await Assert.ThrowsAsync<ApiException>(() => Admin.CreatePassAsync("joan", new(), Token));
        Assert.Equal("method_excluded", refused.Code);
        Assert.Contains("joan could not use it", refused.Message, StringComparison.Ordinal);

        var group = await Assert.ThrowsAsync<ApiException>(() => Admin.DeleteGroupAsync("Visitors", Token)); // or joan would be let in by that
        Assert.Equal("policy_names_group", group.Code);
        await ChangeAsync("""{"TemporaryAccessPass":null}""");
        await Admin.CreatePassAsync("joan", new(), Token);
        await Admin.DeleteGroupAsync("Visitors", Token);
    }

    [Fact]
    public async Task A_pass_is_as_the_policy_says_and_one_it_does_not_allow_is_refused_with_the_rule_and_what_to_do()
    {
        await Admin.AddPersonAsync(new("joan"), Token);
        var first = await Admin.CreatePassAsync("joan", new(), Token);
        Assert.Equal((60, false, 8), (first.LifetimeInMinutes, first.IsUsableOnce, LengthOf(first)));
        await RefusedAsync(new(59), "pass_lifetime_not_allowed", "minimumLifetimeInMinutes is 60");
        await RefusedAsync(new(481), "pass_lifetime_not_allowed", "maximumLifetimeInMinutes is 480");
        Assert.Equal(480, (await Admin.CreatePassAsync("joan", new(480), Token)).LifetimeInMinutes);

        await ChangeAsync("""{"TemporaryAccessPass":{"minimumLifetimeInMinutes":10,"defaultLifetimeInMinutes":15,"maximumLifetimeInMinutes":20,"isUsableOnce":true,"defaultLength":18}}""");

        var second = await Admin.CreatePassAsync("joan", new(), Token);
        Assert.Equal((15, true, 18), (second.LifetimeInMinutes, second.IsUsableOnce, LengthOf(second)));
        await RefusedAsync(new(21), "pass_lifetime_not_allowed", "maximumLifetimeInMinutes is 20");
        await RefusedAsync(new(10, IsUsableOnce: false), "pass_reuse_not_allowed", "isUsableOnce is true");
        Assert.Equal(3, await InDatabaseAsync(db => db.AuditEntries.CountAsync(entry => entry.Action == "method.added" && entry.Outcome == "pass_lifetime_not_allowed")));

        // a member taken away is as it was at the beginning, like a policy stored before there was that member
        await ChangeAsync("""{"TemporaryAccessPass":{"minimumLifetimeInMinutes":null,"defaultLifetimeInMinutes":null,"maximumLifetimeInMinutes":null,"isUsableOnce":null,"defaultLength":null}}""");
        Assert.Equal(60, (await Admin.CreatePassAsync("joan", new(IsUsableOnce: true), Token)).LifetimeInMinutes);

        async Task RefusedAsync(NewTemporaryAccessPass wanted, string code, string rule)
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => Admin.CreatePassAsync("joan", wanted, Token));
            Assert.Equal(code, refused.Code);
            Assert.Contains(rule, refused.Message, StringComparison.Ordinal);
            Assert.Contains("policy set", refused.NextStep, StringComparison.Ordinal);
        }

        static int LengthOf(CreatedTemporaryAccessPass pass) => pass.TemporaryAccessPass.Count(char.IsLetterOrDigit);
    }

    [Fact]
    public async Task A_pass_that_is_over_before_it_is_made_or_starts_in_another_age_is_refused()
    {
        await Admin.AddPersonAsync(new("joan"), Token);
        var now = App.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        foreach (var start in new[] { now.AddMinutes(-60), now.AddDays(367), DateTimeOffset.MaxValue, DateTimeOffset.MinValue })
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => Admin.CreatePassAsync("joan", new(60, StartDateTime: start), Token));
            Assert.Equal("pass_start_invalid", refused.Code);
            Assert.NotEmpty(refused.NextStep!);
        }

        var later = DateTimeOffset.FromUnixTimeMilliseconds(now.AddDays(2).ToUnixTimeMilliseconds()); // as exactly as it is kept
        Assert.Equal(later, (await Admin.CreatePassAsync("joan", new(60, StartDateTime: later), Token)).StartDateTime);
    }

    [Fact]
    public async Task A_policy_stored_before_passes_had_lifetimes_has_the_defaults()
    {
        await Admin.AddPersonAsync(new("joan"), Token);
        await ChangeAsync("{}");
        await InDatabaseAsync(async db =>
        {
            var stored = await db.Policies.SingleAsync();
            stored.Document = """{"TemporaryAccessPass":{"state":"enabled","includeTargets":[{"targetType":"group","id":"all_users"}],"excludeTargets":[]}}""";
            return await db.SaveChangesAsync();
        });

        var pass = (await Admin.GetPolicyAsync(Token)).AuthenticationMethodConfigurations.GetProperty("TemporaryAccessPass");
        Assert.Equal(
            (60, 480, 60, 8, false),
            (pass.GetProperty("minimumLifetimeInMinutes").GetInt32(), pass.GetProperty("maximumLifetimeInMinutes").GetInt32(), pass.GetProperty("defaultLifetimeInMinutes").GetInt32(),
                pass.GetProperty("defaultLength").GetInt32(), pass.GetProperty("isUsableOnce").GetBoolean()));
        Assert.Equal(60, (await Admin.CreatePassAsync("joan", new(), Token)).LifetimeInMinutes);
    }

    [Fact]
    public async Task A_database_from_before_the_policy_is_brought_up_to_date_and_allows_what_it_did()
    {
        await Admin.AddPersonAsync(new("joan"), Token);
        await InDatabaseAsync(async db =>
        {
            await db.GetService<IMigrator>().MigrateAsync("Initial", Token);
            await db.Database.MigrateAsync(Token);
            return 0;
        });

        Assert.Equal("joan", (await Admin.GetPersonAsync("joan", Token)).Name);
        Assert.Equal(0, (await Admin.GetPolicyAsync(Token)).Version);
        await Admin.CreatePassAsync("joan", new(), Token);
    }

    private Task<PolicyChange> ChangeAsync(string methods, bool isDryRun = false) =>
        Admin.ChangePolicyAsync(Encoding.UTF8.GetBytes($$"""{"authenticationMethodConfigurations":{{methods}}}"""), ifVersion: null, isDryRun, Token);

    private async Task<T> InDatabaseAsync<T>(Func<LatchkeyDb, Task<T>> act)
    {
        await using var scope = App.Services.CreateAsyncScope();
        return await act(scope.ServiceProvider.GetRequiredService<LatchkeyDb>());
    }
}
