using System.Net;
using System.Net.Http.Json;
using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Authenticator;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>A passkey that a browser asked for, not our own client: whose it is, and when it counts as kept.</summary>
public sealed class DeliveryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-accounts").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;

    public DeliveryTests() => _server = new(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task An_answer_that_could_not_be_written_leaves_nothing()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        await device.Delivery.WrittenAsync(await MakeAsync(device, "shop.example"), written: false);

        Assert.Empty(device.Vault.Credentials);
    }

    [Fact]
    public async Task A_foreign_passkey_is_confirmed_by_its_delivery()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        var id = await DeliverAsync(device, "shop.example");
        Assert.Equal(CredentialState.Delivered, device.Offered!.State);

        Assert.IsType<DeliveryOutcome.Foreign>(await SettleAsync(device, id));
        Assert.Equal(CredentialState.Confirmed, device.Offered.State);
        Assert.Equal(["GET /.well-known/passkey-endpoints"], _server.Requests.Skip(2)); // after the two of the sign-in
    }

    [Theory]
    [InlineData("""{"enroll":"https://shop.example/e","manage":"https://shop.example/m"}""")]
    [InlineData("""{"latchkey":{"api":"https://evil.example/"}}""")]
    [InlineData("""{"latchkey":{"api":"https://evilshop.example/"}}""")]
    [InlineData("""{"latchkey":{"api":"http://shop.example/"}}""")]
    [InlineData("""{"latchkey":{"api":"https://127.0.0.1/"}}""")]
    [InlineData("""{"latchkey":{"api":"/api"}}""")]
    [InlineData("<html>")]
    [InlineData("[]")]
    public async Task What_a_stranger_says_of_itself_counts_only_for_a_server_at_its_own_name(string endpoints)
    {
        _server.Elsewhere = _ => new(HttpStatusCode.OK) { Content = new StringContent(endpoints, System.Text.Encoding.UTF8, "application/json") };
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        Assert.IsType<DeliveryOutcome.Foreign>(await SettleAsync(device, await DeliverAsync(device, "shop.example")));

        Assert.DoesNotContain(_server.Requests, request => request.Contains("/passkeys/status", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_endless_answer_is_no_answer_of_ours()
    {
        _server.Elsewhere = _ => new(HttpStatusCode.OK) { Content = new ByteArrayContent(new byte[64 * 1024]) };
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        Assert.IsType<DeliveryOutcome.Foreign>(await SettleAsync(device, await DeliverAsync(device, "shop.example")));
    }

    [Fact]
    public async Task A_server_that_says_it_is_ours_is_asked_at_its_api()
    {
        List<string> asked = [];
        _server.Elsewhere = request =>
        {
            asked.Add(request.RequestUri!.AbsoluteUri);
            return request.RequestUri.AbsolutePath == "/.well-known/passkey-endpoints"
                ? new(HttpStatusCode.OK) { Content = new StringContent("""{"latchkey":{"api":"https://id.shop.example/x"}}""", System.Text.Encoding.UTF8, "application/json") }
                : new(HttpStatusCode.ServiceUnavailable);
        };
        using var device = await Device.StartAsync(_directory, _server, _time, Token);

        Assert.IsType<DeliveryOutcome.Open>(await SettleAsync(device, await DeliverAsync(device, "shop.example")));

        Assert.Contains("https://id.shop.example/passkeys/status/options", asked);
        Assert.Equal(CredentialState.Delivered, device.Offered!.State);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("app.localhost")]
    [InlineData("intranet")]
    public async Task A_name_of_this_machine_or_no_name_at_all_is_not_asked(string rpId)
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        var before = _server.Requests.Count;

        Assert.IsType<DeliveryOutcome.Foreign>(await SettleAsync(device, await DeliverAsync(device, rpId)));

        Assert.Equal(before, _server.Requests.Count);
    }

    [Fact]
    public async Task A_stranger_that_does_not_answer_is_asked_again_at_the_next_start()
    {
        _server.Elsewhere = _ => throw new HttpRequestException("down");
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            Assert.IsType<DeliveryOutcome.Open>(await SettleAsync(device, await DeliverAsync(device, "shop.example")));
            Assert.Equal(CredentialState.Delivered, device.Offered!.State);
        }

        _time.Advance(TimeSpan.FromDays(40));
        _server.Elsewhere = _ => new(HttpStatusCode.NotFound);
        using var next = await Device.StartAsync(_directory, _server, _time, Token);
        await next.Delivery.SettleAllAsync(Token);

        Assert.Equal(CredentialState.Confirmed, next.Offered!.State);
    }

    [Fact]
    public async Task Our_server_is_asked_2_10_and_60_seconds_after_the_delivery_and_the_passkey_stays_delivered_while_it_does_not_know_it()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        var (id, _) = await BrowserMakesAsync(device);
        var delivered = _time.GetUtcNow();
        List<double> asked = [];
        using var signal = new SemaphoreSlim(0);
        _server.After = request =>
        {
            if (request.RequestUri!.AbsolutePath != "/passkeys/status") return;
            asked.Add((_time.GetUtcNow() - delivered).TotalSeconds);
            signal.Release();
        };

        var settling = device.Delivery.SettleAsync(id, Token);
        foreach (var step in (int[])[2, 8, 50])
        {
            _time.Advance(TimeSpan.FromSeconds(step));
            await signal.WaitAsync(Token);
        }

        Assert.IsType<DeliveryOutcome.Open>(await settling);
        Assert.Equal([2d, 10d, 60d], asked);
        Assert.Equal(CredentialState.Delivered, device.Offered!.State);
    }

    [Fact]
    public async Task A_passkey_the_page_registered_meanwhile_is_confirmed_and_named_under_its_account()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        var (id, response) = await BrowserMakesAsync(device);
        await BrowserPostsAsync(response);

        Assert.Equal(PaperServer.Root, Assert.IsType<DeliveryOutcome.Registered>(await SettleAsync(device, id)).Server);
        Assert.Equal((CredentialState.Confirmed, null), (device.Offered!.State, device.Offered.AccountId));

        _server.Name = "Work laptop";
        await device.HealAsync(Token);
        Assert.Equal((device.Account.Id, "Work laptop"), (device.Offered!.AccountId, device.Offered.DisplayName));
    }

    [Fact]
    public async Task A_passkey_the_page_never_registered_is_dropped_by_a_later_start_and_not_before_12_minutes()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await BrowserMakesAsync(device);

        _time.Advance(Reconciliation.Patience);
        await device.Delivery.SettleAllAsync(Token);
        Assert.NotNull(device.Offered);

        _time.Advance(TimeSpan.FromSeconds(1));
        _server.Before = _ => throw new HttpRequestException("down");
        await device.Delivery.SettleAllAsync(Token);
        Assert.NotNull(device.Offered);

        _server.Before = _ => { };
        await device.Delivery.SettleAllAsync(Token);
        Assert.Null(device.Offered);
        Assert.Equal(CredentialState.RecentlyDeleted, Assert.Single(device.Vault.Credentials).State);
    }

    [Fact]
    public async Task A_neighbour_of_the_server_on_the_same_name_is_foreign()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Vault.UpdateAsync(contents => contents with { Accounts = [contents.Accounts[0] with { Server = new("https://login.shop.example/") }] }, Token);
        _server.Elsewhere = request => request.RequestUri!.AbsolutePath == "/passkeys/status/options"
            ? new(HttpStatusCode.OK) { Content = new StringContent("""{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rpId":"login.shop.example"}""", System.Text.Encoding.UTF8, "application/json") }
            : new(HttpStatusCode.NotFound);

        Assert.IsType<DeliveryOutcome.Foreign>(await SettleAsync(device, await DeliverAsync(device, "shop.example")));
    }

    [Fact]
    public async Task A_reconciliation_takes_over_a_rename_and_the_organisations_tunnel_domain()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);
        Assert.Null(device.Account.TunnelDomain);

        (_server.Name, _server.TunnelDomain) = ("Blue one", 266);
        await device.HealAsync(Token);

        Assert.Equal(("Blue one", 266), (device.Offered!.DisplayName, device.Account.TunnelDomain));
    }

    [Fact]
    public async Task A_list_that_names_a_foreign_passkey_does_not_take_it()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        var id = await DeliverAsync(device, "shop.example");
        await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);
        _server.Passkeys.Add(id, _server.Passkeys.Values.Single());

        await device.HealAsync(Token);

        Assert.Null(device.Vault.Contents.Find(id)!.AccountId);
    }

    [Fact]
    public async Task Without_a_sign_in_the_passkeys_are_still_asked_about()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token);
        await device.Vault.UpdateAsync(contents => contents with { Accounts = [contents.Accounts[0] with { RefreshToken = null }] }, Token);
        _time.Advance(TimeSpan.FromMinutes(6));
        _server.Passkeys.Clear();

        Assert.Equal(AccountBook.SignInRequired, (await device.Reconciliation.ReconcileAsync(device.Account, Token))!.Code);

        Assert.Null(device.Offered);
    }

    private async Task<DeliveryOutcome> SettleAsync(Device device, CredentialId id)
    {
        var settling = device.Delivery.SettleAsync(id, Token);
        while (!settling.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await settling;
    }

    private static Task<MakeCredentialResponse> MakeAsync(Device device, string rpId) => device.Keys.MakeCredentialAsync(
        new(ClientDataHash.Of("{}"u8), new(rpId, "Shop"), new(new("eve"u8.ToArray()), "eve", "Eve"), [-7]) { Rk = true, Uv = true }, Token);

    private static async Task<CredentialId> DeliverAsync(Device device, string rpId)
    {
        var made = await MakeAsync(device, rpId);
        await device.Delivery.WrittenAsync(made, written: true);
        return PasskeyDelivery.IdOf(made);
    }

    /// <summary>The page's ceremony up to the answer the browser has in hands.</summary>
    private async Task<(CredentialId Id, RegistrationResponseJson Response)> BrowserMakesAsync(Device device)
    {
        using var http = new HttpClient(_server, disposeHandler: false) { BaseAddress = PaperServer.Root };
        var begun = await http.GetFromJsonAsync($"{Fido2MethodsClient.Path}/creationOptions", ApiJson.Default.WebauthnCredentialCreationOptions, Token);
        var response = await new WebAuthnClient(device.Keys, _time).CreateAsync(begun!.PublicKey, new(Origin.Of(PaperServer.Root)), Token);
        await device.Delivery.WrittenAsync(MakeCredentialResponse.Parse(device.Vault.Contents.Find(response.Id)!.Response!.Value), written: true);
        return (response.Id, response);
    }

    private async Task BrowserPostsAsync(RegistrationResponseJson response)
    {
        using var http = new HttpClient(_server, disposeHandler: false) { BaseAddress = PaperServer.Root };
        await new Fido2MethodsClient(http).RegisterAsync(new(null, response), null, Token);
    }
}
