using Latchkey.Api.Fido2Methods;
using Latchkey.Authenticator;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Accounts.Tests.Killing;

/// <summary>
/// Kills the app at each step of a registration, a replacement, a deletion and a delivery: every write, flush and rename of its vault, every
/// request before it leaves and every answer before it arrives, until there is none left. Then it starts again from its disk, and 13 minutes
/// later once more. Nothing the person was told is lost, nothing stays half-made, the passkeys offered here are those the server keeps.
/// </summary>
public abstract class KillHarness
{
    private static readonly TimeSpan PatienceIsOver = Reconciliation.Patience + TimeSpan.FromMinutes(1);

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected abstract Task<World> NewWorldAsync();

    private protected Task RegistrationAsync() => KillAtEachStepAsync(
        (_, _) => Task.CompletedTask,
        async (_, device, _) => ((RegistrationOutcome.Registered)await RegisterAsync(device)).Method.Id,
        (told, offered) => Assert.True(told is null ? offered.Count <= 1 : offered.SetEquals([told])));

    private protected Task RegistrationAfterRefreshAsync() => KillAtEachStepAsync(
        (world, device) => ExpireTokenAsync(world, device),
        async (_, device, _) => ((RegistrationOutcome.Registered)await RegisterAsync(device)).Method.Id,
        (told, offered) => Assert.True(told is null ? offered.Count <= 1 : offered.SetEquals([told])));

    private protected async Task ReplacementAsync()
    {
        string? old = null;
        await KillAtEachStepAsync(
            async (_, device) => old = ((RegistrationOutcome.Registered)await RegisterAsync(device)).Method.Id,
            async (_, device, _) =>
            {
                var id = ((RegistrationOutcome.Registered)await RegisterAsync(device, replace: true)).Method.Id;
                await device.Reconciliation.ReconcileAsync(device.Account, Token);
                return id;
            },
            // At every moment there is one that works: the old one until the server has the new one.
            (told, offered) => Assert.Equal(told ?? (offered.Contains(old!) ? old : offered.Single()), Assert.Single(offered)));
    }

