using System.Net;
using System.Text.RegularExpressions;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.SecurityInfo;

public sealed class LookingAfterTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;

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
    public async Task Deleting_a_passkey_ends_the_other_sessions_it_opened_and_no_others()
    {
        using var device = new Device(_server);
        await device.RegisterAsync(_browser);
        using var byPasskey = _server.NewBrowser();
        await byPasskey.OpenAsync("/sign-in");
        var options = await (await byPasskey.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync();
        await byPasskey.FetchAsync("/sign-in/passkey", (await device.GetAsync(options)).Encode());
        Assert.Equal("/security-info", (await byPasskey.OpenAsync("/security-info")).Path);

        await DeleteAsync((await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync())).Id, "passkeys");

        Assert.StartsWith("/security-info?said=passkey-deleted", _browser.Path, StringComparison.Ordinal);
        Assert.StartsWith("/sign-in", (await byPasskey.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
        Assert.Equal("/security-info", (await _browser.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public async Task A_new_password_ends_all_other_sessions_and_needs_the_old_one()
    {
        using var elsewhere = await _server.NewBrowser().SignInAsync("regular");
        await _browser.OpenAsync("/security-info/password");
        await _browser.SubmitAsync("/security-info/password", ("current", "not it"), ("new", "a brand new password"));
        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);

        await _browser.SubmitAsync("/security-info/password", ("current", _server.Demo["regular password"]), ("new", "a brand new password"));

        Assert.Equal("/security-info?said=password", _browser.Path);
        Assert.StartsWith("/sign-in", (await elsewhere.OpenAsync("/security-info")).Path, StringComparison.Ordinal);
        Assert.Equal("/security-info", (await _browser.OpenAsync("/security-info")).Path);
    }

    [Fact]
    public async Task Deleting_the_last_way_in_warns_and_asks_twice()
    {
        var code = await _server.InDatabaseAsync(db => db.CodeMethods.FirstAsync(c => db.Users.Single(u => u.UserName == "regular").Id == c.UserId));
        await _browser.OpenAsync($"/security-info/codes/{code.Id}/delete");
        Assert.Contains("last way", _browser.Page, StringComparison.Ordinal);

        await _browser.SubmitAsync($"/security-info/codes/{code.Id}/delete");
        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
        Assert.True(await _server.InDatabaseAsync(db => db.CodeMethods.AnyAsync(c => c.Id == code.Id)));

        await _browser.SubmitAsync($"/security-info/codes/{code.Id}/delete", ("sure", "1"));
        Assert.False(await _server.InDatabaseAsync(db => db.CodeMethods.AnyAsync(c => c.Id == code.Id)));
    }

    [Fact]
    public async Task Nobody_deletes_or_renames_what_is_not_theirs()
    {
        var others = await _server.InDatabaseAsync(db => db.CodeMethods.FirstAsync(c => db.Users.Single(u => u.UserName == "admin").Id == c.UserId));

        Assert.Equal("/security-info", (await _browser.OpenAsync($"/security-info/codes/{others.Id}/delete")).Path);
        Assert.Equal("/security-info", (await _browser.OpenAsync($"/security-info/codes/{others.Id}/name")).Path);
    }

    [Fact]
    public async Task An_authenticator_is_added_by_its_first_code()
    {
        await _browser.OpenAsync("/security-info/add/code");
        var secret = Regex.Match(_browser.Page, "id=\"secret\">(?<secret>[A-Z2-7 ]+)<", RegexOptions.None, TimeSpan.FromSeconds(1)).Groups["secret"].Value.Replace(" ", "", StringComparison.Ordinal);
        await _browser.SubmitAsync("/security-info/add/code", ("code", "123456"));
        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);

        await _browser.SubmitAsync("/security-info/add/code", ("code", _server.CodeOf("regular", secret)));

        Assert.Matches("^/security-info/codes/.*/created$", _browser.Path);
    }

    [Fact]
    public async Task A_recovery_code_signs_in_once_and_is_not_kept_readable()
    {
        await _browser.OpenAsync("/security-info/add/recovery-codes");
        await _browser.SubmitAsync("/security-info/add/recovery-codes");
        var codes = Regex.Matches(_browser.Page, "<li>(?<code>[A-Z0-9-]{10,})</li>", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(m => m.Groups["code"].Value).ToList();
        Assert.Equal(SecondFactorStore.RecoveryCodeCount, codes.Count);
        Assert.DoesNotContain(await _server.InDatabaseAsync(db => db.UserTokens.Select(t => t.Value).ToListAsync()), value => value!.Contains(codes[0], StringComparison.Ordinal));

        foreach (var (expected, attempt) in new[] { ("/security-info", 1), ("/sign-in/second-factor", 2) })
        {
            using var browser = _server.NewBrowser();
            await browser.OpenAsync("/sign-in");
            await browser.SubmitAsync("/sign-in", ("name", "regular"));
            await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
            await browser.OpenAsync("/sign-in/second-factor?method=recovery");
            await browser.SubmitAsync("/sign-in/second-factor", ("code", attempt == 1 ? codes[0] : codes[0].ToUpperInvariant()));
            Assert.Equal(expected, browser.Path);
        }
    }

    [Fact]
    public async Task Every_change_of_a_method_and_every_sign_in_leaves_a_row_without_secrets()
    {
        using var device = new Device(_server);
        await device.RegisterAsync(_browser);
        var passkey = await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync());
        await DeleteAsync(passkey.Id, "passkeys");

        var rows = await _server.InDatabaseAsync(db => db.AuditEntries.OrderBy(e => e.Id).ToListAsync());

        Assert.Equal(["sign_in", "method.added", "method.deleted"], rows.Select(r => r.Action));
        Assert.All(rows, row => Assert.Equal("success", row.Outcome));
    }

    private async Task DeleteAsync(Guid id, string kind)
    {
        await _browser.OpenAsync($"/security-info/{kind}/{id}/delete");
        await _browser.SubmitAsync($"/security-info/{kind}/{id}/delete");
    }
}
