using Latchkey.Accounts;
using Latchkey.Accounts.Tests;
using Latchkey.Api.Plan;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Features.AddAccount;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>After a sign-in, everything policy offers is set up: nothing that fails takes the rest with it, and nothing that ends is lost.</summary>
public sealed class AddAccountFlowTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-add").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;

    public AddAccountFlowTests() => _server = new(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task All_that_is_offered_is_set_up_in_turn_with_one_PIN_and_each_step_says_what_it_does()
    {
        using var app = await StartAsync();

        var finished = Assert.IsType<AddAccountStep.Finished>(await app.SignInAsync(PaperServer.Root, Token));

        Assert.Equal("Latchkey Authenticator", finished.Passkey);
        Assert.Equal("passkey Here, phoneSignIn Here, notifications Here, codes Here", Said(finished));
        Assert.Equal(["passkey", "phoneSignIn", "codes"], app.Steps.OfType<AddAccountStep.SettingUp>().Select(step => step.Method));
        Assert.Equal(1, app.PinsAsked);
        Assert.Equal((1, 1, 1), (_server.Passkeys.Count, _server.Authenticators.Count, _server.Codes.Kept.Count));
        Assert.Null(app.Flow.Unfinished);
    }

    [Theory]
    [InlineData(PlannedMethods.Passkey, 0)]
    [InlineData(PlannedMethods.PhoneSignIn, 1)]
    [InlineData(PlannedMethods.Notifications, 1)]
    [InlineData(PlannedMethods.Codes, 1)]
    public async Task What_is_withheld_is_not_begun_and_says_why_and_the_rest_is_set_up(string method, int pins)
    {
        _server.Withheld[method] = "method_not_included";
        using var app = await StartAsync();

        var finished = Assert.IsType<AddAccountStep.Finished>(await app.SignInAsync(PaperServer.Root, Token));

        Assert.All(finished.Items, item => Assert.Equal(item.Method == method ? SetupState.Withheld : SetupState.Here, item.State));
        Assert.Equal("Not offered: Your organisation keeps it from you. Ask.", SetupWords.State(finished.Items.Single(item => item.Method == method), isLast: true));
        Assert.Equal(pins, app.PinsAsked);
        Assert.DoesNotContain(app.Steps.OfType<AddAccountStep.SettingUp>(), step => step.Method == method);
    }

    [Fact]
    public async Task A_no_is_asked_about_and_does_not_take_the_others_away_and_can_be_made_good()
    {
        _server.RequiresPasskey = true;
        using var app = await StartAsync();
        app.Answer = _ => new AuthorizationAnswer.Declined();

        var failed = Assert.IsType<AddAccountStep.Failed>(await app.SignInAsync(PaperServer.Root, Token));
        Assert.Equal((PlannedMethods.Passkey, AddAccountStep.Failed.Declined, true), (failed.Item!.Method, failed.Code, failed.Item.IsRequired));
        Assert.Empty(app.Vault.Credentials);

        await app.Flow.GoOnAsync();
        var finished = Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token));
        Assert.Equal("passkey Skipped, phoneSignIn Here, notifications Here, codes Here", Said(finished));

        app.Answer = AddingAccounts.Agrees;
        await app.Flow.SetUpAsync(finished.Account, PlannedMethods.Passkey);
        Assert.Equal("passkey Here, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token))));
    }

    [Theory]
    [InlineData("GET /v1.0/me/registrationPlan")]
    [InlineData("GET /v1.0/me/authentication/fido2Methods/creationOptions")]
    [InlineData("POST /v1.0/me/authentication/fido2Methods")]
    [InlineData("POST /v1.0/me/authentication/authenticatorMethods/challenge")]
    [InlineData("POST /v1.0/me/authentication/authenticatorMethods")]
    [InlineData("POST /v1.0/me/authentication/softwareOathMethods")]
    public async Task Ended_at_any_exchange_it_goes_on_at_the_next_start_without_a_new_sign_in(string exchange)
    {
        using (var app = await StartAsync())
        {
            var gone = new TaskCompletionSource();
            _server.BeforeAsync = async request =>
            {
                if ($"{request.Method} {request.RequestUri!.AbsolutePath}" != exchange) return;
                gone.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, Token);
            };
            app.Flow.Begin();
            app.Flow.ChooseServer(PaperServer.Root.ToString());
            Assert.True(app.Flow.Return(((AddAccountStep.SignIn)app.Flow.Step!).Request.State, "code", null));
            await gone.Task.WaitAsync(Token);
        }

        _server.BeforeAsync = _ => Task.CompletedTask;
        using var next = await StartAsync();
        Assert.True(next.Flow.ComesBack());
        Assert.False(next.Flow.ComesBack()); // by itself once
        next.Flow.Open();
        Assert.IsType<AddAccountStep.LeftOff>(next.Flow.Step);
        await next.Flow.ContinueAsync();

        Assert.Equal("passkey Here, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await next.RestAsync(Token))));
        Assert.Equal((1, 1, 1), (_server.Passkeys.Count, _server.Authenticators.Count, _server.Codes.Kept.Count));
        Assert.DoesNotContain(next.Steps, step => step is AddAccountStep.SignIn);
    }

    [Fact]
    public async Task What_was_not_wanted_is_not_asked_again_after_a_restart()
    {
        using (var app = await StartAsync())
        {
            app.Answer = _ => new AuthorizationAnswer.Declined();
            await app.SignInAsync(PaperServer.Root, Token);
            _server.Before = request =>
            {
                if (request.RequestUri!.AbsolutePath.EndsWith("/challenge", StringComparison.Ordinal)) throw new HttpRequestException("cut");
            };
            await app.Flow.GoOnAsync();
            Assert.False(Assert.IsType<AddAccountStep.Unreachable>(await app.RestAsync(Token)).IsMade);
        }

        _server.Before = _ => { };
        using var next = await StartAsync();
        next.Flow.Open();
        await next.Flow.ContinueAsync();

        Assert.Equal("passkey Skipped, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await next.RestAsync(Token))));
        Assert.Equal(0, next.PinsAsked);
    }

    [Fact]
    public async Task A_server_that_is_down_after_the_passkey_was_made_is_told_when_it_is_back_and_the_rest_follows()
    {
        using var app = await StartAsync();
        _server.Before = request =>
        {
            if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/fido2Methods", StringComparison.Ordinal)) throw new HttpRequestException("cut");
        };
        var owed = Assert.IsType<AddAccountStep.Unreachable>(await app.SignInAsync(PaperServer.Root, Token));
        Assert.True(owed.IsMade);

        _server.Before = _ => { };
        await app.Flow.ContinueAsync();

        Assert.Equal("passkey Here, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token))));
        Assert.Single(_server.Passkeys);
        Assert.Equal(1, app.PinsAsked);
    }

    [Fact]
    public async Task A_server_that_wants_a_fresh_second_factor_gets_one_and_the_setting_up_goes_on()
    {
        using var app = await StartAsync();
        var asks = true;
        _server.Elsewhere = _ => throw new InvalidOperationException();
        _server.Codes.Refuses = () => asks ? "step_up_required" : null;
        Assert.True(Assert.IsType<AddAccountStep.SignIn>(await app.SignInAsync(PaperServer.Root, Token)).Again);

        asks = false;
        Assert.Equal("passkey Here, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await app.ComeBackAsync(Token))));
        Assert.Equal(1, app.PinsAsked);
    }

    [Fact]
    public async Task A_passkey_that_is_there_is_named_tested_and_replaced_and_the_old_one_goes_only_after_the_new_one_is_kept()
    {
        using var app = await StartAsync();
        await app.SignInAsync(PaperServer.Root, Token);
        var old = _server.Passkeys.Keys.Single();

        var already = Assert.IsType<AddAccountStep.AlreadyRegistered>(await app.SignInAsync(PaperServer.Root, Token));
        Assert.Equal((old, true), (already.Existing.Id, already.IsOnServer));
        await app.Flow.TestAsync();
        Assert.True(((AddAccountStep.AlreadyRegistered)app.Flow.Step!).Test!.Works);

        // refused: the old one stays
        _server.Before = request =>
        {
            if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/fido2Methods", StringComparison.Ordinal)) _time.Advance(TimeSpan.FromMinutes(11));
        };
        await app.Flow.ReplaceAsync();
        Assert.IsType<AddAccountStep.Failed>(await app.RestAsync(Token));
        Assert.Contains(app.Vault.Credentials, passkey => passkey.Id == old && passkey.IsOffered);

        _server.Before = _ => { };
        await app.Flow.AgainAsync();
        Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token));
        Assert.DoesNotContain(app.Vault.Credentials, passkey => passkey.Id == old && passkey.IsOffered);
        Assert.Contains(_server.Passkeys.Keys, id => id != old);
    }

    [Fact]
    public async Task A_passkey_that_is_there_and_will_do_is_left_alone()
    {
        using var app = await StartAsync();
        await app.SignInAsync(PaperServer.Root, Token);
        await app.SignInAsync(PaperServer.Root, Token);

        await app.Flow.UseExistingAsync();

        Assert.Equal("passkey Here, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token))));
        Assert.Single(_server.Passkeys);
    }

    [Fact]
    public async Task Two_servers_with_the_same_name_are_two_accounts_each_with_methods_of_its_own()
    {
        var otherRoot = new Uri("https://login.other.example/");
        using var other = new PaperServer(_time, otherRoot);
        using var net = new TwoServers(_server, other, otherRoot);
        using var app = await AddingAccounts.StartAsync(_directory, net, _time, Token);

        Assert.IsType<AddAccountStep.Finished>(await app.SignInAsync(PaperServer.Root, Token));
        Assert.IsType<AddAccountStep.Finished>(await app.SignInAsync(otherRoot, Token));

        Assert.Equal([PaperServer.Root, otherRoot], app.Vault.Accounts.Select(account => account.Server));
        Assert.Single(app.Vault.Accounts.Select(account => account.UserName).Distinct());
        Assert.All(app.Vault.Accounts, account =>
        {
            Assert.Single(app.Vault.Credentials, passkey => passkey.AccountId == account.Id && passkey.IsOffered);
            Assert.Single(app.Vault.Codes, code => code.AccountId == account.Id);
            Assert.NotNull(account.Device?.Id);
        });
        Assert.Equal((1, 1), (_server.Passkeys.Count, other.Passkeys.Count));
        Assert.Empty(_server.Passkeys.Keys.Intersect(other.Passkeys.Keys));
    }

    [Fact]
    public async Task Locked_in_the_middle_it_ends_and_is_there_again_when_the_vault_is_opened()
    {
        using var app = await StartAsync();
        app.Answer = _ => new AuthorizationAnswer.Declined();
        await app.SignInAsync(PaperServer.Root, Token);

        app.Session.Lock();
        Assert.Null(app.Flow.Step);
        await app.Session.UnlockAsync(Scanning.Pin, Token);

        Assert.True(app.Flow.ComesBack());
    }

    [Fact]
    public async Task What_was_missing_is_set_up_later_from_the_account()
    {
        _server.Withheld[PlannedMethods.Codes] = "method_not_included";
        using var app = await StartAsync();
        await app.SignInAsync(PaperServer.Root, Token);
        app.Flow.Cancel();
        _server.Withheld.Clear();

        await app.Flow.SetUpMissingAsync(app.Account);

        Assert.Equal("passkey Here, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token))));
        Assert.Equal(1, app.PinsAsked);
    }

    [Fact]
    public async Task A_passkey_that_is_only_at_the_server_is_named_and_one_here_comes_beside_it()
    {
        var old = await MakeElsewhereAsync();
        using var app = await StartAsync();

        var there = Assert.IsType<AddAccountStep.OnlyAtServer>(await app.SignInAsync(PaperServer.Root, Token));
        var named = Assert.Single(there.Passkeys);
        Assert.Equal((old.ToString(), "Latchkey Authenticator", _time.GetUtcNow()), (named.Id, named.DisplayName, named.CreatedDateTime));
        Assert.Equal(0, app.PinsAsked);

        await app.Flow.AddAnotherAsync();

        Assert.Equal("passkey Here, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token))));
        Assert.Equal(2, _server.Passkeys.Count);
        Assert.Contains(old, _server.Passkeys.Keys);
    }

    [Fact]
    public async Task One_that_is_on_another_device_will_do_and_the_rest_is_set_up()
    {
        await MakeElsewhereAsync();
        using var app = await StartAsync();
        await app.SignInAsync(PaperServer.Root, Token);

        await app.Flow.UseElsewhereAsync();

        Assert.Equal("passkey Skipped, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token))));
        Assert.Single(_server.Passkeys);
    }

    [Fact]
    public async Task One_whose_vault_is_lost_is_replaced_and_goes_only_after_the_new_one_is_kept()
    {
        var old = await MakeElsewhereAsync();
        using var app = await StartAsync();
        await app.SignInAsync(PaperServer.Root, Token);

        // refused: the old one stays
        _server.Before = request =>
        {
            if (IsRegistration(request)) _time.Advance(TimeSpan.FromMinutes(11));
        };
        await app.Flow.ReplaceElsewhereAsync(old);
        Assert.IsType<AddAccountStep.Failed>(await app.RestAsync(Token));
        Assert.Equal(old, Assert.Single(_server.Passkeys.Keys));

        var wasThere = false;
        _server.Before = request => wasThere |= IsRegistration(request) && _server.Passkeys.ContainsKey(old);
        await app.Flow.AgainAsync();

        Assert.Null(Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token)).Left);
        Assert.True(wasThere);
        Assert.NotEqual(old, Assert.Single(_server.Passkeys.Keys));
        Assert.Empty(app.Vault.Work);
    }

    [Fact]
    public async Task Ended_before_the_old_one_was_deleted_it_goes_at_the_next_start()
    {
        var old = await MakeElsewhereAsync();
        using (var app = await StartAsync())
        {
            await app.SignInAsync(PaperServer.Root, Token);
            _server.Before = request =>
            {
                if (request.Method == HttpMethod.Delete) throw new HttpRequestException("cut");
            };
            await app.Flow.ReplaceElsewhereAsync(old);
            Assert.Equal("Latchkey Authenticator", Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token)).Left);
            Assert.Equal(old, Assert.IsType<OutstandingDeletion>(Assert.Single(app.Vault.Work)).CredentialId);
        }

        _server.Before = _ => { };
        using var next = await StartAsync();
        await next.Session.ReconcileAsync(next.Account);

        Assert.DoesNotContain(old, _server.Passkeys.Keys);
        Assert.Empty(next.Vault.Work);
    }

    [Fact]
    public async Task One_that_is_deleted_at_the_server_makes_room_for_a_new_one_and_a_refusal_says_why()
    {
        var old = await MakeElsewhereAsync();
        using var app = await StartAsync();
        await app.SignInAsync(PaperServer.Root, Token);
        _server.WhyNotDeleted = "not_allowed";

        await app.Flow.DeleteElsewhereAsync(old);
        Assert.NotNull(Assert.IsType<AddAccountStep.OnlyAtServer>(app.Flow.Step).Problem);
        Assert.Contains(old, _server.Passkeys.Keys);

        _server.WhyNotDeleted = null;
        await app.Flow.DeleteElsewhereAsync(old);
        Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token));
        Assert.NotEqual(old, Assert.Single(_server.Passkeys.Keys));
    }

    [Fact]
    public async Task Create_a_passkey_says_it_too()
    {
        using var app = await StartAsync();
        app.Answer = _ => new AuthorizationAnswer.Declined();
        await app.SignInAsync(PaperServer.Root, Token);
        app.Flow.Cancel();
        var old = await MakeElsewhereAsync();

        await app.Flow.CreatePasskeyAsync(app.Account, replace: false);

        Assert.Equal(old.ToString(), Assert.Single(Assert.IsType<AddAccountStep.OnlyAtServer>(await app.RestAsync(Token)).Passkeys).Id);
    }

    [Fact]
    public async Task A_passkey_that_waits_to_be_deleted_is_not_missing()
    {
        using var app = await StartAsync();
        await app.SignInAsync(PaperServer.Root, Token);
        _server.Before = request =>
        {
            if (request.Method == HttpMethod.Delete) throw new HttpRequestException("cut");
        };
        await app.Session.Open!.Deletion.DeleteAsync(app.Account, Assert.Single(app.Vault.Credentials), Token);

        await app.Flow.SetUpMissingAsync(app.Account);

        Assert.Equal("passkey BeingDeleted, phoneSignIn Here, notifications Here, codes Here", Said(Assert.IsType<AddAccountStep.Finished>(await app.RestAsync(Token))));
        Assert.Single(app.Vault.Credentials);
    }

    private static bool IsRegistration(HttpRequestMessage request) =>
        request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/fido2Methods", StringComparison.Ordinal);

    /// <summary>A passkey of the same person in another Authenticator: on another device, or lost with its vault; from here it looks the same.</summary>
    private async Task<CredentialId> MakeElsewhereAsync()
    {
        using var other = await AddingAccounts.StartAsync(Path.Combine(_directory, "other"), _server, _time, Token);
        await other.SignInAsync(PaperServer.Root, Token);
        return _server.Passkeys.Keys.Single();
    }

    private static string Said(AddAccountStep.Finished finished) => string.Join(", ", finished.Items.Select(item => $"{item.Method} {item.State}"));

    private Task<AddingAccounts> StartAsync() => AddingAccounts.StartAsync(_directory, _server, _time, Token);
}
