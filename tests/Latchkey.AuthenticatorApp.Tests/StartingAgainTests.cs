using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Features.RecentlyDeleted;
using Latchkey.AuthenticatorApp.Features.Welcome;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>Three wrong PINs, a PIN nobody remembers, a passkey its server keeps no longer: each has a way on in the window itself.</summary>
public sealed class StartingAgainTests : IAsyncLifetime
{
    private Browsing _authenticator = null!;

    public async ValueTask InitializeAsync() => _authenticator = await Browsing.StartAsync();

    public ValueTask DisposeAsync() => _authenticator.DisposeAsync();

    [Fact]
    public async Task After_three_wrong_PINs_a_press_starts_again_and_the_eight_in_all_are_still_counted()
    {
        var session = _authenticator.Session;
        session.Lock();
        for (var n = 0; n < 3; n++) await Assert.ThrowsAnyAsync<VaultException>(() => session.UnlockAsync("wrong wrong", Browsing.Token));
        Assert.True(session.NeedsNewStart);
        Assert.Contains("Start again", await _authenticator.ShowAsync<UnlockPage>(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<PinBlockedException>(() => session.UnlockAsync(Browsing.Pin, Browsing.Token));

        await session.StartAgainAsync();
        Assert.False(session.NeedsNewStart);
        Assert.Equal(4, (await Assert.ThrowsAsync<WrongPinException>(() => session.UnlockAsync("wrong wrong", Browsing.Token))).AttemptsLeft);
        await session.UnlockAsync(Browsing.Pin, Browsing.Token);
        Assert.NotNull(session.Open);
    }

    [Fact]
    public async Task A_forgotten_PIN_is_started_over_with_what_is_lost_said_before()
    {
        var session = _authenticator.Session;
        await _authenticator.AddPasskeyAsync();
        session.Lock();
        var page = await _authenticator.ShowAsync<UnlockPage>();
        Assert.Contains("Start over with a new PIN", page, StringComparison.Ordinal);
        Assert.Contains("the passkeys in this Authenticator", page, StringComparison.Ordinal);
        Assert.Contains("codes that are in no backup", page, StringComparison.Ordinal);
        Assert.DoesNotContain(_authenticator.DataDirectory, page, StringComparison.Ordinal); // nobody deletes folders

        await session.StartOverAsync();
        Assert.False(session.Exists);
        await session.CreateAsync("another " + Browsing.Pin, Browsing.Token);
        Assert.Empty(_authenticator.Store.Credentials);
    }

    [Fact]
    public async Task A_vault_that_is_blocked_for_good_or_damaged_can_be_started_over()
    {
        var session = _authenticator.Session;
        session.Lock();
        for (var n = 0; n < 8; n++)
        {
            if (session.NeedsNewStart) await session.StartAgainAsync();
            await Assert.ThrowsAnyAsync<VaultException>(() => session.UnlockAsync("wrong wrong", Browsing.Token));
        }

        Assert.Equal(0, session.PinAttemptsLeft);
        Assert.Contains("Start over with a new PIN", await _authenticator.ShowAsync<UnlockPage>(), StringComparison.Ordinal);
        await session.StartOverAsync();
        await session.CreateAsync(Browsing.Pin, Browsing.Token);
        session.Lock();
        await session.StartAgainAsync();
        await File.WriteAllTextAsync(Path.Combine(_authenticator.DataDirectory, "vault.latchkey"), "no vault", Browsing.Token);
        await Assert.ThrowsAsync<VaultDamagedException>(() => session.UnlockAsync(Browsing.Pin, Browsing.Token));
        await session.StartOverAsync();
        Assert.False(session.Exists);
    }

    [Fact]
    public async Task A_passkey_that_went_because_its_server_keeps_it_no_longer_says_so_and_offers_no_restoring()
    {
        var gone = await _authenticator.AddPasskeyAsync(user: "eve");
        var page = await ShowDeletedAsync(() => _authenticator.Store.DropAsync(gone, Browsing.Token));
        Assert.Contains("Deleted in the portal of", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">Restore<", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_was_deleted_here_alone_can_be_restored_and_one_the_server_deleted_too_can_not()
    {
        var here = await _authenticator.AddPasskeyAsync(user: "eve");
        var page = await ShowDeletedAsync(() => _authenticator.Store.DeleteAsync(here, Browsing.Token));
        Assert.Contains(">Restore<", page, StringComparison.Ordinal);
        await _authenticator.Store.ForgetAsync(here, Browsing.Token);

        var both = await _authenticator.AddPasskeyAsync(user: "ada");
        page = await ShowDeletedAsync(() => _authenticator.Store.DeletedAsync(both, Browsing.Token));
        Assert.Contains("deleted it too, so it can", page, StringComparison.Ordinal);
        Assert.DoesNotContain(">Restore<", page, StringComparison.Ordinal);
    }

    private async Task<string> ShowDeletedAsync(Func<Task> delete)
    {
        await delete();
        return await _authenticator.ShowAsync<RecentlyDeletedPage>();
    }
}
