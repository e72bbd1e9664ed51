using System.Net;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Hosting;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.Hosting;

/// <summary>An account that is edited, disabled or, because a device is lost, reset; the audit log that tells of it; and a demo that stays on its own computer.</summary>
public sealed class AccountChangeTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private HttpClient _door = null!;
    private AdministrationClient _admin = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(await RunningServer.NewDirectoryAsync(), served: options => options);
        _door = AdministrationClient.OverSocket(_server.Options.AdminSocket);
        _admin = new(_door);
    }

    public async ValueTask DisposeAsync()
    {
        _door.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_reset_takes_everything_that_was_on_a_lost_device_and_the_new_pass_lets_its_owner_in()
    {
        using var before = await _server.NewBrowser().SignInAsync("regular");
        var regular = Guid.Parse((await _admin.GetPersonAsync("regular", Token)).Id);
        await _server.InDatabaseAsync(async db =>
        {
            db.Add(new Passkey { Id = Guid.CreateVersion7(), UserId = regular, DisplayName = "Lost phone", CredentialId = [1, 2, 3], CreatedAt = DateTimeOffset.UnixEpoch });
            db.Add(new AuthenticatorMethod { Id = Guid.CreateVersion7(), UserId = regular, DisplayName = "Lost phone", PublicKey = [4, 5, 6], CreatedAt = DateTimeOffset.UnixEpoch });
            return await db.SaveChangesAsync(Token);
        });
        await _server.WithServicesAsync(async services => await services.GetRequiredService<SecondFactorStore>().CreateRecoveryCodesAsync(
            (await services.GetRequiredService<People>().FindAsync("regular"))!, Token));

        var reset = await _admin.ResetPersonAsync("regular", new NewTemporaryAccessPass(), Token);

        Assert.Equal(["authenticator", "authenticator_code", "passkey", "recovery_codes"], reset.Removed.Order(StringComparer.Ordinal));
        Assert.Equal(["password", "temporary_access_pass"], (await _admin.GetPersonAsync("regular", Token)).Methods);
        Assert.Empty(await _admin.ListSessionsAsync("regular", Token));
        Assert.StartsWith("/sign-in", (await before.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
        Assert.Contains("authenticator_code", (await _admin.GetPersonAsync("admin", Token)).Methods); // nobody else's

        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        await browser.OpenAsync("/sign-in/pass");
        await browser.SubmitAsync("/sign-in/pass", ("code", reset.Pass!.TemporaryAccessPass));
        Assert.Equal("/security-info", browser.Path);

        var rows = (await _admin.ListAuditAsync("regular", null, 50, Token)).Value;
        Assert.Contains(rows, row => row is { Action: "person.reset", Actor: "local", Person: "regular" });
        Assert.Equal(4, rows.Count(row => row is { Action: "method.deleted", Actor: "local", Outcome: "success" }));
    }

    [Fact]
    public async Task A_reset_takes_nothing_when_policy_would_give_no_pass_unless_none_is_wanted()
    {
        await _server.SetPolicyAsync("""{"TemporaryAccessPass":{"state":"disabled"}}""");
        Assert.Equal("method_disabled", (await Assert.ThrowsAsync<ApiException>(() => _admin.ResetPersonAsync("regular", new NewTemporaryAccessPass(), Token))).Code);
        Assert.Contains("authenticator_code", (await _admin.GetPersonAsync("regular", Token)).Methods);

        Assert.Null((await _admin.ResetPersonAsync("regular", pass: null, Token)).Pass);
        Assert.Equal(["password"], (await _admin.GetPersonAsync("regular", Token)).Methods);
    }

    [Fact]
    public async Task A_disabled_person_is_signed_out_and_let_in_by_nothing_until_enabled_again()
    {
        using var before = await _server.NewBrowser().SignInAsync("regular");
        Assert.True((await _admin.ChangePersonAsync("regular", new(IsDisabled: true), Token)).IsDisabled);
        Assert.StartsWith("/sign-in", (await before.OpenAsync("/security-info")).Path, StringComparison.Ordinal);

        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        await browser.SubmitAsync("/sign-in/password", ("password", "not the password"));
        Assert.DoesNotContain("disabled", browser.Page, StringComparison.Ordinal); // told to whoever proves something alone
        await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        Assert.Equal(HttpStatusCode.Forbidden, browser.Status);
        Assert.Contains("Your account is disabled.", browser.Page, StringComparison.Ordinal);
        Assert.Contains("Ask your administrator", browser.Page, StringComparison.Ordinal);

        await _admin.ChangePersonAsync("newcomer", new(IsDisabled: true), Token);
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "newcomer"));
        await browser.OpenAsync("/sign-in/pass");
        await browser.SubmitAsync("/sign-in/pass", ("code", _server.Demo["newcomer temporary-access-pass"]));
        Assert.Contains("Your account is disabled.", browser.Page, StringComparison.Ordinal);

        Assert.False((await _admin.ChangePersonAsync("regular", new(IsDisabled: false), Token)).IsDisabled);
        await _server.NewBrowser().SignInAsync("regular");
        Assert.Equal(
            ["person.enabled", "person.disabled"],
            (await _admin.ListAuditAsync("regular", null, 50, Token)).Value.Select(row => row.Action).Where(action => action.StartsWith("person.", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task An_edit_changes_what_is_given_and_leaves_the_rest()
    {
        await _admin.ChangePersonAsync("regular", new("Somebody Else", "else@example.org", IsAdmin: true), Token);
        await _admin.ChangePersonAsync("regular", new(IsAdmin: false), Token);
        var changed = await _admin.GetPersonAsync("regular", Token);
        Assert.Equal(("Somebody Else", "else@example.org", false), (changed.DisplayName, changed.Email, changed.IsAdmin));
        Assert.Null((await _admin.ChangePersonAsync("regular", new(Email: ""), Token)).Email);
    }

    [Theory]
    [InlineData("joan")]
    [InlineData("joan@")]
    [InlineData("@example.org")]
    [InlineData("joan example.org")]
    [InlineData("joan@example.org, ada@example.org")]
    [InlineData("Joan <joan@example.org>")]
    [InlineData("joan@@example.org")]
    [InlineData("joan@exam ple.org")]
    [InlineData("joan@example.org\r\nBcc: ada@example.org")]
    [InlineData("jo\u202ean@example.org")]
    public async Task What_is_no_email_address_is_refused_when_an_account_is_made_and_when_it_is_edited(string email)
    {
        Assert.Equal("request_invalid", (await Assert.ThrowsAsync<ApiException>(() => _admin.AddPersonAsync(new("ada", Email: email), Token))).Code);
        Assert.Equal("request_invalid", (await Assert.ThrowsAsync<ApiException>(() => _admin.ChangePersonAsync("regular", new(Email: email), Token))).Code);
        Assert.Null((await _admin.GetPersonAsync("regular", Token)).Email);
    }

    [Fact]
    public async Task The_audit_log_is_read_page_by_page_with_names_in_place_of_IDs()
    {
        foreach (var name in new[] { "one", "two", "three" }) await _admin.AddPersonAsync(new(name), Token);
        var first = await _admin.ListAuditAsync(null, null, 2, Token);
        Assert.Equal(["three", "two"], first.Value.Select(row => row.Person));
        Assert.Equal("one", (await _admin.ListAuditAsync(null, first.NextBefore, 1, Token)).Value[0].Person);
        Assert.Equal("person_not_found", (await Assert.ThrowsAsync<ApiException>(() => _admin.ListAuditAsync("nobody", null, 2, Token))).Code);
        using var browser = await _server.NewBrowser().SignInAsync("regular");
        Assert.Equal(("regular", "regular"), (await _admin.ListAuditAsync("regular", null, 50, Token)).Value.Where(row => row.Action == "sign_in").Select(row => (row.Person, row.Actor)).First());
    }

    [Fact]
    public void A_demo_is_not_made_for_a_name_that_others_reach() =>
        Assert.Contains("for this computer alone", Assert.Throws<CommandLineException>(() =>
            ServerOptions.Parse(["--data", "d", "--url", "https://login.example.org", "--trusted-proxy", "127.0.0.1", "--demo"])).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_directory_with_demo_people_is_not_served_under_a_public_name_until_they_are_deleted()
    {
        var open = _server.Options with { Demo = false, Url = new Uri("https://login.example.org") };
        await _server.WithServicesAsync(async services =>
        {
            Assert.Contains("the demo organisation", (await Assert.ThrowsAnyAsync<Exception>(() => ServerProgram.PrepareAsync(services, open))).Message, StringComparison.Ordinal);
            foreach (var name in new[] { "newcomer", "regular", "admin", "clerk", "visitor" }) await _admin.DeletePersonAsync(name, Token);
            await ServerProgram.PrepareAsync(services, open);
        });
    }
}
