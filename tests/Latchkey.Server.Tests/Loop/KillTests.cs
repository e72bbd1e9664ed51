using Latchkey.Accounts;
using Latchkey.Accounts.Tests.Killing;
using App = Latchkey.Accounts.Tests.Device;

namespace Latchkey.Server.Tests.Loop;

/// <summary>The Authenticator killed at each step, against the real server in this process.</summary>
public sealed class AuthenticatorKillTests : KillHarness, IAsyncLifetime
{
    private RealWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await RealWorld.StartAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public Task Killed_in_a_replacement_there_is_one_that_works_at_every_moment() => ReplacementAsync();

    [Fact]
    public Task Killed_in_a_deletion() => DeletionAsync();

    [Fact]
    public Task Killed_while_a_passkey_goes_to_another_device() => AnotherDeviceAsync();

    private protected override async Task<World> NewWorldAsync()
    {
        await _world.ForgetAsync();
        return new Lent(_world);
    }

    /// <summary>One server for all lives: starting it is most of what a life would cost.</summary>
    private sealed class Lent(RealWorld world) : World
    {
        public override Uri Root => world.Root;

        public override Microsoft.Extensions.Time.Testing.FakeTimeProvider Time => world.Time;

        public override HttpMessageHandler Server => world.Server;

        public override Task<Latchkey.Api.OpenIdConnect.TokenSet> SignInAsync() => world.SignInAsync();

        public override Task<IReadOnlySet<Latchkey.Protocol.WebAuthn.CredentialId>> PasskeysAsync() => world.PasskeysAsync();

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>
/// The real server killed before and after each commit of its database, and started again on what it left; the Authenticator goes on, and both
/// end with the same.
/// </summary>
public sealed class ServerKillTests : KillHarness, IAsyncLifetime
{
    private RealWorld _world = null!;

    public async ValueTask InitializeAsync() => _world = await RealWorld.StartAsync();

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public Task Killed_in_a_registration() => KillServerAsync(
        _ => Task.CompletedTask,
        async device => (await RegisterAsync(device) as RegistrationOutcome.Registered)?.Method.Id,
        (told, offered) => Assert.True(told is null ? offered.Count <= 1 : offered.SetEquals([told])));

    [Fact]
    public Task Killed_in_a_deletion() => KillServerAsync(
        async device => Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device)),
        async device => await device.Deletion.DeleteAsync(device.Account, device.Offered!, Token) is DeletionOutcome.Deleted ? "deleted" : null,
        // The wish was on the device's disk before the server heard of it.
        (_, offered) => Assert.Empty(offered));

    private async Task KillServerAsync(Func<App, Task> prepare, Func<App, Task<string?>> act, Action<string?, HashSet<string>> judge)
    {
        for (var step = 0; ; step++)
        {
            await _world.ForgetAsync();
            using var directory = new Disk();
            string? told = null;
            Assert.False(await LiveAsync(_world, directory, _ => { }, async (device, _) =>
            {
                await prepare(device);
                _world.KillAtCommit(step);
                told = await act(device);
            }));
            var died = _world.IsKilled;
            if (died) await _world.RestartAsync();
            else _world.KillAtCommit(int.MaxValue);
            await HealAtOnceAsync(_world, directory);
            judge(told, await SettleAsync(_world, directory));
            if (died) continue;
            Assert.True(step >= 2, $"{step} steps are too few");
            return;
        }
    }

    private protected override Task<World> NewWorldAsync() => throw new NotSupportedException("The server is the one that is killed.");
}
