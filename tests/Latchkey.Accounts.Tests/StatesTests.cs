using System.Runtime.CompilerServices;
using Latchkey.Api.Fido2Methods;
using Latchkey.Authenticator;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.Accounts.Tests;

/// <summary>What the vault holds of a passkey: the rows of the first table of docs/states.md.</summary>
public enum Here
{
    Nothing,
    Staged,
    StagedForAnotherDevice,
    DeliveredAndOwed,
    Delivered,
    Confirmed,
    ConfirmedLevel3,
    Hidden,
    Deleting,
    Deleted,
    Replaced,
}

/// <summary>What the server holds of it, and whether it can be asked: the columns.</summary>
public enum There
{
    Knows,
    DoesNotKnow,
    DeletedSince,
    Unreachable,
    SignedOutKnows,
    SignedOutDoesNotKnow,
}

/// <summary>
/// Each cell of docs/states.md: the vault and the server are brought there, the Authenticator starts, and starts once more after a server could
/// last learn of a new passkey; the table says how the passkey stands then, and what the person has to do, if anything.
/// </summary>
public sealed class StatesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-states").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 3, 12, 0, 0, TimeSpan.Zero));
    private readonly PaperServer _server;
    private CredentialId? _passkey;

    public StatesTests() => _server = new(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<Here, There> Cells => [.. from here in Enum.GetValues<Here>() from there in Enum.GetValues<There>() select (here, there)];

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_passkey_stands_as_the_table_says(Here here, There there)
    {
        await BringAsync(here, there);

        var (atOnce, problem) = await StartAsync();
        _time.Advance(Reconciliation.Patience + TimeSpan.FromMinutes(1));
        var (later, _) = await StartAsync();

        Assert.Equal(Table.Cell(here, there), later == atOnce ? atOnce : $"{atOnce} → {later}");
        Assert.Equal(
            there switch
            {
                There.Unreachable => "wait",
                There.SignedOutKnows or There.SignedOutDoesNotKnow => "sign in",
                _ => "nothing",
            },
            problem is null ? "nothing" : AccountBook.IsSignInNeeded(problem) ? "sign in" : "wait");
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Once_the_server_is_there_again_and_the_person_signed_in_it_ends_as_if_it_had_been_there_all_along(Here here, There there)
    {
        await BringAsync(here, there);
        await StartAsync();
        _time.Advance(Reconciliation.Patience + TimeSpan.FromMinutes(1));

        _server.Before = _ => { };
        using (var device = await Device.StartAsync(_directory, _server, _time, Token))
        {
            await device.Accounts.AddAsync(PaperServer.Root, _server.SignIn(), Token);
        }

        var (standing, problem) = await StartAsync();
        Assert.Null(problem);
        // Nothing waits for anybody any more: it is the same on both sides, or the person is told that it is not.
        var kept = _passkey is not null && _server.Passkeys.ContainsKey(_passkey.Value);
        Assert.Equal(
            (here, kept) switch
            {
                (Here.Nothing or Here.Staged, _) => "nothing",
                (Here.Deleted, true) => "StillRegistered",
                (_, true) => "Ready",
                _ => "RecentlyDeleted",
            },
            standing);
    }

    [Fact]
    public void The_table_has_these_cells_and_no_others()
    {
        Assert.Equal(Enum.GetNames<Here>(), Table.Rows);
        Assert.Equal(Enum.GetNames<There>(), Table.Columns);
    }

    /// <summary>One start of the Authenticator: how the passkey stands, and what kept the server from being asked.</summary>
    private async Task<(string Standing, Latchkey.Api.ApiException? Problem)> StartAsync()
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        await device.Reconciliation.DropStagedAsync(Token);
        var problem = await device.Reconciliation.ReconcileAsync(device.Account, Token);
        await device.Delivery.SettleAllAsync(Token);
        return (_passkey is { } id && device.Vault.Contents.Find(id) is { } passkey ? device.Vault.Contents.StandingOf(passkey).ToString() : "nothing", problem);
    }

    private async Task BringAsync(Here here, There there)
    {
        using var device = await Device.StartAsync(_directory, _server, _time, Token);
        device.Answer = _ => new AuthorizationAnswer.Granted { Pin = "passe-partout", Replace = true };
        var serverHears = there is not (There.DoesNotKnow or There.SignedOutDoesNotKnow);
        await HoldAsync(device, here, serverHears);
        if (!serverHears || there is There.DeletedSince) _server.Passkeys.Remove(_passkey!.Value);
        if (there is There.Unreachable) _server.Before = _ => throw new HttpRequestException("The server is away.");
        if (there is not There.SignedOutKnows and not There.SignedOutDoesNotKnow) return;
        // The access token outlives the sign-in by minutes, but not this process.
        _server.HasEndedSignIns = true;
    }

    private async Task HoldAsync(Device device, Here here, bool serverHears)
    {
        switch (here)
        {
            case Here.Nothing:
                await RegisterAsync(device);
                await device.Vault.UpdateAsync(contents => contents with { Credentials = [] }, Token);
                break;
            case Here.Staged:
            case Here.StagedForAnotherDevice:
                await FromPageAsync(device, here is Here.Staged ? device.Keys : device.Remote, delivered: false, serverHears);
                break;
            case Here.DeliveredAndOwed:
                Action<HttpRequestMessage> cut = request =>
                {
                    if (request.Method == HttpMethod.Post && request.RequestUri!.AbsolutePath.EndsWith(Fido2MethodsClient.Path, StringComparison.Ordinal)) throw new HttpRequestException("cut");
                };
                (_server.Before, _server.After) = serverHears ? (_server.Before, cut) : (cut, _server.After);
                _passkey = Assert.IsType<RegistrationOutcome.Outstanding>(await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token)).Id;
                (_server.Before, _server.After) = (_ => { }, _ => { });
                break;
            case Here.Delivered:
                await FromPageAsync(device, device.Keys, delivered: true, serverHears);
                break;
            case Here.Confirmed:
                await RegisterAsync(device);
                break;
            case Here.ConfirmedLevel3:
                await FromPageAsync(device, new Protecting(device.Keys), delivered: true, serverHears: true);
                await device.HealAsync(Token);
                Assert.Equal(PasskeyStanding.Ready, device.Vault.Contents.StandingOf(device.Offered!));
                break;
            case Here.Hidden:
                await RegisterAsync(device);
                await device.Vault.UpdateAsync(contents => contents.Hidden(_passkey!.Value, _time.GetUtcNow()), Token);
                break;
            case Here.Deleting:
                await RegisterAsync(device);
                _server.Before = _ => throw new HttpRequestException("The server is away.");
                Assert.IsType<DeletionOutcome.Pending>(await device.Deletion.DeleteAsync(device.Account, device.Offered!, Token));
                _server.Before = _ => { };
                break;
            case Here.Deleted:
                await RegisterAsync(device);
                await device.Vault.DeleteAsync(_passkey!.Value, Token);
                break;
            case Here.Replaced:
                await RegisterAsync(device);
                Assert.Equal(_passkey, Assert.IsType<RegistrationOutcome.Registered>(await device.Registration.RegisterAsync(device.Account, replace: true, elsewhere: null, handoff: null, Token)).Replaced!.Id);
                break;
        }
    }

    private async Task RegisterAsync(Device device)
    {
        Assert.IsType<RegistrationOutcome.Registered>(await device.Registration.RegisterAsync(device.Account, replace: false, elsewhere: null, handoff: null, Token));
        _passkey = device.Offered!.Id;
    }

    /// <summary>A passkey that a page asked for.</summary>
    private async Task FromPageAsync(Device device, ICtapAuthenticator keys, bool delivered, bool serverHears)
    {
        using var http = new HttpClient(_server, disposeHandler: false) { BaseAddress = PaperServer.Root };
        var page = new Fido2MethodsClient(http);
        var response = await new WebAuthnClient(keys, _time).CreateAsync((await page.CreationOptionsAsync(Token)).PublicKey, new(Origin.Of(PaperServer.Root)), Token);
        _passkey = response.Id;
        if (delivered) await device.Delivery.WrittenAsync(response.Id, written: true);
        if (serverHears) await page.RegisterAsync(new(null, response), null, Token);
    }

    /// <summary>A client that asks for credProtect level 3, as a relying party may.</summary>
    private sealed class Protecting(ICtapAuthenticator inner) : ICtapAuthenticator
    {
        public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => inner.GetInfoAsync(cancellationToken);

        public Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken) =>
            inner.MakeCredentialAsync(request with { CredProtect = CredentialProtection.UserVerificationRequired }, cancellationToken);

        public Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken) => inner.GetAssertionAsync(request, cancellationToken);

        public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => inner.GetNextAssertionAsync(cancellationToken);

        public Task SelectionAsync(CancellationToken cancellationToken) => inner.SelectionAsync(cancellationToken);
    }

    /// <summary>The table between the markers of docs/states.md: its first column names the rows, its header the columns.</summary>
    private static class Table
    {
        private static readonly List<string[]> Lines = [.. Read()];

        public static string[] Rows => [.. Lines.Skip(1).Select(line => line[0])];

        public static string[] Columns => [.. Lines[0].Skip(1)];

        public static string Cell(Here here, There there) => Lines.Single(line => line[0] == here.ToString())[1 + Array.IndexOf(Columns, there.ToString())];

        private static IEnumerable<string[]> Read([CallerFilePath] string thisFile = "") =>
            File.ReadLines(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "states.md"))
                .SkipWhile(line => line != "<!-- cells -->").Skip(1).TakeWhile(line => line != "<!-- end -->")
                .Where(line => line.StartsWith('|') && !line.StartsWith("|---", StringComparison.Ordinal))
                .Select(line => line.Trim('|').Split('|').Select(cell => cell.Replace("`", "", StringComparison.Ordinal).Trim()).ToArray());
    }
}
