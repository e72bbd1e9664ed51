using System.Text.RegularExpressions;
using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Authenticator.Vault;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Approvals;

/// <summary>A number on the page, typed in the Authenticator, signed by its device: who is let in, and who is not.</summary>
public sealed partial class ApprovalTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private AppDevice _app = null!;
    private Browser _browser = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _app = await AppDevice.SignInAsync(_server, "regular");
        await _app.RegisterAsync();
        _browser = _server.NewBrowser();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        _app.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task After_the_password_the_right_number_signs_in_with_two_factors()
    {
        await AfterPasswordAsync(_browser);
        var request = Assert.Single(await _app.PendingAsync());
        Assert.Equal((ApprovalKinds.SecondFactor, "My Security info", 60), (request.Kind, request.App, request.SecondsLeft));
        await _app.ApproveAsync(request.Id, NumberOn(_browser));

        await FinishAsync(_browser);

        Assert.Equal("/security-info", _browser.Path);
        var session = await _server.InDatabaseAsync(db => db.Sessions.SingleAsync(s => s.Amr.Contains("pop")));
        Assert.Equal(("pwd pop user mfa", Guid.Parse(_app.Key.Id!)), (session.Amr, session.SecondMethodId!.Value));
    }

    [Fact]
    public async Task By_phone_the_right_number_signs_in_without_a_password()
    {
        await ByPhoneAsync(_browser, "regular");
        var request = Assert.Single(await _app.PendingAsync());
        Assert.Equal(ApprovalKinds.PhoneSignIn, request.Kind);
        await _app.ApproveAsync(request.Id, NumberOn(_browser));

        await FinishAsync(_browser);

        Assert.Equal("/security-info", _browser.Path);
        Assert.Equal("pop user mfa", await _server.InDatabaseAsync(db => db.Sessions.Where(s => s.Amr.Contains("pop")).Select(s => s.Amr).SingleAsync()));
    }

    [Fact]
    public async Task A_step_up_is_proved_by_number_too()
    {
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        await browser.OpenAsync("/security-info/add/recovery-codes");
        await browser.SubmitAsync("/step-up/approval");
        var request = Assert.Single(await _app.PendingAsync());
        Assert.Equal(ApprovalKinds.StepUp, request.Kind);
        await _app.ApproveAsync(request.Id, NumberOn(browser));

        await FinishAsync(browser);

        Assert.Equal("/security-info/add/recovery-codes", browser.Path);
    }

    [Fact]
    public async Task A_wrong_number_refuses_the_request_for_good()
    {
        await AfterPasswordAsync(_browser);
        var (request, number) = (Assert.Single(await _app.PendingAsync()), NumberOn(_browser));

        Assert.Equal("approval_number_wrong", await RefusalOf(() => _app.ApproveAsync(request.Id, number == "99" ? "98" : "99")));
        Assert.Equal("approval_over", await RefusalOf(() => _app.ApproveAsync(request.Id, number)));

        await _browser.OpenAsync(_browser.Path);
        Assert.Contains("That was another number", _browser.Page, StringComparison.Ordinal);
        await AssertNotSignedInAsync(_browser);
    }

    [Fact]
    public async Task An_answer_is_taken_once()
    {
        await AfterPasswordAsync(_browser);
        var (request, number) = (Assert.Single(await _app.PendingAsync()), NumberOn(_browser));
        var answer = _app.Answer(request.Id, ApprovalDecisions.Approve, number);
        await _app.Approvals.AnswerAsync(request.Id, answer, CancellationToken.None);

        Assert.Equal("approval_over", await RefusalOf(() => _app.Approvals.AnswerAsync(request.Id, answer, CancellationToken.None)));

        // Nor is it good for the next request.
        using var other = _server.NewBrowser();
        await AfterPasswordAsync(other);
        var next = Assert.Single(await _app.PendingAsync());
        Assert.Equal("device_signature_invalid", await RefusalOf(() => _app.Approvals.AnswerAsync(next.Id, answer, CancellationToken.None)));
    }

    [Fact]
    public async Task A_stolen_token_without_the_devices_key_answers_nothing()
    {
        await AfterPasswordAsync(_browser);
        var (request, number) = (Assert.Single(await _app.PendingAsync()), NumberOn(_browser));
        var answer = _app.Answer(request.Id, ApprovalDecisions.Approve, number, VaultDevice.Create());

        Assert.Equal("device_signature_invalid", await RefusalOf(() => _app.Approvals.AnswerAsync(request.Id, answer, CancellationToken.None)));
        Assert.Equal("device_signature_invalid", await RefusalOf(() => _app.Approvals.AnswerAsync(request.Id, _app.Answer(request.Id, ApprovalDecisions.Deny, null, VaultDevice.Create()), CancellationToken.None)));
        await AssertNotSignedInAsync(_browser);
    }

    [Fact]
    public async Task A_refusal_can_not_be_turned_into_a_yes_nor_one_number_into_another()
    {
        await AfterPasswordAsync(_browser);
        var (request, number) = (Assert.Single(await _app.PendingAsync()), NumberOn(_browser));
        var denied = _app.Answer(request.Id, ApprovalDecisions.Deny, null);
        var wrong = _app.Answer(request.Id, ApprovalDecisions.Approve, "10");

        Assert.Equal("device_signature_invalid", await RefusalOf(() => _app.Approvals.AnswerAsync(request.Id, denied with { Decision = ApprovalDecisions.Approve, Number = number }, CancellationToken.None)));
        Assert.Equal("device_signature_invalid", await RefusalOf(() => _app.Approvals.AnswerAsync(request.Id, wrong with { Number = "11" }, CancellationToken.None)));
    }

    [Fact]
    public async Task Another_accounts_device_answers_nothing()
    {
        using var other = await AppDevice.SignInAsync(_server, "newcomer");
        await other.RegisterAsync();
        await AfterPasswordAsync(_browser);
        var (request, number) = (Assert.Single(await _app.PendingAsync()), NumberOn(_browser));

        Assert.Empty(await other.PendingAsync());
        Assert.Equal("approval_over", await RefusalOf(() => other.ApproveAsync(request.Id, number)));
        // Nor with the right person's token.
        var theirs = other.Answer(request.Id, ApprovalDecisions.Approve, number);
        Assert.Equal("authenticator_not_found", await RefusalOf(() => _app.Approvals.AnswerAsync(request.Id, theirs, CancellationToken.None)));
    }

    [Fact]
    public async Task Of_two_devices_either_answers_and_the_others_request_is_gone()
    {
        using var second = await AppDevice.SignInAsync(_server, "regular");
        await second.RegisterAsync();
        await AfterPasswordAsync(_browser);
        var (request, number) = (Assert.Single(await second.PendingAsync()), NumberOn(_browser));
        Assert.Equal(request.Id, Assert.Single(await _app.PendingAsync()).Id);

        await second.ApproveAsync(request.Id, number);

        Assert.Empty(await _app.PendingAsync());
        Assert.Equal("approval_over", await RefusalOf(() => _app.DenyAsync(request.Id)));
        await FinishAsync(_browser);
        Assert.Equal("/security-info", _browser.Path);
    }

    [Fact]
    public async Task A_request_is_over_after_sixty_seconds_by_the_servers_clock()
    {
        await AfterPasswordAsync(_browser);
        var (request, number) = (Assert.Single(await _app.PendingAsync()), NumberOn(_browser));
        _server.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(1, Assert.Single(await _app.PendingAsync()).SecondsLeft);
        _server.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Empty(await _app.PendingAsync());
        Assert.Equal("approval_over", await RefusalOf(() => _app.ApproveAsync(request.Id, number)));
        await _browser.OpenAsync(_browser.Path);
        Assert.Contains("Nobody answered in time", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_approval_nobody_comes_for_is_worth_nothing_a_minute_later()
    {
        await AfterPasswordAsync(_browser);
        await _app.ApproveAsync(Assert.Single(await _app.PendingAsync()).Id, NumberOn(_browser));
        await _browser.OpenAsync(_browser.Path);
        _server.Time.Advance(TimeSpan.FromSeconds(61));

        await _browser.SubmitAsync(PathOf(_browser));

        await AssertNotSignedInAsync(_browser);
    }

    [Fact]
    public async Task A_restart_between_request_and_answer_changes_nothing()
    {
        await AfterPasswordAsync(_browser);
        var (request, number, directory) = (Assert.Single(await _app.PendingAsync()), NumberOn(_browser), _server.Options.DataDirectory);
        await _server.StopAsync();

        _server = await RunningServer.StartAsync(directory);
        using var app = _app.AtServer(_server);
        await app.ApproveAsync(request.Id, number);
        using var browser = _browser.AtServer(_server);
        await browser.OpenAsync(_browser.Path);
        await browser.SubmitAsync(PathOf(browser));

        Assert.Equal("/security-info", browser.Path);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_the_browser_that_began_it_is_signed_in_by_it(bool afterPassword)
    {
        if (afterPassword) await AfterPasswordAsync(_browser);
        else await ByPhoneAsync(_browser, "regular");
        await _app.ApproveAsync(Assert.Single(await _app.PendingAsync()).Id, NumberOn(_browser));
        using var other = _server.NewBrowser();
        await ByPhoneAsync(other, "nobody");

        await other.OpenAsync(_browser.Path);

        Assert.StartsWith("/sign-in", other.Path, StringComparison.Ordinal);
        Assert.DoesNotContain(_browser.Path, other.Path, StringComparison.Ordinal);
        await ByPhoneAsync(other, "nobody");
        await other.SubmitAsync(PathOf(other) + "/other", to: PathOf(_browser));
        Assert.Equal("/sign-in", other.Path);
        await other.OpenAsync(PathOf(_browser) + "/status");
        Assert.Equal(System.Net.HttpStatusCode.NotFound, other.Status);
        await AssertNotSignedInAsync(other);
        await FinishAsync(_browser);
        Assert.Equal("/security-info", _browser.Path);
    }

    [Fact]
    public async Task One_request_waits_at_a_time_and_another_browser_is_told_so()
    {
        await AfterPasswordAsync(_browser);
        using var other = _server.NewBrowser();
        await AfterPasswordAsync(other);

        Assert.StartsWith("/sign-in/second-factor", other.Path, StringComparison.Ordinal);
        Assert.Contains("Another request for this name waits", other.Page, StringComparison.Ordinal);
        Assert.Single(await _app.PendingAsync());
    }

    [Fact]
    public async Task The_same_browser_begins_anew_and_its_earlier_request_is_over()
    {
        await ByPhoneAsync(_browser, "regular");
        var first = Assert.Single(await _app.PendingAsync());
        await ByPhoneAsync(_browser, "regular");

        Assert.NotEqual(first.Id, Assert.Single(await _app.PendingAsync()).Id);
    }

    [Fact]
    public async Task A_stranger_with_the_name_does_not_keep_out_who_has_the_password()
    {
        using var stranger = _server.NewBrowser();
        await ByPhoneAsync(stranger, "regular");
        await AfterPasswordAsync(_browser);
        Assert.Equal(ApprovalKinds.SecondFactor, Assert.Single(await _app.PendingAsync()).Kind);

        // and neither pushes them aside afterwards, nor learns that they are there
        await ByPhoneAsync(stranger, "regular");
        Assert.Matches("^[1-9][0-9]$", NumberOn(stranger));
        Assert.Equal(ApprovalKinds.SecondFactor, Assert.Single(await _app.PendingAsync()).Kind);
    }

    [Fact]
    public async Task Going_another_way_takes_the_request_off_the_device()
    {
        await AfterPasswordAsync(_browser);
        await _browser.SubmitAsync(PathOf(_browser) + "/other");

        Assert.StartsWith("/sign-in/second-factor", _browser.Path, StringComparison.Ordinal);
        Assert.Empty(await _app.PendingAsync());
        await _browser.SubmitAsync("/sign-in/second-factor", ("code", _server.CodeOf("regular")));
        Assert.Equal("/security-info", _browser.Path);
    }

    [Fact]
    public async Task It_wasnt_me_closes_the_sign_in_tells_of_it_and_keeps_quiet_for_ten_minutes()
    {
        await AfterPasswordAsync(_browser);
        await _app.DenyAsync(Assert.Single(await _app.PendingAsync()).Id);

        await _browser.OpenAsync(_browser.Path);
        Assert.Contains("Refused in the Authenticator", _browser.Page, StringComparison.Ordinal);
        await _browser.SubmitAsync("/sign-in/second-factor/approval");
        Assert.Contains("left in peace for ten minutes", _browser.Page, StringComparison.Ordinal);
        Assert.Empty(await _app.PendingAsync());

        using var portal = await _server.NewBrowser().SignInAsync("regular");
        Assert.Contains("somebody knows it.", portal.Page, StringComparison.Ordinal);
        await portal.SubmitAsync("/security-info/notices/read");
        Assert.DoesNotContain("somebody knows it", portal.Page, StringComparison.Ordinal);

        _server.Time.Advance(TimeSpan.FromMinutes(10.1));
        await AfterPasswordAsync(_browser);
        Assert.Single(await _app.PendingAsync());
    }

    [Fact]
    public async Task What_a_stranger_without_the_password_does_quiets_only_requests_without_one()
    {
        await ByPhoneAsync(_browser, "regular");
        await _app.DenyAsync(Assert.Single(await _app.PendingAsync()).Id);

        await ByPhoneAsync(_browser, "regular");
        Assert.Matches("^[1-9][0-9]$", NumberOn(_browser));
        Assert.Empty(await _app.PendingAsync());
        await AfterPasswordAsync(_browser);
        Assert.Single(await _app.PendingAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // then the next request finds out what became of the last
    public async Task Five_requests_refused_or_ignored_lock_until_another_way_or_an_administrator_or_an_hour(bool browserLooks)
    {
        for (var i = 0; i < 5; i++)
        {
            await AfterPasswordAsync(_browser);
            await _app.PendingAsync();
            _server.Time.Advance(TimeSpan.FromSeconds(61));
            if (browserLooks) await _browser.OpenAsync(_browser.Path);
            await _server.WithServicesAsync(services => services.GetRequiredService<AttemptStore>().ClearAsync("regular", CancellationToken.None));
        }

        await AfterPasswordAsync(_browser);
        Assert.Contains("so the Authenticator is not asked for an hour", _browser.Page, StringComparison.Ordinal);
        var user = Guid.Parse(_app.UserId);
        await _server.WithServicesAsync(async services => Assert.NotNull(await services.GetRequiredService<ApprovalGuards>().LockedUntilAsync(user, CancellationToken.None)));

        await _browser.SubmitAsync("/sign-in/second-factor", ("code", _server.CodeOf("regular")));
        Assert.Equal("/security-info", _browser.Path);
        using var again = _server.NewBrowser();
        await AfterPasswordAsync(again);
        Assert.StartsWith("/sign-in/approval/", again.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Authenticator":{"state":"disabled"}}""", false, false)]
    [InlineData("""{"Authenticator":{"includeTargets":[{"targetType":"group","id":"all_users","authenticationMode":"push"}]}}""", true, false)]
    [InlineData("""{"Authenticator":{"includeTargets":[{"targetType":"group","id":"all_users","authenticationMode":"deviceBasedPush"}]}}""", false, true)]
    public async Task Policy_is_asked_when_a_request_begins(string change, bool afterPassword, bool byPhone)
    {
        await _server.SetPolicyAsync(change);

        await AfterPasswordAsync(_browser);
        Assert.Equal(afterPassword, (await _app.PendingAsync()).Count == 1);
        Assert.Equal(afterPassword, _browser.Path.StartsWith("/sign-in/approval/", StringComparison.Ordinal));
        if (afterPassword) await _browser.SubmitAsync(PathOf(_browser) + "/other");
        await ByPhoneAsync(_browser, "regular");
        Assert.Equal(byPhone, (await _app.PendingAsync()).Count == 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Policy_is_asked_again_when_it_is_answered_and_when_it_ends(bool beforeTheAnswer)
    {
        await AfterPasswordAsync(_browser);
        var (request, number) = (Assert.Single(await _app.PendingAsync()), NumberOn(_browser));
        if (!beforeTheAnswer) await _app.ApproveAsync(request.Id, number);
        await _server.SetPolicyAsync("""{"Authenticator":{"state":"disabled"}}""");
        if (beforeTheAnswer)
        {
            Assert.Equal("method_disabled", await RefusalOf(() => _app.ApproveAsync(request.Id, number)));
            return;
        }

        await FinishAsync(_browser);
        await AssertNotSignedInAsync(_browser);
    }

    [Fact]
    public async Task A_device_that_is_deleted_or_not_allowed_any_more_signs_nobody_in()
    {
        await AfterPasswordAsync(_browser);
        await _app.ApproveAsync(Assert.Single(await _app.PendingAsync()).Id, NumberOn(_browser));
        await _app.Methods.UpdateAsync(_app.Key.Id!, new(IsNotificationAllowed: false), CancellationToken.None);

        await FinishAsync(_browser);

        await AssertNotSignedInAsync(_browser);
    }

    [Fact]
    public async Task A_name_nobody_has_looks_like_one_that_can_not_be_asked_and_one_that_can()
    {
        var pages = new List<string>();
        foreach (var name in new[] { "regular", "newcomer", "nobody-at-all" })
        {
            using var browser = _server.NewBrowser();
            await ByPhoneAsync(browser, name);
            pages.Add(Digits().Replace(Addresses().Replace(browser.Page, ""), ""));
        }

        Assert.Equal(pages[0], pages[1]);
        Assert.Equal(pages[0], pages[2]);
        Assert.Equal(3, await _server.InDatabaseAsync(db => db.Approvals.CountAsync()));
    }

    [Fact]
    public async Task A_second_browser_for_a_name_nobody_has_is_told_the_same_as_for_one_somebody_has()
    {
        using var other = _server.NewBrowser();
        var told = new List<string>();
        foreach (var name in new[] { "regular", "nobody-at-all" })
        {
            await ByPhoneAsync(_browser, name);
            await ByPhoneAsync(other, name);
            told.Add(other.Page.Contains("Another request for this name waits", StringComparison.Ordinal) ? "waits" : "begun");
        }

        Assert.Equal(["waits", "waits"], told);
    }

    [Fact]
    public async Task Requests_count_as_attempts_at_a_name()
    {
        for (var i = 0; i < 11; i++) await ByPhoneAsync(_browser, "nobody-at-all");

        Assert.Contains("Too many attempts", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_has_an_Authenticator_is_not_let_register_a_code_after_the_password_alone()
    {
        await _server.SetAsync(organisation => organisation.AllowsCodeAsFirstFactor = true);
        await _server.InDatabaseAsync(db => db.CodeMethods.ExecuteDeleteAsync());
        await _app.Methods.UpdateAsync(_app.Key.Id!, new(IsNotificationAllowed: false), CancellationToken.None);

        await AfterPasswordAsync(_browser);
        await _browser.OpenAsync("/sign-in/first-code");

        Assert.Equal("/sign-in", _browser.Path);
    }

    [Fact]
    public async Task The_program_a_sign_in_is_for_is_named()
    {
        await _browser.OpenAsync("/sign-in?returnUrl=" + Uri.EscapeDataString("/connect/authorize?client_id=latchkey-authenticator&scope=openid"));
        await _browser.SubmitAsync("/sign-in", ("name", "regular"));
        await _browser.SubmitAsync("/sign-in/phone");

        Assert.Equal("Latchkey Authenticator", Assert.Single(await _app.PendingAsync()).App);
    }

    [Fact]
    public async Task An_address_that_names_no_program_at_all_is_for_the_portal()
    {
        await _browser.OpenAsync("/sign-in?returnUrl=" + Uri.EscapeDataString("/connect/authorize?client_id=&scope=openid"));
        await _browser.SubmitAsync("/sign-in", ("name", "regular"));
        await _browser.SubmitAsync("/sign-in/phone");

        Assert.Equal("My Security info", Assert.Single(await _app.PendingAsync()).App);
    }

    [Fact]
    public async Task One_that_ran_out_counts_once_however_many_look_at_it_at_once()
    {
        await AfterPasswordAsync(_browser);
        _server.Time.Advance(ApprovalDesk.Life);

        var here = _browser.Path;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _browser.OpenAsync(here)));

        Assert.Contains("Nobody answered in time", _browser.Page, StringComparison.Ordinal);
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.ApprovalGuards.Select(guard => guard.Refusals).SingleAsync()));
    }

    [Fact]
    public async Task Every_answer_stands_in_the_audit_log_and_no_number_does()
    {
        await AfterPasswordAsync(_browser);
        var number = NumberOn(_browser);
        await _app.ApproveAsync(Assert.Single(await _app.PendingAsync()).Id, number);
        await FinishAsync(_browser);

        var entries = await _server.InDatabaseAsync(db => db.AuditEntries.OrderByDescending(e => e.Id).Take(3).Select(e => $"{e.Action} {e.Outcome} {e.Method}").ToListAsync());
        Assert.Equal(["sign_in success authenticator", "approval.answered success authenticator", "approval.asked success authenticator"], entries);
    }

    private async Task AfterPasswordAsync(Browser browser)
    {
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
    }

    private static async Task ByPhoneAsync(Browser browser, string name)
    {
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", name));
        await browser.SubmitAsync("/sign-in/phone");
    }

    private static string PathOf(Browser browser) => browser.Path.Split('?')[0];

    private static string NumberOn(Browser browser) => Number().Match(browser.Page).Groups["number"].Value;

    /// <summary>What the waiting page's script does once the answer is there.</summary>
    private static async Task FinishAsync(Browser browser)
    {
        await browser.OpenAsync(browser.Path);
        await browser.SubmitAsync(PathOf(browser));
    }

    private static async Task AssertNotSignedInAsync(Browser browser)
    {
        await browser.OpenAsync("/security-info");
        Assert.StartsWith("/sign-in", browser.Path, StringComparison.Ordinal);
    }

    private static async Task<string> RefusalOf(Func<Task> act) => (await Assert.ThrowsAsync<ApiException>(act)).Code;

    [GeneratedRegex("The number is (?<number>[0-9]+)", RegexOptions.None, 1000)]
    private static partial Regex Number();

    [GeneratedRegex("content=\"[^\"]*\"|value=\"[^\"]*\"|/sign-in/approval/[0-9a-f-]*", RegexOptions.None, 1000)]
    private static partial Regex Addresses();

    [GeneratedRegex("[0-9]+", RegexOptions.None, 1000)]
    private static partial Regex Digits();
}
