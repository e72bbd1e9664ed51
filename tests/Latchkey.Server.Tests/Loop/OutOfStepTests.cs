using Latchkey.Accounts;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using App = Latchkey.Accounts.Tests.Device;

namespace Latchkey.Server.Tests.Loop;

/// <summary>What is done in My Security info reaches the Authenticator when it next comes in step: at its start, or when the server says that something changed.</summary>
public sealed class OutOfStepTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-step").FullName;
    private RealWorld _world = null!;
    private App _app = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _world = await RealWorld.StartAsync();
        _app = await App.StartAsync(new VaultDisk(_directory), _world.Server, _world.Time, Token);
        await _app.Accounts.AddAsync(_world.Root, await _world.SignInAsync(), Token);
        Assert.IsType<RegistrationOutcome.Registered>(await _app.Registration.RegisterAsync(_app.Account, replace: false, elsewhere: null, handoff: null, Token));
    }

    public async ValueTask DisposeAsync()
    {
        _app.Dispose();
        await _world.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_passkey_deleted_in_the_portal_is_no_longer_offered_and_can_be_brought_back_for_thirty_days()
    {
        using var browser = await InPortalAsync();
        var id = await IdAsync();
        await browser.OpenAsync($"/security-info/passkeys/{id}/delete");
        await browser.SubmitAsync($"/security-info/passkeys/{id}/delete");

        Assert.Null(await _app.Reconciliation.ReconcileAsync(_app.Account, Token));

        Assert.Equal(PasskeyStanding.RecentlyDeleted, _app.Vault.Contents.StandingOf(Assert.Single(_app.Vault.Credentials)));
    }

    [Fact]
    public async Task A_rename_in_the_portal_reaches_the_name_here()
    {
        using var browser = await InPortalAsync();
        var id = await IdAsync();
        await browser.OpenAsync($"/security-info/passkeys/{id}/name");
        await browser.SubmitAsync($"/security-info/passkeys/{id}/name", ("name", "Blue laptop"));

        Assert.Null(await _app.Reconciliation.ReconcileAsync(_app.Account, Token));

        Assert.Equal("Blue laptop", _app.Offered!.DisplayName);
    }

    [Fact]
    public async Task A_passkey_whose_account_is_gone_from_the_app_is_still_asked_about()
    {
        var passkey = _app.Offered!.Id;
        await _app.Accounts.RemoveAsync(_app.Account.Id, Token);
        Assert.True(_app.Vault.Contents.Find(passkey)!.IsOffered);
        await _world.ForgetAsync();

        await _app.Delivery.SettleAllAsync(Token);

        Assert.Equal(CredentialState.RecentlyDeleted, _app.Vault.Contents.Find(passkey)!.State);
    }

    private Task<Guid> IdAsync() => _world.Running.InDatabaseAsync(db => db.Passkeys.Select(passkey => passkey.Id).SingleAsync());

    private async Task<Browser> InPortalAsync()
    {
        // A code is good once.
        _world.Time.Advance(TimeSpan.FromSeconds(30));
        return await _world.Running.NewBrowser().SignInAsync("regular");
    }
}
