using Latchkey.Accounts.Tests.Killing;
using Latchkey.Authenticator;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>
/// What broke between creation and acknowledgement ends the same on both sides: the passkey works on both, or is on neither. That it does so
/// killed at any step is <see cref="KillHarness"/>'s; here is what time and the network do.
/// </summary>
public sealed class HealingTests : IDisposable
{
    private const string Post = "/v1.0/me/authentication/fido2Methods";

    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-accounts").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;

    public HealingTests() => _server = new(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_response_that_is_sent_after_its_ceremony_expired_is_refused_and_rolled_back()
    {
        _server.Before = Killing(Post);
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            await Assert.ThrowsAsync<KilledException>(() => RegisterAsync(device));
        }

        _server.Before = _ => { };
        _time.Advance(TimeSpan.FromMinutes(11));
        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        await next.HealAsync(Token);

        Assert.Null(next.Offered);
        Assert.Empty(next.Vault.Contents.Work);
        Assert.Empty(_server.Passkeys);
    }

    [Fact]
    public async Task A_response_the_server_took_is_acknowledged_even_after_the_ceremony_expired()
    {
        _server.After = Killing(Post);
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            await Assert.ThrowsAsync<KilledException>(() => RegisterAsync(device));
        }

        _server.After = _ => { };
        _time.Advance(TimeSpan.FromHours(20));
        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        await next.HealAsync(Token);

        Assert.Equal(_server.Passkeys.Keys.Single(), next.Offered!.Id);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_network_that_breaks_around_the_post_leaves_the_response_outstanding_and_the_passkey_usable(bool beforeTheServerActs)
    {
        Set(beforeTheServerActs, request => { if (IsPost(request)) throw new HttpRequestException("broken"); });
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        var outcome = await RegisterAsync(device);

        Assert.IsType<RegistrationOutcome.Outstanding>(outcome);
        Assert.Equal(CredentialState.Delivered, device.Offered!.State);
        Set(beforeTheServerActs, _ => { });
        await device.HealAsync(Token);
        Assert.Equal(CredentialState.Confirmed, device.Offered!.State);
        Assert.Equal(device.Offered.Id, _server.Passkeys.Keys.Single());
        Assert.Empty(device.Vault.Contents.Work);
    }

    [Fact]
    public async Task A_passkey_deleted_on_the_server_moves_to_the_recently_deleted()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await RegisterAsync(device);
        _server.Passkeys.Clear();

        await device.HealAsync(Token);

        Assert.Null(device.Offered);
        Assert.Equal(CredentialState.RecentlyDeleted, Assert.Single(device.Vault.Credentials).State);
    }

    [Fact]
    public async Task No_outage_removes_anything()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await RegisterAsync(device);
        _server.Before = _ => throw new HttpRequestException("down");
        _time.Advance(TimeSpan.FromDays(90));

        Assert.NotNull(await device.Reconciliation.ReconcileAsync(device.Account, Token));

        Assert.NotNull(device.Offered);
    }

    private void Set(bool before, Action<HttpRequestMessage> hook)
    {
        if (before) _server.Before = hook;
        else _server.After = hook;
    }

    private static Action<HttpRequestMessage> Killing(string path) => request =>
    {
        if (IsPost(request) && request.RequestUri!.AbsolutePath == path) throw new KilledException();
    };

    private static bool IsPost(HttpRequestMessage request) => request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath == Post;

    private static Task<RegistrationOutcome> RegisterAsync(Device device) => device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);
}
