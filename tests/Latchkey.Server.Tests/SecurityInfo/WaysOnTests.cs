using System.Net;
using System.Text.RegularExpressions;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>Words that once led nowhere, and the ways on they lead to now.</summary>
public sealed partial class WaysOnTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = await _server.NewBrowser().SignInAsync("regular");
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Recovery_codes_can_be_copied_printed_and_downloaded()
    {
        await _browser.OpenAsync("/security-info/add/recovery-codes");
        await _browser.SubmitAsync("/security-info/add/recovery-codes");

        var codes = Codes().Matches(_browser.Page).Select(match => match.Groups["code"].Value).ToList();
        Assert.Equal(SecondFactorStore.RecoveryCodeCount, codes.Count);
        var file = WebUtility.HtmlDecode(Files().Match(_browser.Page).Groups["file"].Value);
        Assert.Equal(codes, Uri.UnescapeDataString(file[(file.IndexOf(',', StringComparison.Ordinal) + 1)..]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("id=\"copy-codes\"", _browser.Page, StringComparison.Ordinal);
        Assert.Contains("id=\"print-codes\"", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pass_that_is_used_up_or_over_leaves_the_list()
    {
        var person = await PersonAsync("regular");
        var pass = new TemporaryAccessPass { Id = Guid.CreateVersion7(), UserId = person.Id, Hash = "x", StartsAt = _server.Time.GetUtcNow(), LifetimeMinutes = 60, IsUsableOnce = true };
        await _server.InDatabaseAsync(async db =>
        {
            db.Add(pass);
            return await db.SaveChangesAsync(Token);
        });
        Assert.Contains("Temporary Access Pass", (await _browser.OpenAsync("/security-info")).Page, StringComparison.Ordinal);

        await _server.InDatabaseAsync(db => db.TemporaryAccessPasses.Where(p => p.Id == pass.Id).ExecuteUpdateAsync(set => set.SetProperty(p => p.UsedAt, _server.Time.GetUtcNow()), Token));
        Assert.DoesNotContain("Temporary Access Pass", (await _browser.OpenAsync("/security-info")).Page, StringComparison.Ordinal);

        await _server.InDatabaseAsync(db => db.TemporaryAccessPasses.Where(p => p.Id == pass.Id)
            .ExecuteUpdateAsync(set => set.SetProperty(p => p.UsedAt, (DateTimeOffset?)null).SetProperty(p => p.StartsAt, _server.Time.GetUtcNow().AddHours(-2)), Token));
        Assert.DoesNotContain("Temporary Access Pass", (await _browser.OpenAsync("/security-info")).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_sign_in_that_came_with_the_password_links_to_changing_it()
    {
        var person = await PersonAsync("regular");
        await _server.InDatabaseAsync(async db =>
        {
            db.Add(new ApprovalGuard { UserId = person.Id, Use = AuthenticatorUse.Notification, StartedAt = _server.Time.GetUtcNow(), DeniedAt = _server.Time.GetUtcNow(), DeniedAddress = "192.0.2.1" });
            return await db.SaveChangesAsync(Token);
        });

        await (await _browser.OpenAsync("/security-info")).FollowAsync("Change your password now");
        Assert.Equal("/security-info/password", _browser.Path);
    }

    [Fact]
    public async Task Who_refused_a_request_that_came_with_the_password_is_left_in_peace_by_requests_of_every_kind_for_ten_minutes()
    {
        var person = await PersonAsync("regular");
        await _server.WithServicesAsync(async services =>
        {
            var (guards, db) = (services.GetRequiredService<ApprovalGuards>(), services.GetRequiredService<LatchkeyDb>());
            await guards.CountAsync(new Approval { UserId = person.Id, Kind = ApprovalKind.SecondFactor }, denied: true, Token);
            await db.SaveChangesAsync(Token);
            foreach (var use in Enum.GetValues<AuthenticatorUse>()) Assert.Equal(ApprovalGuards.Quiet, await guards.WhyNotAsync(person.Id, use, Token));
            await guards.ClearAsync(person.Id, Token);
            _server.Time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
            foreach (var use in Enum.GetValues<AuthenticatorUse>()) Assert.Equal(ApprovalGuards.Quiet, await guards.WhyNotAsync(person.Id, use, Token));
            _server.Time.Advance(TimeSpan.FromSeconds(2));
            foreach (var use in Enum.GetValues<AuthenticatorUse>()) Assert.Null(await guards.WhyNotAsync(person.Id, use, Token));
        });
    }

    [Fact]
    public async Task Another_device_is_not_offered_where_no_meeting_point_is_set_and_the_first_page_says_why()
    {
        await _browser.OpenAsync("/security-info/add/authenticator");
        Assert.Contains("your organisation has set no place where devices meet", _browser.Page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/security-info/add/device\"", _browser.Page, StringComparison.Ordinal);
        await _browser.OpenAsync("/security-info/add/device/start");
        Assert.Contains("your organisation has set no place where devices meet", _browser.Page, StringComparison.Ordinal);
        await _browser.FollowAsync("Create it in the Authenticator itself");
        Assert.StartsWith("/security-info/add/authenticator/", _browser.Path, StringComparison.Ordinal);

        await _server.SetAsync(organisation => organisation.TunnelDomain = 4242);
        await _browser.OpenAsync("/security-info/add/authenticator");
        await _browser.FollowAsync("Use another device");
        Assert.Equal("/security-info/add/device/start", _browser.Path);
    }

    [Fact]
    public async Task The_two_places_an_Authenticator_can_be_in_are_no_steps()
    {
        await _browser.OpenAsync("/security-info/add/authenticator");
        Assert.DoesNotContain("<ol", _browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Getting_the_Authenticator_shows_people_no_developers_command()
    {
        Assert.DoesNotContain("dotnet", (await _browser.OpenAsync("/get-authenticator")).Page, StringComparison.Ordinal);
        Assert.Contains("Ask your administrator", _browser.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nowhere", "not_found")]
    [InlineData("/security-info/passkeys/none/delete", "not_found")]
    public async Task An_error_page_tells_its_code(string address, string code) =>
        Assert.Contains($"Code: {code}", (await _browser.OpenAsync(address)).Page, StringComparison.Ordinal);

    [Theory]
    [InlineData("bada5566-a7aa-401f-bd96-45619a55120d", "internal", "Open the password manager that keeps it.")]
    [InlineData("fbfc3007-154e-4ecc-8c0b-6e020557d7bd", "internal hybrid", "open the Passwords app")]
    [InlineData("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "internal hybrid", "passwords.google.com")]
    [InlineData("08987058-cadc-4b81-b6e1-30de50dcbe96", "internal", "Settings, Accounts, then Passkeys")]
    [InlineData("53414d53-554e-4700-0000-000000000000", "internal", "Samsung")]
    [InlineData("00000000-0000-0000-0000-000000000000", "usb", "Put the security key in")]
    [InlineData("ded00605-1e89-4610-859f-70eabe866e61", "internal", "drops it by itself")]
    public async Task Deleting_a_passkey_tells_before_and_after_how_to_delete_it_where_it_is_kept(string model, string transports, string words)
    {
        var id = await AddPasskeyAsync("regular", Guid.Parse(model), transports);
        await _browser.OpenAsync($"/security-info/passkeys/{id}/delete");
        Assert.Contains(words, WebUtility.HtmlDecode(_browser.Page), StringComparison.Ordinal);
        await _browser.SubmitAsync($"/security-info/passkeys/{id}/delete", ("sure", "1"));
        Assert.StartsWith("/security-info?said=passkey-deleted", _browser.Path, StringComparison.Ordinal);
        Assert.Contains(words, WebUtility.HtmlDecode(_browser.Page), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_card_of_a_passkey_says_where_it_lives_and_nothing_of_software_keys()
    {
        await AddPasskeyAsync("regular", PasskeyNames.Authenticator, "internal hybrid");
        Assert.DoesNotContain("oftware key", (await _browser.OpenAsync("/security-info")).Page, StringComparison.Ordinal);
        Assert.DoesNotContain("vouch", _browser.Page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["0076631b-d4a0-427f-5773-0ec71c9e0279"]}}""", true)]
    [InlineData("""{"keyRestrictions":{"isEnforced":true,"enforcementType":"allow","aaGuids":["0076631b-d4a0-427f-5773-0ec71c9e0279","bada5566-a7aa-401f-bd96-45619a55120d"]}}""", false)]
    [InlineData("""{"keyRestrictions":{"isEnforced":true,"enforcementType":"block","aaGuids":["0076631b-d4a0-427f-5773-0ec71c9e0279"]}}""", false)]
    [InlineData("{}", false)]
    public async Task A_browser_is_told_to_ask_for_a_security_key_where_policy_takes_nothing_else(string fido2, bool isHinted)
    {
        await _server.SetPolicyAsync("""{"Fido2":{"passkeyProfiles":{"00000000-0000-0000-0000-000000000001":PROFILE}}}""".Replace("PROFILE", fido2, StringComparison.Ordinal));
        await _browser.OpenAsync("/security-info/add/passkey");
        var options = await (await _browser.FetchAsync("/security-info/passkeys/options")).Content.ReadAsStringAsync(Token);
        Assert.Equal(isHinted, options.Contains("\"security-key\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_person_who_is_signed_in_is_told_what_another_sign_in_would_end()
    {
        await _browser.OpenAsync("/sign-in?fresh=1&returnUrl=%2Fsecurity-info");
        Assert.Contains("You are signed in here as regular.", _browser.Page, StringComparison.Ordinal);
        await _browser.FollowAsync("Go on as regular");
        Assert.Equal("/security-info", _browser.Path);
        Assert.DoesNotContain("You are signed in here", (await _server.NewBrowser().OpenAsync("/sign-in")).Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_password_page_marks_the_way_that_needs_passkeys()
    {
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        Assert.Contains("data-needs-passkeys=\"This browser can", WebUtility.HtmlDecode(browser.Page), StringComparison.Ordinal);
        Assert.Contains("password.js", browser.Page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_one_time_pass_that_the_portal_used_up_lets_the_Authenticator_in_once_more_within_its_minutes()
    {
        var pass = await OneTimePassAsync("newcomer", minutes: 30);
        using var portal = await SignInByPassAsync(pass);
        Assert.Equal("/security-info", portal.Path);
        await portal.OpenAsync("/security-info/add/authenticator");
        Assert.Contains("with the same Temporary Access Pass: it lets the Authenticator in once more", portal.Page, StringComparison.Ordinal);

        using var another = await SignInByPassAsync(pass);
        Assert.Contains("no longer valid", another.Page, StringComparison.Ordinal); // no second portal
        _server.Demo["newcomer temporary-access-pass"] = pass;
        using var device = _server.NewBrowser();
        Assert.NotEmpty((await AppAccount.AuthorizeAsync(_server, device, "newcomer")).AccessToken);
        using var third = _server.NewBrowser();
        await Assert.ThrowsAnyAsync<Exception>(() => AppAccount.AuthorizeAsync(_server, third, "newcomer"));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task It_lets_nobody_in_once_more_when_its_time_is_over_or_the_person_has_a_method(bool isOver, bool hasMethod)
    {
        var pass = await OneTimePassAsync("newcomer", minutes: 30);
        using var portal = await SignInByPassAsync(pass);
        if (isOver) _server.Time.Advance(TimeSpan.FromMinutes(31));
        if (hasMethod) await AddPasskeyAsync("newcomer", Guid.Empty, "usb");
        _server.Demo["newcomer temporary-access-pass"] = pass;
        using var device = _server.NewBrowser();
        await Assert.ThrowsAnyAsync<Exception>(() => AppAccount.AuthorizeAsync(_server, device, "newcomer"));
    }

    [Fact]
    public async Task A_program_that_is_not_allowed_is_told_so_and_gets_nothing()
    {
        var request = AuthorizationRequest.Create(_server.Options.Origin, new Uri("http://127.0.0.1:49152/callback"));
        await _browser.OpenAsync(request.Address.PathAndQuery);
        Assert.Contains("Don't allow", WebUtility.HtmlDecode(_browser.Page), StringComparison.Ordinal);
        Assert.Contains("signs regular out in this browser, in its other tabs too", _browser.Page, StringComparison.Ordinal);

        await _browser.SubmitAsync("/connect/authorize", ("deny", "1"));
        var answer = System.Web.HttpUtility.ParseQueryString(_browser.Away!.Query);
        Assert.Equal(("access_denied", request.State, null), (answer["error"], answer["state"], answer["code"]));
        Assert.Equal("/security-info", (await _browser.OpenAsync("/security-info")).Path); // and nobody is signed out by it
    }

    private async Task<string> OneTimePassAsync(string name, int minutes)
    {
        var pass = "";
        await _server.WithServicesAsync(async services =>
        {
            pass = await services.GetRequiredService<SecondFactorStore>().CreatePassAsync((await services.GetRequiredService<People>().FindAsync(name))!, minutes, once: true, startsAt: null, Token);
            await services.GetRequiredService<LatchkeyDb>().SaveChangesAsync(Token);
        });
        return pass;
    }

    private async Task<Browser> SignInByPassAsync(string pass)
    {
        var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "newcomer"));
        await browser.OpenAsync("/sign-in/pass");
        return await browser.SubmitAsync("/sign-in/pass", ("code", pass));
    }

    private async Task<User> PersonAsync(string name) => await _server.InDatabaseAsync(db => db.Users.SingleAsync(user => user.UserName == name, Token));

    private async Task<Guid> AddPasskeyAsync(string person, Guid model, string transports)
    {
        var owner = await PersonAsync(person);
        var passkey = new Passkey
        {
            Id = Guid.CreateVersion7(), UserId = owner.Id, DisplayName = "Mine", CredentialId = Guid.NewGuid().ToByteArray(), Aaguid = model, Transports = transports, CreatedAt = DateTimeOffset.UnixEpoch,
        };
        await _server.InDatabaseAsync(async db =>
        {
            db.Add(passkey);
            return await db.SaveChangesAsync(Token);
        });
        return passkey.Id;
    }

    [GeneratedRegex("<li>(?<code>[0-9A-Z]{5}-[0-9A-Z]{5})</li>", RegexOptions.None, 1000)]
    private static partial Regex Codes();

    [GeneratedRegex("download=\"latchkey-recovery-codes.txt\" href=\"(?<file>[^\"]*)\"", RegexOptions.None, 1000)]
    private static partial Regex Files();
}
