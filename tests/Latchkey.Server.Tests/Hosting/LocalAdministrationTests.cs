using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>The administration over its socket, as the command line uses it.</summary>
public sealed class LocalAdministrationTests : AdministrationTest
{
    [Fact]
    public async Task People_groups_and_passes_are_looked_after()
    {
        var joan = await Admin.AddPersonAsync(new("joan", "Joan", IsAdmin: true), Token);
        Assert.True(joan.IsAdmin);
        await Admin.AddGroupAsync("Staff", Token);
        await Admin.AddMemberAsync("staff", "JOAN", Token);
        await Admin.AddMemberAsync("staff", "joan", Token);
        Assert.Equal("joan", Assert.Single(await Admin.ListMembersAsync("Staff", Token)).Name);
        Assert.Equal(1, Assert.Single(await Admin.ListGroupsAsync(Token)).Members);

        var first = await Admin.CreatePassAsync("joan", new(60, IsUsableOnce: true), Token);
        var second = await Admin.CreatePassAsync("joan", new(), Token);
        Assert.NotEqual(first.TemporaryAccessPass, second.TemporaryAccessPass);
        await Admin.SetPasswordAsync("joan", "ten characters", Token);
        await Admin.UnlockAsync("joan", Token);
        var shown = await Admin.GetPersonAsync("joan", Token);
        Assert.Equal(["password", "temporary_access_pass"], shown.Methods);
        Assert.Equal(["Staff"], shown.Groups);

        await Admin.DeletePassAsync("joan", Token);
        await Admin.RemoveMemberAsync("staff", "joan", Token);
        await Admin.DeleteGroupAsync("staff", Token);
        await Admin.DeletePersonAsync("joan", Token);
        Assert.Empty((await Admin.ListPeopleAsync(null, Token)).Value);
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(" .. ")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("\ufffe")]
    public async Task A_name_that_no_address_can_carry_is_refused(string name)
    {
        Assert.Equal("request_invalid", await RefusalAsync(() => Admin.AddPersonAsync(new(name), Token)));
        Assert.Equal("group_name_invalid", await RefusalAsync(() => Admin.AddGroupAsync(name, Token)));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("%2e%2e/50%")]
    public async Task One_that_has_such_a_name_from_before_is_found_and_deleted(string name)
    {
        await using (var scope = App.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
            db.Users.Add(new User { Id = Guid.CreateVersion7(), UserName = name, NormalizedUserName = name.ToUpperInvariant(), UserHandle = [1], SecurityStamp = "x" });
            db.Groups.Add(new Group { Id = Guid.CreateVersion7(), Name = name, NormalizedName = name.ToUpperInvariant() });
            await db.SaveChangesAsync(Token);
        }

        Assert.Equal(name, (await Admin.GetPersonAsync(name, Token)).Name);
        await Admin.AddMemberAsync(name, name, Token);
        Assert.Equal(name, Assert.Single(await Admin.ListMembersAsync(name, Token)).Name);
        await Admin.RemoveMemberAsync(name, name, Token);
        await Admin.DeletePersonAsync(name, Token);
        await Admin.DeleteGroupAsync(name, Token);
        Assert.Empty((await Admin.ListPeopleAsync(null, Token)).Value);
        Assert.Empty(await Admin.ListGroupsAsync(Token));
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_a_code()
    {
        await Admin.AddPersonAsync(new("joan"), Token);
        await Admin.AddGroupAsync("Staff", Token);

        Assert.Equal("request_invalid", await RefusalAsync(() => Admin.AddPersonAsync(new("joan"), Token)));
        Assert.Equal("request_invalid", await RefusalAsync(() => Admin.SetPasswordAsync("joan", "short", Token)));
        Assert.Equal("pass_lifetime_not_allowed", await RefusalAsync(() => Admin.CreatePassAsync("joan", new(9), Token)));
        Assert.Equal("group_exists", await RefusalAsync(() => Admin.AddGroupAsync("STAFF", Token)));
        Assert.Equal("person_not_found", await RefusalAsync(() => Admin.GetPersonAsync("nobody", Token)));
        Assert.Equal("group_not_found", await RefusalAsync(() => Admin.AddMemberAsync("none", "joan", Token)));
        Assert.Equal("pass_not_found", await RefusalAsync(() => Admin.DeletePassAsync("joan", Token)));
    }

    [Fact]
    public async Task A_persons_sessions_are_listed_and_ended_one_or_all()
    {
        var joan = Guid.Parse((await Admin.AddPersonAsync(new("joan"), Token)).Id);
        await using var scope = App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
        db.AddRange(Enumerable.Range(0, 3).Select(n => new Session
        {
            Id = Guid.CreateVersion7(), UserId = joan, Kind = SessionKind.Browser, Device = $"Browser {n}", Amr = "pwd", ExpiresAt = DateTimeOffset.MaxValue,
        }));
        await db.SaveChangesAsync(Token);

        var listed = await Admin.ListSessionsAsync("joan", Token);
        Assert.Equal(3, listed.Count);
        await Admin.EndSessionsAsync("joan", listed[0].Id, Token);
        Assert.Equal("session_not_found", await RefusalAsync(() => Admin.EndSessionsAsync("joan", listed[0].Id, Token)));
        Assert.Equal(listed.Skip(1), await Admin.ListSessionsAsync("joan", Token));
        await Admin.EndSessionsAsync("joan", null, Token);
        Assert.Empty(await Admin.ListSessionsAsync("joan", Token));
    }

    [Fact]
    public async Task New_keys_wait_for_the_next_start()
    {
        await Admin.RotateKeysAsync(Token);

        var directory = Path.Combine(App.Services.GetRequiredService<Latchkey.Server.Hosting.ServerOptions>().DataDirectory, "keys");
        Assert.Equal(3, Directory.GetFiles(directory, "*.next.key").Length);
    }

    [Fact]
    public async Task A_persons_passkeys_are_listed_and_deleted_with_the_sessions_they_opened()
    {
        var joan = await Admin.AddPersonAsync(new("joan"), Token);
        var passkey = new Passkey { Id = Guid.CreateVersion7(), UserId = Guid.Parse(joan.Id), CredentialId = [1], PublicKey = [2], Aaguid = PasskeyNames.Authenticator, DisplayName = "Blue laptop" };
        var session = new Session { Id = Guid.CreateVersion7(), UserId = passkey.UserId, FirstMethodId = passkey.Id, Amr = "pop", ExpiresAt = DateTimeOffset.MaxValue };
        await using var scope = App.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
        db.AddRange(passkey, session);
        await db.SaveChangesAsync(Token);

        var listed = Assert.Single(await Admin.ListPasskeysAsync("joan", Token));
        Assert.Equal(("Blue laptop", "Latchkey Authenticator"), (listed.DisplayName, listed.Model));
        Assert.Equal("passkey_not_found", await RefusalAsync(() => Admin.DeletePasskeyAsync("joan", Guid.Empty.ToString(), Token)));
        Assert.Equal("person_not_found", await RefusalAsync(() => Admin.DeletePasskeyAsync("nobody", listed.Id, Token)));
        Assert.Equal(LastMethod.Code, await RefusalAsync(() => Admin.DeletePasskeyAsync("joan", listed.Id, Token, askIfLast: true)));
        await Admin.DeletePasskeyAsync("joan", listed.Id, Token);

        Assert.Empty(await Admin.ListPasskeysAsync("joan", Token));
        Assert.NotNull((await db.Sessions.AsNoTracking().SingleAsync(row => row.Id == session.Id, Token)).EndedAt);
        Assert.Equal(("method.deleted", AuditLog.Local), await db.AuditEntries.OrderByDescending(row => row.Id).Select(row => ValueTuple.Create(row.Action, row.Actor)).FirstAsync(Token));
    }

    [Fact]
    public async Task A_setting_that_is_not_given_is_left_alone()
    {
        await Admin.ChangeOrganisationAsync(new("Example"), Token);
        await Admin.ChangeOrganisationAsync(new(AllowsCodeAsFirstFactor: true), Token);

        Assert.Equal(new OrganisationSettings("Example", true), await Admin.GetOrganisationAsync(Token));
        Assert.Equal("organisation_name_invalid", await RefusalAsync(() => Admin.ChangeOrganisationAsync(new(" "), Token)));
    }

    [Fact]
    public async Task A_tunnel_domain_is_set_left_alone_and_taken_away()
    {
        Assert.Equal(266, (await Admin.ChangeOrganisationAsync(new(TunnelDomain: 266), Token)).TunnelDomain);
        Assert.Equal(266, (await Admin.ChangeOrganisationAsync(new("Example"), Token)).TunnelDomain);

        await Admin.RemoveTunnelDomainAsync(Token);

        Assert.Null((await Admin.GetOrganisationAsync(Token)).TunnelDomain);
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
        Assert.Equal(code, await RefusalAsync(() => Admin.ChangeOrganisationAsync(new(TunnelDomain: number), Token)));
        Assert.Null((await Admin.GetOrganisationAsync(Token)).TunnelDomain);
    }

    [Fact]
    public async Task A_vendors_tunnel_domain_is_taken_when_it_is_meant() =>
        Assert.Equal(0, (await Admin.ChangeOrganisationAsync(new(TunnelDomain: 0, AllowsVendorTunnel: true), Token)).TunnelDomain);

    [Fact]
    public async Task The_socket_leads_nowhere_else()
    {
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await Door.GetAsync("/sign-in", Token)).StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await Door.GetAsync("/health", Token)).StatusCode);
    }

    private static async Task<string> RefusalAsync(Func<Task> act) => (await Assert.ThrowsAsync<ApiException>(act)).Code;
}
