using Latchkey.Api;
using Latchkey.Authenticator;
using Latchkey.RelyingParty.Policy;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

public sealed class RegistrationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-accounts").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;

    public RegistrationTests() => _server = new(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_passkey_is_made_named_tested_and_deleted_on_both_sides()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        var registered = Assert.IsType<RegistrationOutcome.Registered>(await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token));
        Assert.Equal(registered.Method.Id, device.Offered!.Id.ToString());
        Assert.Equal(("Latchkey Authenticator", device.Account.Id), (device.Offered.DisplayName, device.Offered.AccountId));

        Assert.Equal(registered.Method.Id, (await device.Test.TestAsync(device.Account, device.Offered, Token)).Id);

        Assert.IsType<DeletionOutcome.Deleted>(await device.Deletion.DeleteAsync(device.Account, device.Offered, Token));
        Assert.Null(device.Offered);
        Assert.Empty(_server.Passkeys);
    }

    [Fact]
    public async Task A_second_passkey_for_the_same_account_is_not_made_and_the_first_is_named()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);

        var outcome = Assert.IsType<RegistrationOutcome.AlreadyRegistered>(await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token));

        Assert.Equal(device.Offered!.Id, outcome.Existing.Id);
    }

    [Fact]
    public async Task A_replacement_takes_the_old_passkey_away_only_after_the_server_accepted_the_new_one()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);
        var old = device.Offered!.Id;
        device.Answer = _ => new AuthorizationAnswer.Granted { Pin = "passe-partout", Replace = true };

        // refused: the old one stays
        _time.Advance(TimeSpan.FromMinutes(1));
        _server.Before = request => { if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("fido2Methods", StringComparison.Ordinal)) _time.Advance(TimeSpan.FromMinutes(11)); };
        Assert.IsType<RegistrationOutcome.Refused>(await device.Registration.RegisterAsync(device.Account, replace: true, elsewhere: null, handoff: null, Token));
        Assert.Equal(old, device.Offered!.Id);

        // accepted: the new one takes its place, here at once and on the server as owed
        _server.Before = _ => { };
        var registered = Assert.IsType<RegistrationOutcome.Registered>(await device.Registration.RegisterAsync(device.Account, replace: true, elsewhere: null, handoff: null, Token));
        Assert.Equal(old, registered.Replaced!.Id);
        await device.HealAsync(Token);
        Assert.Equal(device.Offered!.Id, _server.Passkeys.Keys.Single());
    }

    [Fact]
    public async Task A_no_of_the_person_leaves_nothing()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        device.Answer = _ => new AuthorizationAnswer.Declined();

        Assert.IsType<RegistrationOutcome.Declined>(await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token));

        Assert.Empty(device.Vault.Credentials);
        Assert.Empty(_server.Passkeys);
    }

    [Fact]
    public async Task A_passkey_whose_answer_our_own_client_does_not_take_is_gone_at_once()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token, keys => new AfterMake(keys, answer => answer with { AuthData = answer.AuthData.Slice(1) }));

        Assert.IsType<RegistrationOutcome.Refused>(await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token));

        Assert.Empty(device.Vault.Credentials);
        Assert.Empty(_server.Passkeys);
    }

    [Fact]
    public async Task What_the_policy_refuses_is_never_begun()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        _server.Policy = PasskeyPolicy.AllowAll with { SelfServiceRegistration = false };

        Assert.IsType<RegistrationOutcome.Refused>(await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token));

        Assert.Empty(device.Vault.Credentials);
    }

    [Fact]
    public async Task A_spent_refresh_token_is_replaced_on_disk_before_anything_else_happens()
    {
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);
            _time.Advance(TimeSpan.FromMinutes(6));
            (await device.Accounts.ConnectAsync(device.Account, Token)).Dispose();
            Assert.Equal("refresh-1", device.Account.RefreshToken);
        }

        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        Assert.Equal("refresh-1", next.Account.RefreshToken);
    }

    [Fact]
    public async Task A_sign_in_that_has_ended_says_so_and_keeps_the_passkeys()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Vault.UpdateAsync(contents => contents with { Accounts = [contents.Accounts[0] with { RefreshToken = null }] }, Token);
        _time.Advance(TimeSpan.FromMinutes(6));

        var problem = await Assert.ThrowsAsync<ApiException>(() => device.Accounts.ConnectAsync(device.Account, Token));

        Assert.Equal(AccountBook.SignInRequired, problem.Code);
    }
}
