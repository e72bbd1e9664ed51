using Latchkey.Authenticator;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>
/// Killed at any step between creation and acknowledgement, the next start brings both sides to the same end: the passkey works on both, or is on
/// neither.
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
    public async Task Killed_after_the_key_was_made_and_before_anybody_had_the_answer_nothing_is_left()
    {
        using (var device = await Device.StartAsync(_directory, _server, _time, Token, keys => AfterMake.Dies(keys)))
        {
            await Assert.ThrowsAsync<KilledException>(() => RegisterAsync(device));
            Assert.Equal(CredentialState.Staged, Assert.Single(device.Vault.Credentials).State);
        }

        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        await next.HealAsync(Token);

        Assert.Empty(next.Vault.Credentials);
        Assert.Empty(_server.Passkeys);
        Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(next));
    }

    [Fact]
    public Task Killed_before_the_server_saw_the_response_the_next_start_sends_it() => KilledAroundThePost(beforeTheServerActs: true);

    [Fact]
    public Task Killed_after_the_server_acted_and_before_its_answer_arrived_the_next_start_gets_the_same_answer() => KilledAroundThePost(beforeTheServerActs: false);

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
    public async Task Killed_in_the_middle_of_a_replacement_exactly_one_passkey_is_left_on_both_sides()
    {
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            Assert.IsType<RegistrationOutcome.Registered>(await RegisterAsync(device));
            _time.Advance(TimeSpan.FromMinutes(1));
            device.Answer = _ => new AuthorizationAnswer.Granted { Pin = "passe-partout", Replace = true };
            _server.After = Killing(Post);
            await Assert.ThrowsAsync<KilledException>(() => device.Registration.RegisterAsync(device.Account, replace: true, null, Token));
            Assert.Equal(2, device.Vault.Credentials.Count(passkey => passkey.IsOffered));
        }

        _server.After = _ => { };
        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        await next.HealAsync(Token);
        await next.HealAsync(Token); // the deletion of the old one is owed from the first on

        Assert.Equal(_server.Passkeys.Keys.Single(), next.Offered!.Id);
        Assert.Equal(CredentialState.Confirmed, next.Offered.State);
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

    [Fact]
    public async Task Killed_before_the_server_deleted_the_next_start_deletes_on_both_sides()
    {
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            await RegisterAsync(device);
            _server.Before = request => { if (request.Method == HttpMethod.Delete) throw new KilledException(); };
            await Assert.ThrowsAsync<KilledException>(() => device.Deletion.DeleteAsync(device.Account, device.Offered!, Token));
        }

        _server.Before = _ => { };
        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        await next.HealAsync(Token);

        Assert.Empty(_server.Passkeys);
        Assert.Null(next.Offered);
        Assert.Empty(next.Vault.Contents.Work);
    }

    private async Task KilledAroundThePost(bool beforeTheServerActs)
    {
        Set(beforeTheServerActs, Killing(Post));
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            await Assert.ThrowsAsync<KilledException>(() => RegisterAsync(device));
        }

        Set(beforeTheServerActs, _ => { });
        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        Assert.Equal(CredentialState.Delivered, next.Offered!.State);
        await next.HealAsync(Token);

        Assert.Equal(CredentialState.Confirmed, next.Offered!.State);
        Assert.Equal(next.Offered.Id, _server.Passkeys.Keys.Single());
        Assert.Equal("Latchkey Authenticator", (await next.Test.TestAsync(next.Account, next.Offered, Token)).DisplayName);
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

    private static Task<RegistrationOutcome> RegisterAsync(Device device) => device.Registration.RegisterAsync(device.Account, replace: false, null, Token);
}
