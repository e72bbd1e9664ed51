using Latchkey.Authenticator;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Features.ScanQrCode;
using Latchkey.Hybrid;
using Latchkey.Hybrid.Proximity;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol.Ctap;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class ScanQrCodeFlowTests
{
    private static readonly AuthorizationAnswer Yes = new AuthorizationAnswer.Granted { Pin = Scanning.Pin };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("https://example.org", "not_a_passkey_code")]
    [InlineData("", "not_a_passkey_code")]
    [InlineData("latchkey:add?server=http%3A%2F%2Fevil.example", "not_a_passkey_code")]
    [InlineData("FIDO:/", "unreadable_code")]
    [InlineData("FIDO:/2384511782092816671565382603107411603597594589382", "unreadable_code")]
    [InlineData("FIDO:/abc", "unreadable_code")]
    public async Task A_code_that_is_not_for_us_is_said_and_another_can_be_scanned(string text, string code)
    {
        using var scanning = await Scanning.StartAsync(Token);

        await scanning.Flow.ReadAsync(text, CodeSource.Text);

        Assert.Equal(code, Assert.IsType<ScanStep.ChooseWay>(scanning.Flow.Step).Problem!.Code);
    }

    [Fact]
    public async Task A_sites_code_for_codes_goes_on_to_the_page_that_adds_them_and_is_printed_nowhere()
    {
        using var scanning = await Scanning.StartAsync(Token);

        await scanning.Flow.ReadAsync(" otpauth://totp/ada?secret=MZXW6YTBOI\n", CodeSource.Screen);

        var step = Assert.IsType<ScanStep.AddCode>(scanning.Flow.Step);
        Assert.Equal("otpauth://totp/ada?secret=MZXW6YTBOI", step.Uri);
        Assert.DoesNotContain("MZXW6YTBOI", $"{step}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_portals_code_adds_an_account()
    {
        using var scanning = await Scanning.StartAsync(Token);

        await scanning.Flow.ReadAsync(" latchkey:add?server=https%3A%2F%2Flogin.example.org&code=AB12-CD34\n", CodeSource.Camera);

        Assert.Equal("latchkey:add?server=https%3A%2F%2Flogin.example.org&code=AB12-CD34", Assert.IsType<ScanStep.AddAccount>(scanning.Flow.Step).Link);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(-301)]
    public async Task A_code_from_another_time_is_stale(int seconds)
    {
        using var scanning = await Scanning.StartAsync(Token);

        await scanning.Flow.ReadAsync((Scanning.Code with { Timestamp = scanning.Time.GetUtcNow().AddSeconds(-seconds) }).Encode(), CodeSource.Camera);

        Assert.Equal("stale_code", Assert.IsType<ScanStep.ChooseWay>(scanning.Flow.Step).Problem!.Code);
    }

    [Fact]
    public async Task A_code_that_does_not_tell_its_time_is_answered()
    {
        using var scanning = await Scanning.StartAsync(Token);

        await scanning.GetReadyAsync(Scanning.Code with { Timestamp = null });
    }

    [Fact]
    public async Task A_code_that_grows_old_while_something_is_in_the_way_is_stale_when_that_is_looked_at_again()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Bluetooth = new(1, ProximityProblem.AdapterOff);
        await scanning.Flow.ReadAsync(Scanning.Code.Encode(), CodeSource.Camera);
        scanning.Time.Advance(ScanQrCodeFlow.CodeLifetime);
        scanning.Place.Bluetooth = new(1, null);

        await scanning.Flow.CheckAsync();

        Assert.Equal("stale_code", Assert.IsType<ScanStep.ChooseWay>(scanning.Flow.Step).Problem!.Code);
    }

    [Fact]
    public async Task Without_a_tunnel_domain_it_cannot_work()
    {
        using var scanning = await Scanning.StartAsync(Token, tunnelDomain: null);
        await scanning.AddAccountAsync("one", tunnelDomain: null);

        await scanning.Flow.ReadAsync(Scanning.Code.Encode(), CodeSource.Camera);

        Assert.Equal("no_meeting_point", Assert.IsType<ScanStep.Blocked>(scanning.Flow.Step).Problem.Code);
    }

    [Fact]
    public async Task A_tunnel_domain_that_went_with_its_account_is_missed_when_the_meeting_is_to_begin()
    {
        using var scanning = await Scanning.StartAsync(Token, tunnelDomain: null);
        await scanning.AddAccountAsync("one", 300);
        await scanning.GetReadyAsync();
        await scanning.Store.UpdateAsync(contents => contents with { Accounts = [] }, Token);

        await scanning.Flow.ContinueAsync();

        Assert.Equal("no_meeting_point", Assert.IsType<ScanStep.Blocked>(scanning.Flow.Step).Problem.Code);
    }

    [Theory]
    [InlineData(null, 301)]
    [InlineData(266, 266)]
    public async Task The_tunnel_domain_is_the_programs_own_or_else_that_of_the_newest_account_that_has_one(int? own, int expected)
    {
        using var scanning = await Scanning.StartAsync(Token, (ushort?)own);
        await scanning.AddAccountAsync("one", 300);
        await scanning.AddAccountAsync("two", 301);
        await scanning.AddAccountAsync("three", null);
        await scanning.AddAccountAsync("four", 77); // assigned to nobody
        await scanning.AddAccountAsync("five", 70000);

        await scanning.GetReadyAsync();

        Assert.Equal(expected, scanning.Place.Domain!.Value.Id);
    }

    [Fact]
    public async Task Each_fault_of_Bluetooth_has_its_own_words_and_goes_away_when_it_is_mended()
    {
        using var scanning = await Scanning.StartAsync(Token);
        HashSet<ScanProblem> seen = [];
        foreach (var problem in Enum.GetValues<ProximityProblem>())
        {
            scanning.Place.Bluetooth = new(0, problem);
            await scanning.Flow.ReadAsync(Scanning.Code.Encode(), CodeSource.Camera);
            Assert.True(seen.Add(Assert.IsType<ScanStep.Blocked>(scanning.Flow.Step).Problem), problem.ToString());
        }

        scanning.Place.Bluetooth = new(1, null);
        await scanning.Flow.CheckAsync();
        Assert.IsType<ScanStep.Ready>(scanning.Flow.Step);
    }

    [Theory]
    [InlineData(HybridProblem.TunnelNameUnknown, "tunnel_name_unknown")]
    [InlineData(HybridProblem.TunnelCertificate, "tunnel_certificate")]
    [InlineData(HybridProblem.TunnelUnreachable, "tunnel_unreachable")]
    public async Task A_tunnel_service_that_browsers_could_not_reach_is_said_before_anything_begins(HybridProblem problem, string code)
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.TunnelService = problem;

        await scanning.Flow.ReadAsync(Scanning.Code.Encode(), CodeSource.Camera);

        Assert.Equal(code, Assert.IsType<ScanStep.Blocked>(scanning.Flow.Step).Problem.Code);
    }

    [Theory]
    [InlineData(CodeSource.Camera, 1, false)]
    [InlineData(CodeSource.Screen, 1, true)]
    [InlineData(CodeSource.Picture, 1, true)]
    [InlineData(CodeSource.Text, 1, true)]
    [InlineData(CodeSource.Link, 1, true)]
    [InlineData(CodeSource.Screen, 2, false)]
    [InlineData(CodeSource.Link, 2, false)]
    internal async Task A_code_that_came_by_this_machine_with_its_one_adapter_warns_that_an_adapter_does_not_hear_itself(CodeSource source, int adapters, bool warns)
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Bluetooth = new(adapters, null);

        await scanning.Flow.ReadAsync(Scanning.Code.Encode(), source);

        Assert.Equal(new ScanStep.Ready(HybridOperation.MakeCredential, warns), scanning.Flow.Step);
    }

    [Fact]
    public async Task A_passkey_is_made_delivered_and_settled_and_each_step_is_told()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = call => call.MakeAsync();
        await scanning.GetReadyAsync();

        var meeting = scanning.Flow.ContinueAsync();
        (await scanning.QuestionAsync(Token)).Answer.SetResult(Yes);
        await meeting;

        Assert.Equal(new ScanStep.Saved("Shop", "eve"), scanning.Flow.Step);
        Assert.Equal(CredentialState.Delivered, Assert.Single(scanning.Store.Credentials).State);
        Assert.Equal(
            [HybridProgress.Connecting, HybridProgress.Waiting, HybridProgress.Connected, HybridProgress.Asking, HybridProgress.Saving, HybridProgress.Done],
            scanning.Steps.OfType<ScanStep.Meeting>().Select(step => step.Progress));

        await UntilAsync(scanning, () => scanning.Store.Credentials[0].State == CredentialState.Confirmed);
    }

    [Fact]
    public async Task When_the_server_is_ours_the_page_says_where_it_is_registered()
    {
        using var scanning = await Scanning.StartAsync(Token);
        await scanning.AddAccountAsync("Contoso", null, new("https://id.shop.example/"));
        scanning.Servers = request => request.RequestUri!.AbsolutePath switch
        {
            "/passkeys/status/options" => Scanning.Json("""{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"shop.example"}"""),
            "/passkeys/status" => Scanning.Json("""{"status":"known"}"""),
            _ => new(System.Net.HttpStatusCode.NotFound),
        };
        scanning.Place.Computer = call => call.MakeAsync();
        await scanning.GetReadyAsync();
        var meeting = scanning.Flow.ContinueAsync();
        (await scanning.QuestionAsync(Token)).Answer.SetResult(Yes);
        await meeting;

        await UntilAsync(scanning, () => scanning.Flow.Step is ScanStep.Saved { RegisteredAt: not null });

        Assert.Equal(new ScanStep.Saved("Shop", "eve", "Contoso"), scanning.Flow.Step);
    }

    [Fact]
    public async Task A_passkey_whose_answer_could_not_be_handed_over_is_rolled_back()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = call => call.MakeAsync(written: false);
        await scanning.GetReadyAsync();

        var meeting = scanning.Flow.ContinueAsync();
        (await scanning.QuestionAsync(Token)).Answer.SetResult(Yes);
        await meeting;

        Assert.Equal("peer_closed", Assert.IsType<ScanStep.Failed>(scanning.Flow.Step).Problem.Code);
        Assert.Empty(scanning.Store.Credentials);
    }

    [Fact]
    public async Task A_sign_in_says_where_and_as_whom()
    {
        using var scanning = await Scanning.StartAsync(Token);
        await SaveAsync(scanning);
        scanning.Place.Computer = call => call.SignInAsync();
        await scanning.GetReadyAsync(Scanning.Code with { OperationHint = "ga" });
        Assert.Equal(HybridOperation.GetAssertion, Assert.IsType<ScanStep.Ready>(scanning.Flow.Step).Operation);

        var meeting = scanning.Flow.ContinueAsync();
        (await scanning.QuestionAsync(Token)).Answer.SetResult(Yes);
        await meeting;

        Assert.Equal(new ScanStep.SignedIn("Shop", "eve"), scanning.Flow.Step);
    }

    [Fact]
    public async Task A_no_changes_nothing_and_is_no_failure()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = call => call.MakeAsync();
        await scanning.GetReadyAsync();

        var meeting = scanning.Flow.ContinueAsync();
        (await scanning.QuestionAsync(Token)).Answer.SetResult(new AuthorizationAnswer.Declined());
        await meeting;

        Assert.IsType<ScanStep.Declined>(scanning.Flow.Step);
        Assert.Empty(scanning.Store.Credentials);
    }

    [Theory]
    [InlineData(CtapStatus.CredentialExcluded, "passkey_already_here")]
    [InlineData(CtapStatus.NoCredentials, "no_passkey_here")]
    [InlineData(CtapStatus.UserActionTimeout, "took_too_long")]
    [InlineData(CtapStatus.PinBlocked, "pin_blocked")]
    [InlineData(CtapStatus.PinAuthBlocked, "pin_blocked_until_restart")]
    [InlineData(CtapStatus.UnsupportedAlgorithm, "not_supported")]
    [InlineData(CtapStatus.InvalidCbor, "ctap_0x12")]
    public async Task What_was_answered_instead_of_a_passkey_has_its_own_words(CtapStatus status, string code)
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = _ => Task.FromResult(new HybridOutcome { Operation = HybridOperation.MakeCredential, Status = status });
        await scanning.GetReadyAsync();

        await scanning.Flow.ContinueAsync();

        Assert.Equal(code, Assert.IsType<ScanStep.Failed>(scanning.Flow.Step).Problem.Code);
    }

    [Fact]
    public async Task Each_way_a_meeting_can_fail_has_its_own_words_and_another_code_can_be_scanned()
    {
        using var scanning = await Scanning.StartAsync(Token);
        HashSet<ScanProblem> seen = [];
        foreach (var problem in Enum.GetValues<HybridProblem>())
        {
            scanning.Place.Computer = _ => Task.FromResult(new HybridOutcome { Problem = problem });
            await scanning.GetReadyAsync();
            await scanning.Flow.ContinueAsync();
            Assert.True(seen.Add(Assert.IsType<ScanStep.Failed>(scanning.Flow.Step).Problem), problem.ToString());
            scanning.Flow.Begin();
            Assert.Equal(new ScanStep.ChooseWay(), scanning.Flow.Step);
        }
    }

    [Fact]
    public async Task Bluetooth_that_fails_during_the_meeting_says_what_it_lacks()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = _ => Task.FromResult(new HybridOutcome { Problem = HybridProblem.NoProximity, Proximity = ProximityProblem.AdapterOff });
        await scanning.GetReadyAsync();

        await scanning.Flow.ContinueAsync();

        Assert.Equal("bluetooth_off", Assert.IsType<ScanStep.Failed>(scanning.Flow.Step).Problem.Code);
    }

    [Fact]
    public async Task A_computer_that_says_goodbye_and_asked_nothing_ended_the_connection()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = _ => Task.FromResult(new HybridOutcome());
        await scanning.GetReadyAsync();

        await scanning.Flow.ContinueAsync();

        Assert.Equal("peer_closed", Assert.IsType<ScanStep.Failed>(scanning.Flow.Step).Problem.Code);
    }

    [Fact]
    public async Task Cancelled_before_anything_began_nothing_is_left()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Flow.Begin();
        scanning.Flow.Cancel();
        Assert.Null(scanning.Flow.Step);

        await scanning.GetReadyAsync();
        scanning.Flow.Cancel();
        Assert.Null(scanning.Flow.Step);

        // the code is gone with it
        await scanning.Flow.CheckAsync();
        await scanning.Flow.ContinueAsync();
        Assert.Null(scanning.Flow.Step);
    }

    [Fact]
    public async Task Cancelled_while_it_is_looked_whether_it_can_work_what_is_found_then_is_not_shown()
    {
        using var scanning = await Scanning.StartAsync(Token);
        var delay = new TaskCompletionSource();
        scanning.Place.Delay = delay.Task;
        var reading = scanning.Flow.ReadAsync(Scanning.Code.Encode(), CodeSource.Camera);
        Assert.IsType<ScanStep.Checking>(scanning.Flow.Step);

        scanning.Flow.Cancel();
        delay.SetResult();
        await reading;

        Assert.Null(scanning.Flow.Step);
    }

    [Fact]
    public async Task Cancelled_while_the_devices_meet_it_ends_there()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = async call =>
        {
            call.Progress.Report(HybridProgress.Waiting);
            await Task.Delay(Timeout.InfiniteTimeSpan, scanning.Time, call.Cancellation);
            return new();
        };
        await scanning.GetReadyAsync();
        var meeting = scanning.Flow.ContinueAsync();
        Assert.Equal(HybridProgress.Waiting, Assert.IsType<ScanStep.Meeting>(scanning.Flow.Step).Progress);

        scanning.Flow.Cancel();
        await meeting;

        Assert.Null(scanning.Flow.Step);
    }

    [Fact]
    public async Task Cancelled_while_the_PIN_is_asked_for_the_question_goes_and_no_passkey_is_left()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = call => call.MakeAsync();
        await scanning.GetReadyAsync();
        var meeting = scanning.Flow.ContinueAsync();
        await scanning.QuestionAsync(Token);

        scanning.Flow.Cancel();
        await meeting;

        Assert.Null(scanning.Window.Question);
        Assert.Null(scanning.Flow.Step);
        Assert.Empty(scanning.Store.Credentials);
    }

    [Fact]
    public async Task Cancelled_after_the_computer_has_the_answer_the_passkey_stays()
    {
        using var scanning = await Scanning.StartAsync(Token);
        await SaveAsync(scanning);

        scanning.Flow.Cancel();

        Assert.Null(scanning.Flow.Step);
        Assert.True(Assert.Single(scanning.Store.Credentials).IsOffered);
    }

    [Fact]
    public async Task One_at_a_time_a_second_code_is_not_read_while_two_devices_meet()
    {
        using var scanning = await Scanning.StartAsync(Token);
        var end = new TaskCompletionSource<HybridOutcome>();
        scanning.Place.Computer = _ => end.Task;
        await scanning.GetReadyAsync();
        var meeting = scanning.Flow.ContinueAsync();
        var step = scanning.Flow.Step;

        await scanning.Flow.ReadAsync(Scanning.Code.Encode(), CodeSource.Link);
        scanning.Flow.Begin();

        Assert.Same(step, scanning.Flow.Step);
        Assert.True(scanning.Flow.HasPassedOver); // the page says so
        end.SetResult(new() { Problem = HybridProblem.TimedOut });
        await meeting;
        Assert.Equal("timed_out", Assert.IsType<ScanStep.Failed>(scanning.Flow.Step).Problem.Code);
    }

    [Fact]
    public async Task The_next_meeting_begins_when_the_cancelled_one_has_cleared_up()
    {
        using var scanning = await Scanning.StartAsync(Token);
        var cleared = new TaskCompletionSource();
        var calls = 0;
        scanning.Place.Computer = async _ =>
        {
            calls++;
            await cleared.Task;
            return new() { Problem = HybridProblem.PeerClosed };
        };
        await scanning.GetReadyAsync();
        var first = scanning.Flow.ContinueAsync();
        scanning.Flow.Cancel();
        await scanning.GetReadyAsync();

        var second = scanning.Flow.ContinueAsync();
        Assert.Equal(1, calls);
        cleared.SetResult();
        await first;
        await second;

        Assert.Equal(2, calls);
        Assert.IsType<ScanStep.Failed>(scanning.Flow.Step);
    }

    [Fact]
    public async Task Locking_the_vault_ends_it()
    {
        using var scanning = await Scanning.StartAsync(Token);
        scanning.Place.Computer = async call =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, scanning.Time, call.Cancellation);
            return new();
        };
        await scanning.GetReadyAsync();
        var meeting = scanning.Flow.ContinueAsync();

        scanning.Session.Lock();
        await meeting;

        Assert.Null(scanning.Flow.Step);
    }

    [Fact]
    public async Task Another_device_sees_an_authenticator_that_is_not_part_of_it()
    {
        using var scanning = await Scanning.StartAsync(Token);
        GetInfoResponse? info = null;
        scanning.Place.Computer = async call =>
        {
            info = await call.Authenticator.GetInfoAsync(call.Cancellation);
            return new();
        };
        await scanning.GetReadyAsync();
        await scanning.Flow.ContinueAsync();

        Assert.False(info!.Plat);
        Assert.True(info.Uv);
        Assert.Equal(["internal", "hybrid"], info.Transports);
    }

    private static async Task SaveAsync(Scanning scanning)
    {
        scanning.Place.Computer = call => call.MakeAsync();
        await scanning.GetReadyAsync();
        var meeting = scanning.Flow.ContinueAsync();
        (await scanning.QuestionAsync(Token)).Answer.SetResult(Yes);
        await meeting;
        Assert.IsType<ScanStep.Saved>(scanning.Flow.Step);
    }

    /// <summary>Lets time go by until something has happened.</summary>
    private static async Task UntilAsync(Scanning scanning, Func<bool> happened)
    {
        while (!happened())
        {
            Token.ThrowIfCancellationRequested();
            scanning.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
