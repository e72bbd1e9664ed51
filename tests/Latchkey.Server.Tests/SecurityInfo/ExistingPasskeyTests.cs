using System.Net;
using System.Text.Json;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>A passkey that is there already: named, used, tested, replaced.</summary>
public sealed class ExistingPasskeyTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Device _device = null!, _other = null!;
    private Browser _browser = null!;
    private Passkey _old = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        (_device, _other) = (new Device(_server) { Replaces = true }, new Device(_server));
        _browser = await _server.NewBrowser().SignInAsync("regular");
        await _device.RegisterAsync(_browser);
        await _server.InDatabaseAsync(db => db.Passkeys.ExecuteUpdateAsync(set => set.SetProperty(p => p.DisplayName, "Work phone")));
        _old = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync());
        await _browser.OpenAsync("/security-info/add/passkey");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        _device.Dispose();
        _other.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("/security-info/add/passkey")]
    [InlineData("/security-info/add/device/save?platform=ios")]
    [InlineData("/security-info/add/this-device/save?platform=ios")]
    public async Task Where_a_passkey_is_made_the_one_that_is_there_is_named_and_can_be_used_tested_replaced_and_deleted(string page)
    {
        await _browser.OpenAsync(page);

        var text = WebUtility.HtmlDecode(_browser.Page);
        Assert.Equal(page, _browser.Path);
        Assert.Contains("Work phone</h2>", text, StringComparison.Ordinal);
        Assert.Contains("In the Authenticator", text, StringComparison.OrdinalIgnoreCase);
        Assert.Contains($"/security-info/passkeys/{_old.Id}/use", text, StringComparison.Ordinal);
        Assert.Contains("data-act=\"test\"", text, StringComparison.Ordinal);
        Assert.Contains("data-act=\"replace\"", text, StringComparison.Ordinal);
        Assert.Contains($"/security-info/passkeys/{_old.Id}/delete", text, StringComparison.Ordinal);
        await _browser.FollowAsync("Use it");
        Assert.Contains("you sign in with the passkey you have", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_policy_no_longer_accepts_says_why_and_is_offered_for_no_use_and_no_test()
    {
        await _server.SetPolicyAsync("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"keyRestrictions":{"isEnforced":true,"enforcementType":"block","aaGuids":["MODEL"]}}}}}"""
            .Replace("MODEL", _old.Aaguid.ToString(), StringComparison.Ordinal));
        await _browser.OpenAsync("/security-info/add/passkey");

        Assert.DoesNotContain("data-act=\"test\"", _browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("/use\"", _browser.Page, StringComparison.Ordinal);
        Assert.Contains("data-act=\"replace\"", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replacing_tells_its_authenticator_to_leave_alone_every_passkey_but_that_one_and_the_old_one_goes_with_the_commit_of_the_new()
    {
        await _other.RegisterAsync(_browser);
        var kept = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync(p => p.Id != _old.Id));
        var options = await BeginAsync(_old.Id);
        Assert.Equal([new ByteString(kept.CredentialId)], PublicKeyCredentialCreationOptions.Parse(options).ExcludeCredentials.Select(p => p.Id.Bytes));
        var response = (await _device.CreateAsync(options)).Encode();
        Assert.Equal(2, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync())); // nothing goes before the server has accepted the new one

        var answer = await CompleteAsync(response, _old.Id);

        var id = answer.GetProperty("id").GetGuid();
        Assert.Equal(new[] { kept.Id, id }.Order(), (await _server.InDatabaseAsync(db => db.Passkeys.Select(p => p.Id).ToListAsync())).Order());
        Assert.Equal("Work phone", (await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync(p => p.Id == id))).DisplayName);
        Assert.DoesNotContain("beside", answer.GetProperty("next").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.Action == "method.deleted" && e.MethodId == _old.Id)));
        // the same response once more, its answer was lost: the same answer
        Assert.Equal(answer.GetRawText(), (await CompleteAsync(response, _old.Id)).GetRawText());
    }

    [Fact]
    public async Task The_sessions_the_old_one_opened_end_and_the_one_that_replaces_it_goes_on()
    {
        await _server.InDatabaseAsync(async db =>
        {
            var user = await db.Users.SingleAsync(u => u.UserName == "regular");
            db.Sessions.Add(new Session { Id = Guid.CreateVersion7(), UserId = user.Id, FirstMethodId = _old.Id, Amr = "pop", ExpiresAt = DateTimeOffset.MaxValue });
            return await db.SaveChangesAsync();
        });

        await CompleteAsync((await _device.CreateAsync(await BeginAsync(_old.Id))).Encode(), _old.Id);

        Assert.Equal(0, await _server.InDatabaseAsync(db => db.Sessions.CountAsync(s => s.FirstMethodId == _old.Id && s.EndedAt == null)));
        await _browser.OpenAsync("/security-info");
        Assert.Equal("/security-info", _browser.Path);
    }

    [Fact]
    public async Task What_was_begun_to_replace_one_passkey_removes_no_other_and_what_replaces_none_removes_none()
    {
        await _other.RegisterAsync(_browser);
        var kept = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync(p => p.Id != _old.Id));
        using var third = new Device(_server);
        await _browser.OpenAsync("/security-info/add/passkey");

        var begunForOld = (await _device.CreateAsync(await BeginAsync(_old.Id))).Encode();
        var begunForNone = (await third.CreateAsync(await (await _browser.FetchAsync("/security-info/passkeys/options")).Content.ReadAsByteArrayAsync())).Encode();
        Assert.Equal("ceremony_session_mismatch", await Answers.CodeOfAsync(await _browser.FetchAsync($"/security-info/passkeys?replaces={kept.Id}", begunForOld)));
        Assert.Equal("ceremony_session_mismatch", await Answers.CodeOfAsync(await _browser.FetchAsync("/security-info/passkeys", begunForOld)));
        Assert.Equal("ceremony_session_mismatch", await Answers.CodeOfAsync(await _browser.FetchAsync($"/security-info/passkeys?replaces={_old.Id}", begunForNone)));

        Assert.Equal(2, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync()));
    }

    [Fact]
    public async Task Where_policy_refuses_the_new_one_the_old_one_stays()
    {
        var response = (await _device.CreateAsync(await BeginAsync(_old.Id))).Encode();
        await _server.SetPolicyAsync("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":{"passkeyTypes":"synced"}}}}""");

        Assert.Equal("passkey_type_not_allowed", await Answers.CodeOfAsync(await _browser.FetchAsync($"/security-info/passkeys?replaces={_old.Id}", response)));

        Assert.Equal(_old.Id, (await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync())).Id);
    }

    [Fact]
    public async Task One_that_was_deleted_meanwhile_is_no_obstacle_and_one_of_somebody_else_is_not_there()
    {
        using var admin = await _server.NewBrowser().SignInAsync("admin");
        await admin.OpenAsync("/security-info/add/passkey");
        Assert.Equal("passkey_not_found", await Answers.CodeOfAsync(await admin.FetchAsync($"/security-info/passkeys/options?replaces={_old.Id}")));
        Assert.Equal("passkey_not_found", await Answers.CodeOfAsync(await admin.FetchAsync($"/security-info/passkeys/{_old.Id}/test/options")));

        var response = (await _device.CreateAsync(await BeginAsync(_old.Id))).Encode();
        await _server.InDatabaseAsync(db => db.Passkeys.ExecuteDeleteAsync());

        await CompleteAsync(response, _old.Id);
        Assert.Equal("passkey_not_found", await Answers.CodeOfAsync(await _browser.FetchAsync($"/security-info/passkeys/options?replaces={_old.Id}")));
    }

    [Fact]
    public async Task Whoever_has_as_many_as_can_be_replaces_one_all_the_same()
    {
        await _server.InDatabaseAsync(async db =>
        {
            for (var n = 1; n < Passkey.MaxPerUser; n++)
            {
                db.Passkeys.Add(new Passkey { Id = Guid.CreateVersion7(), UserId = _old.UserId, CredentialId = [(byte)n], PublicKey = [1], DisplayName = $"Number {n}" });
            }

            return await db.SaveChangesAsync();
        });
        Assert.Equal("passkey_limit_reached", await Answers.CodeOfAsync(await _browser.FetchAsync("/security-info/passkeys/options")));

        await CompleteAsync((await _device.CreateAsync(await BeginAsync(_old.Id))).Encode(), _old.Id);

        Assert.Equal(Passkey.MaxPerUser, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync()));
    }

    [Fact]
    public async Task Replacing_needs_a_second_factor_of_now_as_adding_does()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("step_up_required", await Answers.CodeOfAsync(await _browser.FetchAsync($"/security-info/passkeys/options?replaces={_old.Id}")));
    }

    [Fact]
    public async Task A_test_asks_for_that_passkey_alone_says_whether_it_works_and_proves_nothing_else()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(30)); // the second factor is long ago: a test needs none
        await _other.RegisterAsync(await _server.NewBrowser().SignInAsync("regular"));
        var begun = await TestOptionsAsync();
        Assert.Equal([new ByteString(_old.CredentialId)], PublicKeyCredentialRequestOptions.Parse(begun).AllowCredentials.Select(p => p.Id.Bytes));
        var response = (await _device.GetAsync(begun)).Encode();

        var answer = await _browser.FetchAsync($"/security-info/passkeys/{_old.Id}/test", response);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _browser.FetchAsync($"/security-info/passkeys/{_old.Id}/test", response)).StatusCode); // the same answer again
        Assert.Equal("step_up_required", await Answers.CodeOfAsync(await _browser.FetchAsync("/security-info/passkeys/options")));
        Assert.Equal("ceremony_already_used", await Answers.CodeOfAsync(await _browser.FetchAsync("/step-up/passkey", response)));
        Assert.Null((await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync(p => p.Id == _old.Id))).LastUsedAt);
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.AuditEntries.CountAsync(e => e.Action == "method.tested" && e.MethodId == _old.Id && e.Outcome == "success")));
    }

    [Fact]
    public async Task A_response_for_a_test_is_worth_nothing_as_a_proof_and_another_passkey_is_not_taken_for_the_one_tested()
    {
        var begun = await TestOptionsAsync();
        Assert.Equal("ceremony_unknown", await KindRefusedAsync((await _device.GetAsync(begun)).Encode()));

        await _other.RegisterAsync(_browser);
        var another = PublicKeyCredentialRequestOptions.Parse(await TestOptionsAsync()) with { AllowCredentials = [] };
        var response = (await _other.GetAsync(another.Encode())).Encode();
        Assert.Equal("credential_not_allowed", await Answers.CodeOfAsync(await _browser.FetchAsync($"/security-info/passkeys/{_old.Id}/test", response)));

        async Task<string> KindRefusedAsync(byte[] asStepUp) => await Answers.CodeOfAsync(await _browser.FetchAsync("/step-up/passkey", asStepUp));
    }

    private async Task<byte[]> TestOptionsAsync() => await (await _browser.FetchAsync($"/security-info/passkeys/{_old.Id}/test/options")).Content.ReadAsByteArrayAsync();

    private async Task<byte[]> BeginAsync(Guid replaces) => await (await _browser.FetchAsync($"/security-info/passkeys/options?replaces={replaces}")).Content.ReadAsByteArrayAsync();

    private async Task<JsonElement> CompleteAsync(byte[] response, Guid replaces)
    {
        var answer = await _browser.FetchAsync($"/security-info/passkeys?replaces={replaces}", response);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }
}
