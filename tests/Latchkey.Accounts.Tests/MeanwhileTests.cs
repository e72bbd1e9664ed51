using Latchkey.Authenticator.Codes;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>What happens while a server is asked: its answer says nothing about that, and whoever gives up loses nothing.</summary>
public sealed class MeanwhileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-accounts").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;

    public MeanwhileTests() => _server = new(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Codes_that_are_registered_while_the_list_is_on_its_way_stay()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Codes.RegisterAsync(device.Account, Token);
        var added = VaultCode.Of(new TotpKey("Example", "ada", ByteString.Random(20)), _time.GetUtcNow()) with { AccountId = device.Account.Id, MethodId = Guid.NewGuid() };
        Task adding = Task.CompletedTask;
        _server.After = request =>
        {
            if (request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith("/softwareOathMethods", StringComparison.Ordinal))
            {
                adding = device.Vault.UpdateAsync(contents => contents.Added(added), Token);
            }
        };

        await device.Codes.ReconcileAsync(device.Account, Token);
        await adding;

        Assert.Contains(added, device.Vault.Contents.Codes);
    }

    [Fact]
    public async Task A_passkey_that_is_confirmed_while_the_list_is_on_its_way_stays()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);
        var first = device.Offered!;
        var made = CredentialId.Random();
        Task adding = Task.CompletedTask;
        _server.After = request =>
        {
            if (request.Method == HttpMethod.Get && request.RequestUri!.AbsolutePath.EndsWith("/fido2Methods", StringComparison.Ordinal))
            {
                adding = device.Vault.UpdateAsync(contents => contents with { Credentials = contents.Credentials.Add(first with { Id = made, Protection = CredentialProtection.UserVerificationRequired }) }, Token);
            }
        };

        await device.Reconciliation.ReconcileAsync(device.Account, Token);
        await adding;

        Assert.True(device.Vault.Contents.Find(made)!.IsOffered);
    }

    [Fact]
    public async Task A_passkey_that_is_gone_when_its_server_speaks_of_it_is_no_fault()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        var gone = CredentialId.Random();

        await device.Vault.UpdateAsync(contents => contents.Linked(gone, "a").Named(gone, "b").VouchedFor(gone, true).Listed(gone, true).KeptBy(gone, PaperServer.Root).Hidden(gone, _time.GetUtcNow()).Shown(gone).Renamed(gone, "a", "b"), Token);

        Assert.Empty(device.Vault.Credentials);
    }

    [Fact]
    public async Task Who_gives_up_while_the_sign_in_is_renewed_does_not_lose_it()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        _time.Advance(TimeSpan.FromMinutes(10));
        using var impatient = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var reached = new TaskCompletionSource();
        var goesOn = new TaskCompletionSource();
        var renewals = 0;
        _server.BeforeAsync = async request =>
        {
            if (request.RequestUri!.AbsolutePath != "/connect/token") return;
            renewals++;
            reached.TrySetResult();
            await goesOn.Task;
        };

        var token = device.Accounts.TokenAsync(device.Account, impatient.Token);
        await reached.Task.WaitAsync(Token);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => token);
        goesOn.SetResult();

        await device.Accounts.TokenAsync(device.Account, Token);
        Assert.Equal(1, renewals);
    }
}
