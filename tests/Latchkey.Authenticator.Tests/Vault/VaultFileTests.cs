using Latchkey.Authenticator.Vault;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Authenticator.Tests.Vault;

public sealed class VaultFileTests
{
    private const string Pin = "passe-partout";

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_at_any_byte_or_step_of_a_change_the_vault_is_the_old_one_or_the_new_one()
    {
        var before = await NewVaultAsync();
        var (first, second) = (FileCredentialStoreTests.NewPasskey(), FileCredentialStoreTests.NewPasskey());
        var (old, changed) = (0, 0);
        for (var life = 0; ; life++)
        {
            var files = new Dictionary<string, byte[]>(before, StringComparer.Ordinal);
            await WithStoreAsync(files, store => store.StageAsync(first, Token));
            var completed = await DieAsync(files, life, store => store.StageAsync(second, Token));

            var found = await WithStoreAsync(files, store => Task.FromResult(store.Credentials.Select(passkey => passkey.Id).ToList()));
            Assert.Contains(first.Id, found);
            _ = found.Contains(second.Id) ? changed++ : old++;
            if (!completed) continue;
            Assert.Contains(second.Id, found);
            break;
        }

        // every byte of the new file and the two steps before the rename leave the old one; the rename makes it new
        Assert.True(old > 500, $"{old} deaths left the old vault");
        Assert.Equal(2, changed);
    }

    [Fact]
    public async Task Killed_at_any_byte_or_step_of_a_PIN_change_one_of_the_two_PINs_opens()
    {
        var before = await NewVaultAsync();
        for (var life = 0; ; life += 7)
        {
            var files = new Dictionary<string, byte[]>(before, StringComparer.Ordinal);
            var completed = await DieAsync(files, life, store => store.ChangePinAsync(Pin, "another PIN", Token));

            Assert.True(await OpensAsync(files, Pin) ^ await OpensAsync(files, "another PIN"));
            if (completed) break;
        }
    }

    [Fact]
    public async Task Any_bit_flipped_or_byte_cut_is_damage_and_costs_no_attempt()
    {
        var good = (await NewVaultAsync())["vault"];
        for (var at = 0; at < good.Length; at++)
        {
            var flipped = good.ToArray();
            flipped[at] ^= 0x40;
            if (at == "LATCHKEY-VAULT".Length) continue; // the version, below
            Assert.Throws<VaultDamagedException>(() => Open(flipped));
            Assert.Throws<VaultDamagedException>(() => Open(good[..at]));
        }

        Assert.Throws<VaultDamagedException>(() => Open([.. good, 0]));
        using var vault = Open(good);
        Assert.Equal(8, vault.PinAttemptsLeft);
    }

    [Fact]
    public async Task A_newer_version_is_an_error_of_its_own()
    {
        var file = (await NewVaultAsync())["vault"];
        file["LATCHKEY-VAULT".Length] = 9;

        Assert.Equal(9, Assert.Throws<VaultNewerVersionException>(() => Open(file)).Version);
    }

    [Fact]
    public async Task Two_changes_never_use_the_same_nonce()
    {
        var files = await NewVaultAsync();
        var nonces = new HashSet<string>(StringComparer.Ordinal);
        await WithStoreAsync(files, async store =>
        {
            for (var i = 0; i < 20; i++)
            {
                await store.StageAsync(FileCredentialStoreTests.NewPasskey(), Token);
                Assert.True(nonces.Add(VaultFile.Parse(files["vault"]).Nonce.ToHex()));
            }

            return true;
        });
    }

    private static LockedVault Open(byte[] file) => LockedVault.Open(new DyingDisk(new(StringComparer.Ordinal) { ["vault"] = file }));

    private async Task<Dictionary<string, byte[]>> NewVaultAsync()
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        (await FileCredentialStore.CreateAsync(new DyingDisk(files), Pin, _time, new(8, 1), Token)).Dispose();
        return files;
    }

    private async Task<T> WithStoreAsync<T>(Dictionary<string, byte[]> files, Func<FileCredentialStore, Task<T>> use)
    {
        using var vault = LockedVault.Open(new DyingDisk(files));
        using var store = await vault.UnlockAsync(Pin, _time, Token);
        return await use(store);
    }

    private Task<bool> WithStoreAsync(Dictionary<string, byte[]> files, Func<FileCredentialStore, Task> use) => WithStoreAsync(files, async store =>
    {
        await use(store);
        return true;
    });

    /// <summary>Opens the vault, then gives the process <paramref name="life"/> more bytes and steps. True when it lived to the end.</summary>
    private async Task<bool> DieAsync(Dictionary<string, byte[]> files, int life, Func<FileCredentialStore, Task> change)
    {
        var unlocking = 2 * (files["vault"].Length + 3); // the attempt counted, and forgiven
        using var vault = LockedVault.Open(new DyingDisk(files, unlocking + life), new(8, 1));
        using var store = await vault.UnlockAsync(Pin, _time, Token);
        try
        {
            await change(store);
            return true;
        }
        catch (DeadException)
        {
            return false;
        }
    }

    private async Task<bool> OpensAsync(Dictionary<string, byte[]> files, string pin)
    {
        using var vault = LockedVault.Open(new DyingDisk(new(files, StringComparer.Ordinal)));
        try
        {
            (await vault.UnlockAsync(pin, _time, Token)).Dispose();
            return true;
        }
        catch (WrongPinException)
        {
            return false;
        }
    }
}
