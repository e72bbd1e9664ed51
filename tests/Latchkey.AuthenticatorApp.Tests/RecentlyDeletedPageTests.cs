using Latchkey.Authenticator;
using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Features.RecentlyDeleted;
using Latchkey.Protocol;

namespace Latchkey.AuthenticatorApp.Tests;

/// <summary>What was deleted is shown with its day and the days it has left, comes back as it was, and is gone for good after thirty.</summary>
public sealed class RecentlyDeletedPageTests : IAsyncLifetime
{
    private Browsing _authenticator = null!;

    public async ValueTask InitializeAsync() => _authenticator = await Browsing.StartAsync();

    public ValueTask DisposeAsync() => _authenticator.DisposeAsync();

    [Fact]
    public async Task A_passkey_and_codes_are_shown_with_their_day_and_the_days_left()
    {
        var passkey = await _authenticator.AddPasskeyAsync();
        await _authenticator.Store.DeleteAsync(passkey, Browsing.Token);
        _authenticator.Time.Advance(TimeSpan.FromDays(1));
        await DeleteAsync(await AddCodeAsync());
        _authenticator.Time.Advance(TimeSpan.FromDays(9));

        var page = await _authenticator.ShowAsync<RecentlyDeletedPage>();

        Assert.Contains("Passkey for eve", page, StringComparison.Ordinal);
        Assert.Contains("Deleted 3 March 2026", page, StringComparison.Ordinal);
        Assert.Contains("20 days left", page, StringComparison.Ordinal);
        Assert.Contains("Codes for ada", page, StringComparison.Ordinal);
        Assert.Contains("Deleted 4 March 2026", page, StringComparison.Ordinal);
        Assert.Contains("21 days left", page, StringComparison.Ordinal);
        Assert.Contains("Accounts, and codes that an organisation has deleted, are not kept here", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_the_last_day_that_is_said()
    {
        await _authenticator.Store.DeleteAsync(await _authenticator.AddPasskeyAsync(), Browsing.Token);
        _authenticator.Time.Advance(TimeSpan.FromDays(29.5));

        Assert.Contains("Goes today", await _authenticator.ShowAsync<RecentlyDeletedPage>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_thirty_days_it_is_neither_shown_nor_in_the_file()
    {
        await _authenticator.Store.DeleteAsync(await _authenticator.AddPasskeyAsync(), Browsing.Token);
        await DeleteAsync(await AddCodeAsync());
        _authenticator.Time.Advance(PublicKeyCredentialSource.DeletedLifetime - TimeSpan.FromSeconds(1));
        await ReopenAsync();
        Assert.Equal((1, 1), (_authenticator.Store.Credentials.Count, _authenticator.Store.Contents.DeletedCodes.Count));

        _authenticator.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("Nothing was deleted in the last 30 days.", await _authenticator.ShowAsync<RecentlyDeletedPage>(), StringComparison.Ordinal);
        await ReopenAsync();

        Assert.Equal((0, 0), (_authenticator.Store.Credentials.Count, _authenticator.Store.Contents.DeletedCodes.Count));
    }

    [Fact]
    public async Task Codes_come_back_as_they_were_and_once_if_they_were_added_anew_meanwhile()
    {
        var code = await AddCodeAsync();
        await DeleteAsync(code);
        Assert.Empty(_authenticator.Store.Contents.Codes);

        await _authenticator.Store.UpdateAsync(contents => contents.RestoredCode(code.Id), Browsing.Token);
        Assert.Equal(code, Assert.Single(_authenticator.Store.Contents.Codes));

        await DeleteAsync(code);
        await _authenticator.Store.UpdateAsync(contents => contents.Added(VaultCode.Of(code.Key, _authenticator.Time.GetUtcNow())).RestoredCode(code.Id), Browsing.Token);
        Assert.Single(_authenticator.Store.Contents.Codes);
        Assert.Empty(_authenticator.Store.Contents.DeletedCodes);
    }

    [Fact]
    public async Task Codes_nobody_wants_back_are_gone_at_once()
    {
        var code = await AddCodeAsync();
        await DeleteAsync(code);

        await _authenticator.Store.UpdateAsync(contents => contents.ForgottenCode(code.Id), Browsing.Token);

        Assert.Empty(_authenticator.Store.Contents.DeletedCodes);
        Assert.Empty(_authenticator.Store.Contents.Codes);
    }

    private async Task<VaultCode> AddCodeAsync()
    {
        var code = VaultCode.Of(new TotpKey("Shop", "ada", ByteString.Random(20)), _authenticator.Time.GetUtcNow());
        await _authenticator.Store.UpdateAsync(contents => contents.Added(code), Browsing.Token);
        return code;
    }

    private Task DeleteAsync(VaultCode code) => _authenticator.Store.UpdateAsync(contents => contents.DeletedCode(code.Id, _authenticator.Time.GetUtcNow()), Browsing.Token);

    private async Task ReopenAsync()
    {
        _authenticator.Session.Lock();
        await _authenticator.Session.UnlockAsync(Browsing.Pin, Browsing.Token);
    }
}
