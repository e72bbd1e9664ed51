using Latchkey.Authenticator.Vault;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Authenticator.Tests.Vault;

public sealed class PinAttemptsTests
{
    private const string Right = "passe-partout", Wrong = "not the PIN";

    private readonly FakeTimeProvider _time = new();
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public PinAttemptsTests() => FileCredentialStore.CreateAsync(new DyingDisk(_files), Right, _time, new(8, 1), Token).GetAwaiter().GetResult().Dispose();

    [Fact]
    public async Task A_wrong_PIN_is_an_error_of_its_own_and_says_how_many_may_follow()
    {
        using var vault = Restart();

        Assert.Equal(7, (await Assert.ThrowsAsync<WrongPinException>(() => vault.UnlockAsync(Wrong, _time, Token))).AttemptsLeft);
    }

    [Fact]
    public async Task Three_wrong_PINs_in_a_row_need_a_restart_even_for_the_right_one()
    {
        using (var vault = Restart())
        {
            await Assert.ThrowsAsync<WrongPinException>(() => vault.UnlockAsync(Wrong, _time, Token));
            await Assert.ThrowsAsync<WrongPinException>(() => vault.UnlockAsync(Wrong, _time, Token));
            Assert.False((await Assert.ThrowsAsync<PinBlockedException>(() => vault.UnlockAsync(Wrong, _time, Token))).ForGood);
            Assert.False((await Assert.ThrowsAsync<PinBlockedException>(() => vault.UnlockAsync(Right, _time, Token))).ForGood);
            Assert.Equal(5, vault.PinAttemptsLeft);
        }

        using var again = Restart();
        (await again.UnlockAsync(Right, _time, Token)).Dispose();
        Assert.Equal(8, again.PinAttemptsLeft);
    }

    [Fact]
    public async Task Eight_wrong_PINs_block_for_good_whatever_is_restarted()
    {
        for (var attempt = 1; attempt <= 8; attempt++)
        {
            using var vault = Restart();
            await Assert.ThrowsAnyAsync<VaultException>(() => vault.UnlockAsync(Wrong, _time, Token));
        }

        using var blocked = Restart();
        Assert.True((await Assert.ThrowsAsync<PinBlockedException>(() => blocked.UnlockAsync(Right, _time, Token))).ForGood);
    }

    [Fact]
    public async Task An_attempt_is_counted_on_disk_before_the_PIN_is_checked()
    {
        var life = _files["vault"].Length + 2; // the counted file is written, flushed and renamed; then the process dies

        using (var vault = LockedVault.Open(new DyingDisk(_files, life)))
        {
            await Assert.ThrowsAsync<DeadException>(() => vault.UnlockAsync(Right, _time, Token));
        }

        using var again = Restart();
        Assert.Equal(7, again.PinAttemptsLeft);
    }

    [Fact]
    public async Task User_verification_counts_the_same_attempts()
    {
        using var vault = Restart();
        using var store = await vault.UnlockAsync(Right, _time, Token);

        Assert.Equal(PinCheck.Wrong, await store.CheckPinAsync(Wrong, Token));
        Assert.Equal(7, store.PinAttemptsLeft);
        Assert.Equal(PinCheck.Right, await store.CheckPinAsync(Right, Token));
        Assert.Equal(8, store.PinAttemptsLeft);
        Assert.Equal([PinCheck.Wrong, PinCheck.Wrong, PinCheck.BlockedUntilRestart, PinCheck.BlockedUntilRestart],
            [await store.CheckPinAsync(Wrong, Token), await store.CheckPinAsync("", Token), await store.CheckPinAsync(Wrong, Token), await store.CheckPinAsync(Right, Token)]);
    }

    [Fact]
    public async Task Locking_the_vault_again_does_not_clear_the_wrong_PINs_in_a_row()
    {
        using var vault = Restart();
        var store = await vault.UnlockAsync(Right, _time, Token);
        Assert.Equal(PinCheck.Wrong, await store.CheckPinAsync(Wrong, Token));
        Assert.Equal(PinCheck.Wrong, await store.CheckPinAsync(Wrong, Token));

        var locked = store.Lock();

        Assert.False((await Assert.ThrowsAsync<PinBlockedException>(() => locked.UnlockAsync(Wrong, _time, Token))).ForGood);
        Assert.False((await Assert.ThrowsAsync<PinBlockedException>(() => locked.UnlockAsync(Right, _time, Token))).ForGood);
        Assert.Equal(5, locked.PinAttemptsLeft);
    }

    private LockedVault Restart() => LockedVault.Open(new DyingDisk(_files));
}
