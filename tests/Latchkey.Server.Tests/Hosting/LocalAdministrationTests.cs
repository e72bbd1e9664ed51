using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>The administration over its socket, as the command line uses it.</summary>
public sealed class LocalAdministrationTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey-admin").FullName;
    private WebApplication _app = null!;
    private HttpClient _http = null!;
    private AdministrationClient _admin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var options = ServerOptions.Parse(["--data", _directory, "--port", FreePort(), "--url", "https://login.example.org"]);
        _app = ServerProgram.Build(options);
        await ServerProgram.PrepareAsync(_app.Services, options);
        await _app.StartAsync();
        _http = AdministrationClient.OverSocket(options.AdminSocket);
        _admin = new AdministrationClient(_http);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task People_groups_and_passes_are_looked_after()
    {
        var joan = await _admin.AddPersonAsync(new("joan", "Joan", IsAdmin: true), Token);
        Assert.True(joan.IsAdmin);
        await _admin.AddGroupAsync("Staff", Token);
        await _admin.AddMemberAsync("staff", "JOAN", Token);
        await _admin.AddMemberAsync("staff", "joan", Token);
        Assert.Equal("joan", Assert.Single(await _admin.ListMembersAsync("Staff", Token)).Name);
        Assert.Equal(1, Assert.Single(await _admin.ListGroupsAsync(Token)).Members);

        var first = await _admin.CreatePassAsync("joan", new(60, IsUsableOnce: true), Token);
        var second = await _admin.CreatePassAsync("joan", new(), Token);
        Assert.NotEqual(first.TemporaryAccessPass, second.TemporaryAccessPass);
        await _admin.SetPasswordAsync("joan", "ten characters", Token);
        await _admin.UnlockAsync("joan", Token);
        var shown = await _admin.GetPersonAsync("joan", Token);
        Assert.Equal(["password", "temporary_access_pass"], shown.Methods);
        Assert.Equal(["Staff"], shown.Groups);

        await _admin.DeletePassAsync("joan", Token);
        await _admin.RemoveMemberAsync("staff", "joan", Token);
        await _admin.DeleteGroupAsync("staff", Token);
        await _admin.DeletePersonAsync("joan", Token);
        Assert.Empty((await _admin.ListPeopleAsync(null, Token)).Value);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_a_code()
    {
        await _admin.AddPersonAsync(new("joan"), Token);
        await _admin.AddGroupAsync("Staff", Token);

        Assert.Equal("request_invalid", await RefusalAsync(() => _admin.AddPersonAsync(new("joan"), Token)));
        Assert.Equal("request_invalid", await RefusalAsync(() => _admin.SetPasswordAsync("joan", "short", Token)));
        Assert.Equal("pass_lifetime_invalid", await RefusalAsync(() => _admin.CreatePassAsync("joan", new(9), Token)));
        Assert.Equal("group_exists", await RefusalAsync(() => _admin.AddGroupAsync("STAFF", Token)));
        Assert.Equal("person_not_found", await RefusalAsync(() => _admin.GetPersonAsync("nobody", Token)));
        Assert.Equal("group_not_found", await RefusalAsync(() => _admin.AddMemberAsync("none", "joan", Token)));
        Assert.Equal("pass_not_found", await RefusalAsync(() => _admin.DeletePassAsync("joan", Token)));
    }

    [Fact]
    public async Task A_persons_passkeys_are_listed_and_deleted_with_the_sessions_they_opened()
    {
        var joan = await _admin.AddPersonAsync(new("joan"), Token);
        var passkey = new Passkey { Id = Guid.CreateVersion7(), UserId = Guid.Parse(joan.Id), CredentialId = [1], PublicKey = [2], Aaguid = PasskeyNames.Authenticator, DisplayName = "Blue laptop" };
        var session = new Session { Id = Guid.CreateVersion7(), UserId = passkey.UserId, FirstMethodId = passkey.Id, Amr = "pop", ExpiresAt = DateTimeOffset.MaxValue };
        await using var scope = _app.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
        db.AddRange(passkey, session);
        await db.SaveChangesAsync(Token);

        var listed = Assert.Single(await _admin.ListPasskeysAsync("joan", Token));
        Assert.Equal(("Blue laptop", "Latchkey Authenticator"), (listed.DisplayName, listed.Model));
        Assert.Equal("passkey_not_found", await RefusalAsync(() => _admin.DeletePasskeyAsync("joan", Guid.Empty.ToString(), Token)));
        Assert.Equal("person_not_found", await RefusalAsync(() => _admin.DeletePasskeyAsync("nobody", listed.Id, Token)));
        await _admin.DeletePasskeyAsync("joan", listed.Id, Token);

        Assert.Empty(await _admin.ListPasskeysAsync("joan", Token));
        Assert.NotNull((await db.Sessions.AsNoTracking().SingleAsync(row => row.Id == session.Id, Token)).EndedAt);
        Assert.Equal(("method.deleted", AuditLog.Local), await db.AuditEntries.OrderByDescending(row => row.Id).Select(row => ValueTuple.Create(row.Action, row.Actor)).FirstAsync(Token));
    }

    [Fact]
    public async Task A_setting_that_is_not_given_is_left_alone()
    {
        await _admin.ChangeOrganisationAsync(new("Example"), Token);
        await _admin.ChangeOrganisationAsync(new(AllowsCodeAsFirstFactor: true), Token);

        Assert.Equal(new OrganisationSettings("Example", true), await _admin.GetOrganisationAsync(Token));
        Assert.Equal("organisation_name_invalid", await RefusalAsync(() => _admin.ChangeOrganisationAsync(new(" "), Token)));
    }

    [Fact]
    public async Task A_tunnel_domain_is_set_left_alone_and_taken_away()
    {
        Assert.Equal(266, (await _admin.ChangeOrganisationAsync(new(TunnelDomain: 266), Token)).TunnelDomain);
        Assert.Equal(266, (await _admin.ChangeOrganisationAsync(new("Example"), Token)).TunnelDomain);

        await _admin.RemoveTunnelDomainAsync(Token);

        Assert.Null((await _admin.GetOrganisationAsync(Token)).TunnelDomain);
    }

    [Theory]
    [InlineData(0, "tunnel_domain_vendor")]
    [InlineData(1, "tunnel_domain_vendor")]
    [InlineData(2, "tunnel_domain_invalid")]
    [InlineData(255, "tunnel_domain_invalid")]
    [InlineData(-1, "tunnel_domain_invalid")]
    [InlineData(65_536, "tunnel_domain_invalid")]
    public async Task A_tunnel_domain_of_nobody_or_of_the_vendors_is_refused(int number, string code)
    {
        Assert.Equal(code, await RefusalAsync(() => _admin.ChangeOrganisationAsync(new(TunnelDomain: number), Token)));
        Assert.Null((await _admin.GetOrganisationAsync(Token)).TunnelDomain);
    }

    [Fact]
    public async Task A_vendors_tunnel_domain_is_taken_when_it_is_meant() =>
        Assert.Equal(0, (await _admin.ChangeOrganisationAsync(new(TunnelDomain: 0, AllowsVendorTunnel: true), Token)).TunnelDomain);

    [Fact]
    public async Task The_socket_leads_nowhere_else()
    {
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await _http.GetAsync("/sign-in", Token)).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await _http.GetAsync("/health", Token)).StatusCode);
    }

    private static async Task<string> RefusalAsync(Func<Task> act) => (await Assert.ThrowsAsync<ApiException>(act)).Code;

    internal static string FreePort()
    {
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        return ((System.Net.IPEndPoint)socket.LocalEndPoint!).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
