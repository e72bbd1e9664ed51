using Latchkey.Accounts.Tests.Killing;
using Latchkey.Api;
using Latchkey.Authenticator.Vault;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>This device as an Authenticator that may answer: registered once, whatever happens on the way, and gone on both sides.</summary>
public sealed class DeviceRegistrationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-accounts").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;

    public DeviceRegistrationTests() => _server = new(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task The_device_is_kept_with_the_servers_name_for_it_across_a_restart()
    {
        using (var device = await Device.StartAsync(_directory, _server, _time, Token)) await device.Registered.RegisterAsync(device.Account, Token);

        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        Assert.Equal("device-0", next.Account.Device!.Id);
        Assert.Equal("Authenticator on paper", (await next.Registered.RegisterAsync(next.Account, Token)).DisplayName);
        Assert.Single(_server.Authenticators);
    }

    [Fact]
    public async Task A_name_longer_than_a_server_takes_is_shortened()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        var method = await new DeviceRegistration(device.Accounts, "Authenticator on " + new string('h', 100)).RegisterAsync(device.Account, Token);

        Assert.Equal("Authenticator on " + new string('h', 64 - 17), method.DisplayName);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Killed_around_the_registration_the_next_one_ends_with_the_same_key(bool serverActed)
    {
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            void Die(HttpRequestMessage request)
            {
                if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith("/authenticatorMethods", StringComparison.Ordinal)) throw new KilledException();
            }

            if (serverActed) _server.After = Die;
            else _server.Before = Die;
            await Assert.ThrowsAsync<KilledException>(() => device.Registered.RegisterAsync(device.Account, Token));
        }

        _server.Before = _server.After = _ => { };
        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        var kept = next.Account.Device!;
        await next.Registered.RegisterAsync(next.Account, Token);

        Assert.Equal(kept.PublicKey.ToBase64Url(), Assert.Single(_server.Authenticators).Key);
        Assert.Equal(kept with { Id = "device-0" }, next.Account.Device);
    }

    [Fact]
    public async Task Signing_in_again_and_a_new_token_keep_the_device()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registered.RegisterAsync(device.Account, Token);
        var registered = device.Account.Device;

        await device.Accounts.AddAsync(PaperServer.Root, new("access", _time.GetUtcNow().AddMinutes(5), "refresh-again"), Token);
        _time.Advance(TimeSpan.FromMinutes(6));
        await device.Registered.FindAsync(device.Account, Token);

        Assert.Equal(registered, device.Account.Device);
        Assert.NotEqual("refresh-again", device.Account.RefreshToken);
    }

    [Fact]
    public async Task Deleted_on_the_server_it_is_forgotten_here_at_the_next_start_and_an_outage_forgets_nothing()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registered.RegisterAsync(device.Account, Token);
        _server.Before = _ => throw new HttpRequestException("no network");
        Assert.NotNull(await device.Reconciliation.ReconcileAsync(device.Account, Token));
        Assert.NotNull(device.Account.Device);

        _server.Before = _ => { };
        _server.Authenticators.Clear();
        await device.HealAsync(Token);

        Assert.Null(device.Account.Device);
    }

    [Fact]
    public async Task A_live_connection_that_knew_the_account_before_it_was_registered_takes_the_deletion_over_too()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        var before = device.Account;
        await device.Registered.RegisterAsync(before, Token);
        _server.Authenticators.Clear();

        await device.Reconciliation.ReconcileAsync(before, Token);

        Assert.Null(device.Account.Device);
    }

    [Fact]
    public async Task Taken_away_here_it_goes_on_the_server_first_and_stays_when_the_server_does_not_answer()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registered.RegisterAsync(device.Account, Token);
        _server.Before = _ => throw new HttpRequestException("no network");
        await Assert.ThrowsAsync<ApiException>(() => device.Registered.RemoveAsync(device.Account, Token));
        Assert.NotNull(device.Account.Device);

        _server.Before = _ => { };
        await device.Registered.RemoveAsync(device.Account, Token);

        Assert.Null(device.Account.Device);
        Assert.Empty(_server.Authenticators);
    }

    [Fact]
    public async Task An_account_that_is_removed_takes_its_device_off_the_server()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registered.RegisterAsync(device.Account, Token);

        Assert.Null(await device.Accounts.RemoveAsync(device.Account.Id, Token));

        Assert.Empty(_server.Authenticators);
        Assert.Empty(device.Accounts.All);
    }

    [Fact]
    public async Task An_account_removed_without_the_server_is_gone_here_and_says_what_is_left()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registered.RegisterAsync(device.Account, Token);
        _server.Before = _ => throw new HttpRequestException("no network");

        Assert.Equal(ApiException.Unreachable, (await device.Accounts.RemoveAsync(device.Account.Id, Token))!.Code);

        Assert.Empty(device.Accounts.All);
        Assert.Single(_server.Authenticators);
    }

    [Fact]
    public async Task An_account_removed_without_the_server_is_signed_out_there_as_soon_as_it_answers()
    {
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            await device.Registered.RegisterAsync(device.Account, Token);
            _server.Before = _ => throw new HttpRequestException("no network");
            await device.Accounts.RemoveAsync(device.Account.Id, Token);
            await device.Accounts.SignOutAsync(Token); // still nobody there
            Assert.Single(device.Vault.Contents.SignOuts);

            _server.Before = _ => { };
            await device.Accounts.SignOutAsync(Token);

            Assert.Empty(_server.Authenticators);
            Assert.Empty(device.Vault.Contents.SignOuts);
            Assert.Equal("POST /connect/revoke", _server.Requests[^1]);
        }
    }

    [Fact]
    public async Task A_sign_out_the_server_never_heard_of_is_forgotten_when_the_sign_in_is_over_by_itself()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        _server.Before = _ => throw new HttpRequestException("no network");
        await device.Accounts.RemoveAsync(device.Account.Id, Token);
        _time.Advance(VaultSignOut.Life + TimeSpan.FromMinutes(1));

        await device.Accounts.SignOutAsync(Token);

        Assert.Empty(device.Vault.Contents.SignOuts);
    }

    [Fact]
    public void What_is_printed_of_a_device_is_not_its_key()
    {
        var device = VaultDevice.Create();

        Assert.DoesNotContain(device.PrivateKey.ToBase64Url(), $"{device} {device with { Id = "7" }}", StringComparison.Ordinal);
    }
}
