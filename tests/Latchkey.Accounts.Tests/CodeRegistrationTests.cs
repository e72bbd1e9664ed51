using Latchkey.Accounts.Tests.Killing;
using Latchkey.Api;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>Codes the server keeps are never lost here, and codes it does not keep are never shown here: whatever dies on the way.</summary>
public sealed class CodeRegistrationTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-accounts").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;

    public CodeRegistrationTests() => _server = new(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Codes_are_registered_shown_and_deleted_on_both_sides()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        var code = await device.Codes.RegisterAsync(device.Account, Token);

        Assert.Equal("Codes on paper", Assert.Single(_server.Codes.Kept).Value.DisplayName);
        Assert.Equal((device.Account.Id, _server.Codes.Kept.Keys.Single()), (code.AccountId, code.MethodId));
        Assert.Equal(_server.Codes.KeyOf(code.MethodId!.Value).CodeAt(_time.GetUtcNow()), code.Key.CodeAt(_time.GetUtcNow()));

        await device.Codes.DeleteAsync(device.Account, code, Token);
        Assert.Empty(_server.Codes.Kept);
        Assert.Empty(device.Vault.Contents.Codes);
    }

    [Theory]
    [InlineData("/softwareOathMethods", false)]
    [InlineData("/softwareOathMethods", true)]
    [InlineData("/confirm", false)]
    [InlineData("/confirm", true)]
    public async Task Killed_around_either_exchange_the_next_start_ends_with_the_same_codes_on_both_sides_or_on_neither(string exchange, bool serverActed)
    {
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            void Die(HttpRequestMessage request)
            {
                if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith(exchange, StringComparison.Ordinal)) throw new KilledException();
            }

            if (serverActed) _server.After = Die;
            else _server.Before = Die;
            await Assert.ThrowsAsync<KilledException>(() => device.Codes.RegisterAsync(device.Account, Token));
        }

        _server.Before = _server.After = _ => { };
        _time.Advance(TimeSpan.FromMinutes(1));
        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        Assert.Null(await next.Codes.ReconcileAsync(next.Account, Token));

        Assert.Equal(_server.Codes.Kept.Keys, next.Vault.Contents.Codes.Select(code => code.MethodId!.Value));
        Assert.Empty(next.Vault.Contents.PendingCodes);
        await next.Codes.RegisterAsync(next.Account, Token);
        Assert.NotEmpty(_server.Codes.Kept);
    }

    [Fact]
    public async Task An_acknowledgement_lost_for_a_day_heals_with_the_same_codes()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        _server.After = request =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/confirm", StringComparison.Ordinal)) throw new HttpRequestException("cut");
        };
        Assert.True((await Assert.ThrowsAsync<ApiException>(() => device.Codes.RegisterAsync(device.Account, Token))).IsTransient);
        Assert.Empty(device.Vault.Contents.Codes);

        _server.After = _ => { };
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Null(await device.Codes.ReconcileAsync(device.Account, Token));

        Assert.Equal(Assert.Single(_server.Codes.Kept).Key, Assert.Single(device.Vault.Contents.Codes).MethodId);
    }

    [Fact]
    public async Task What_the_server_never_heard_of_is_dropped_when_it_is_too_late_and_begun_anew()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        _server.Before = request =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/confirm", StringComparison.Ordinal)) throw new HttpRequestException("cut");
        };
        await Assert.ThrowsAsync<ApiException>(() => device.Codes.RegisterAsync(device.Account, Token));
        _server.Before = _ => { };
        _time.Advance(TimeSpan.FromMinutes(16));

        var code = await device.Codes.RegisterAsync(device.Account, Token);

        Assert.Equal(code.MethodId, Assert.Single(_server.Codes.Kept).Key);
        Assert.Empty(device.Vault.Contents.PendingCodes);
    }

    [Fact]
    public async Task Codes_deleted_in_the_portal_go_here_and_an_outage_takes_none_away()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Codes.RegisterAsync(device.Account, Token);

        _server.Before = _ => throw new HttpRequestException("cut");
        Assert.NotNull(await device.Codes.ReconcileAsync(device.Account, Token));
        Assert.Single(device.Vault.Contents.Codes);

        _server.Before = _ => { };
        _server.Codes.Kept.Clear();
        Assert.Null(await device.Codes.ReconcileAsync(device.Account, Token));
        Assert.Empty(device.Vault.Contents.Codes);
    }

    [Fact]
    public async Task Two_who_heal_at_once_end_with_one()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        _server.After = request =>
        {
            if (request.RequestUri!.AbsolutePath.EndsWith("/confirm", StringComparison.Ordinal)) throw new HttpRequestException("cut");
        };
        await Assert.ThrowsAsync<ApiException>(() => device.Codes.RegisterAsync(device.Account, Token));
        _server.After = _ => { };

        await Task.WhenAll(device.Codes.ReconcileAsync(device.Account, Token), device.Codes.ReconcileAsync(device.Account, Token));

        Assert.Single(device.Vault.Contents.Codes);
    }
}