    private protected Task DeletionAsync() => KillAtEachStepAsync(
        async (_, device) => Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device)),
        async (_, device, _) =>
        {
            Assert.IsType<DeletionOutcome.Deleted>(await device.Deletion.DeleteAsync(device.Account, device.Offered!, Token));
            return "deleted";
        },
        // Killed before the wish was on disk, the passkey stays; afterwards it goes.
        (told, offered) => Assert.True(offered.Count <= (told is null ? 1 : 0)));

    private protected Task TakenBackDeletionAsync() => KillAtEachStepAsync(
        async (_, device) => Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device)),
        async (_, device, line) =>
        {
            line.IsCut = true;
            var passkey = device.Offered!;
            Assert.IsType<DeletionOutcome.Pending>(await device.Deletion.DeleteAsync(device.Account, passkey, Token));
            Assert.Null(device.Offered);
            await device.Deletion.KeepAsync(device.Vault.Contents.Find(passkey.Id)!, Token);
            return passkey.Id.ToString();
        },
        (told, offered) => Assert.True(told is null ? offered.Count <= 1 : offered.SetEquals([told])));

    private protected Task AnotherDeviceAsync() => KillAtEachStepAsync(
        (_, _) => Task.CompletedTask,
        async (world, device, line) =>
        {
            using var page = await PageAsync(world);
            var response = await CreateForPageAsync(world, page, device.Remote);
            // The answer is handed to the tunnel, and the page at its other end has it from then on, whatever becomes of this process.
            line.Life.Step("the tunnel takes the answer");
            await new Fido2MethodsClient(page).RegisterAsync(new(null, response), null, Token);
            line.Life.Step("the tunnel has taken the answer");
            await device.Delivery.WrittenAsync(response.Id, written: true);
            await device.Delivery.SettleAllAsync(Token);
            return response.Id.ToString();
        },
        (told, offered) => Assert.True(told is null ? offered.Count <= 1 : offered.SetEquals([told])));

    private protected Task ThisComputerAsync() => KillAtEachStepAsync(
        (_, _) => Task.CompletedTask,
        async (world, device, line) =>
        {
            using var page = await PageAsync(world);
            var response = await CreateForPageAsync(world, page, device.Keys);
            await device.Delivery.WrittenAsync(response.Id, written: true);
            // Only now the page gets it.
            line.Life.Step("the browser hears that it is kept");
            await new Fido2MethodsClient(page).RegisterAsync(new(null, response), null, Token);
            await device.Delivery.SettleAllAsync(Token);
            return response.Id.ToString();
        },
        (told, offered) => Assert.True(told is null ? offered.Count <= 1 : offered.SetEquals([told])));

    private protected Task GonePageAsync() => KillAtEachStepAsync(
        (_, _) => Task.CompletedTask,
        async (world, device, _) =>
        {
            using var page = await PageAsync(world);
            var response = await CreateForPageAsync(world, page, device.Remote);
            await device.Delivery.WrittenAsync(response.Id, written: true);
            await device.Delivery.SettleAllAsync(Token);
            return null;
        },
        (_, offered) => Assert.Empty(offered));

    private protected async Task HealingStartAsync(string killedAt)
    {
        for (var steps = 0; ; steps++)
        {
            await using var world = await NewWorldAsync();
            using var directory = new Disk();
            await LiveAsync(world, directory, life => life.EndAt(killedAt), (device, _) => RegisterAsync(device));
            var died = await LiveAsync(world, directory, life => life.EndAfter(steps), (device, _) => StartAsync(world, device));
            await HealAtOnceAsync(world, directory);
            Assert.Single(await SettleAsync(world, directory));
            if (died) continue;
            Assert.True(steps > 20, $"{steps} steps are too few for a start that heals");
            return;
        }
    }

    private async Task KillAtEachStepAsync(Func<World, Device, Task> prepare, Func<World, Device, MortalLine, Task<string?>> act, Action<string?, HashSet<string>> judge)
    {
        for (var steps = 0; ; steps++)
        {
            await using var world = await NewWorldAsync();
            using var directory = new Disk();
            string? told = null;
            var died = await LiveAsync(world, directory, _ => { }, async (device, line) =>
            {
                await prepare(world, device);
                line.Life.EndAfter(steps);
                var result = await act(world, device, line);
                told = line.Life.IsOver ? null : result;
            });
            await HealAtOnceAsync(world, directory);
            judge(told, await SettleAsync(world, directory));
            if (died) continue;
            Assert.True(steps > 5, $"{steps} steps are too few");
            return;
        }
    }

    /// <summary>One process, from its start to its end. True when it was killed.</summary>
    private protected static async Task<bool> LiveAsync(World world, Disk directory, Action<Life> arm, Func<Device, MortalLine, Task> live)
    {
        var life = new Life();
        using var line = new MortalLine(world.Server, life);
        using var device = await Device.StartAsync(new MortalDisk(directory.Path, life), line, world.Time, Token);
        device.Answer = _ => new AuthorizationAnswer.Granted { Pin = "passe-partout", Replace = true };
        if (device.Accounts.All.Count == 0) await device.Accounts.AddAsync(world.Root, await world.SignInAsync(), Token);
        arm(life);
        try
        {
            await live(device, line);
        }
        catch (KilledException)
        {
            // The next one finds what it left.
        }

        return life.IsOver;
    }

    /// <summary>What every start does, and the one thing it may ask for.</summary>
    private static async Task StartAsync(World world, Device device)
    {
        await device.Reconciliation.DropStagedAsync(Token);
        if (await device.Reconciliation.ReconcileAsync(device.Account, Token) is { } problem)
        {
            Assert.True(AccountBook.IsSignInNeeded(problem), problem.ToString());
            await device.Accounts.AddAsync(world.Root, await world.SignInAsync(), Token);
            Assert.Null(await device.Reconciliation.ReconcileAsync(device.Account, Token));
        }

        await device.Delivery.SettleAllAsync(Token);
    }

    /// <summary>The next start: what is offered, the server keeps, or may yet learn of.</summary>
    private protected static async Task HealAtOnceAsync(World world, Disk directory) => Assert.False(await LiveAsync(world, directory, _ => { }, async (device, _) =>
    {
        await StartAsync(world, device);
        var kept = await world.PasskeysAsync();
        Assert.All(device.Vault.Credentials.Where(passkey => passkey.IsOffered), passkey => Assert.True(kept.Contains(passkey.Id) || passkey.State == CredentialState.Delivered));
        Assert.DoesNotContain(device.Vault.Credentials, passkey => passkey.State == CredentialState.Staged);
    }));

    /// <summary>A start after the time in which a server may learn of a passkey: both sides hold the same, all of it works, nothing is owed.</summary>
    private protected static async Task<HashSet<string>> SettleAsync(World world, Disk directory)
    {
        world.Time.Advance(PatienceIsOver);
        HashSet<string> offered = [];
        Assert.False(await LiveAsync(world, directory, _ => { }, async (device, _) =>
        {
            await StartAsync(world, device);
            // The deletion of what a late answer replaced is owed from then on.
            await StartAsync(world, device);
            Assert.Empty(device.Vault.Contents.Work);
            Assert.All(device.Vault.Credentials, passkey => Assert.True(passkey.State is CredentialState.Confirmed or CredentialState.RecentlyDeleted, passkey.ToString()));
            Assert.DoesNotContain(device.Vault.Credentials, passkey => passkey.StillRegistered);
            offered = device.Vault.Credentials.Where(passkey => passkey.IsOffered).Select(passkey => passkey.Id.ToString()).ToHashSet();
            Assert.Equal((await world.PasskeysAsync()).Select(id => id.ToString()).Order(), offered.Order());
            foreach (var passkey in device.Vault.Credentials.Where(passkey => passkey.IsOffered).ToList())
            {
                Assert.Equal(passkey.Id.ToString(), (await device.Test.TestAsync(device.Account, passkey, Token)).Id);
            }
        }));
        return offered;
    }

    private protected static Task<RegistrationOutcome> RegisterAsync(Device device, bool replace = false) => device.Registration.RegisterAsync(device.Account, replace, elsewhere: null, handoff: null, Token);

    private static async Task ExpireTokenAsync(World world, Device device)
    {
        var account = device.Account;
        await device.Accounts.AddAsync(world.Root, (await world.SignInAsync()) with { ExpiresAt = world.Time.GetUtcNow() }, Token);
        Assert.Equal(account.Id, device.Account.Id);
    }

    /// <summary>The page's ceremony up to the answer that its client has in hands.</summary>
    private static async Task<RegistrationResponseJson> CreateForPageAsync(World world, HttpClient page, ICtapAuthenticator keys) => await new WebAuthnClient(keys, world.Time).CreateAsync(
        (await new Fido2MethodsClient(page).CreationOptionsAsync(Token)).PublicKey, new(Origin.Of(world.Root)), Token);

    /// <summary>A browser, signed in.</summary>
    private static async Task<HttpClient> PageAsync(World world)
    {
        var tokens = await world.SignInAsync();
        var http = new HttpClient(world.Server, disposeHandler: false) { BaseAddress = world.Root };
        http.DefaultRequestHeaders.Authorization = new("Bearer", tokens.AccessToken);
        return http;
    }

    private protected sealed class Disk : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("latchkey-killed").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
