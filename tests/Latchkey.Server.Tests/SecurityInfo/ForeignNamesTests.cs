using System.Net;
using System.Text;
using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>Names of passkeys: counted as people count, taken if they can be shown, and shown harmlessly if they were taken before.</summary>
public sealed class ForeignNamesTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;
    private Device _device = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
        _device = new Device(_server);
    }

    public async ValueTask DisposeAsync()
    {
        _device.Dispose();
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_passkey_may_be_called_what_can_be_shown_in_the_portal_and_by_programs()
    {
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "regular"));
        await _device.RegisterAsync(_browser);
        var id = (await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync())).Id;
        var methods = new Fido2MethodsClient(http);
        var credential = CredentialId.Parse(Assert.Single(await methods.ListAsync(Token)).Id);
        string[] good = [string.Concat(Enumerable.Repeat("😀", 33)), new('a', 64), "👨‍👩‍👧‍👦 phone", "מפתח"];
        string[] bad = ["a\nb", "a\0b", "\u202egro.knab", new('a', 65), "\u200b", "key\u001b[31mRED"];

        foreach (var name in good)
        {
            await methods.RenameAsync(credential, name, Token);
            Assert.Equal(name, Assert.Single(await methods.ListAsync(Token)).DisplayName);
            await _browser.OpenAsync($"/security-info/passkeys/{id}/name");
            await _browser.SubmitAsync($"/security-info/passkeys/{id}/name", ("name", name));
            Assert.Equal(HttpStatusCode.OK, _browser.Status);
        }

        foreach (var name in bad)
        {
            var refused = await Assert.ThrowsAsync<ApiException>(() => methods.RenameAsync(credential, name, Token));
            Assert.Equal("display_name_invalid", refused.Code);
            Assert.Contains("can be seen", refused.Message, StringComparison.Ordinal);
            await _browser.OpenAsync($"/security-info/passkeys/{id}/name");
            await _browser.SubmitAsync($"/security-info/passkeys/{id}/name", ("name", name));
            Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);
        }

        Assert.Equal(good[^1], Assert.Single(await methods.ListAsync(Token)).DisplayName);
    }

    [Fact]
    public async Task A_passkey_cannot_be_registered_under_a_name_that_controls_a_terminal()
    {
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "regular"));
        var options = await new Fido2MethodsClient(http).CreationOptionsAsync(Token);
        var response = Encoding.UTF8.GetString((await _device.CreateAsync(options.PublicKey.Encode())).Encode());
        var body = $$"""{"displayName":"key\u001b[31mRED\u001b[0m\u001b]0;owned\u0007 \u001b[1A\u001b[2K","publicKeyCredential":{{response}}}""";

        var refused = await http.PostAsync(Fido2MethodsClient.Path, new StringContent(body, Encoding.UTF8, "application/json"), Token);

        Assert.Contains("display_name_invalid", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(0, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync()));
    }

    [Fact]
    public async Task Names_kept_by_an_earlier_release_are_spelled_out_on_every_page_that_has_them()
    {
        const string Odd = "\u202egro.knab\u001b[2K";
        await _browser.SignInAsync("regular");
        await _device.RegisterAsync(_browser);
        var id = (await _server.InDatabaseAsync(db => db.Passkeys.SingleAsync())).Id;
        await _server.InDatabaseAsync(async db =>
        {
            await db.Passkeys.ExecuteUpdateAsync(set => set.SetProperty(passkey => passkey.DisplayName, Odd + new string('x', 3000)));
            await db.Users.ExecuteUpdateAsync(set => set.SetProperty(user => user.DisplayName, Odd));
            return await db.Organisations.ExecuteUpdateAsync(set => set.SetProperty(organisation => organisation.DisplayName, Odd));
        });

        foreach (var address in (string[])["/security-info", $"/security-info/passkeys/{id}/delete", "/security-info/sessions", "/sign-out", "/sign-in"])
        {
            await _browser.OpenAsync(address);
            var page = WebUtility.HtmlDecode(_browser.Page);
            Assert.Contains(@"\u202egro.knab\x1b[2K", page, StringComparison.Ordinal);
            Assert.DoesNotContain(page.Replace(ValueOf(page), "", StringComparison.Ordinal), c => c is '\u202e' or '\u001b');
            Assert.DoesNotContain(new string('x', 100), page, StringComparison.Ordinal);
        }

        // For the browser's own list of passkeys the page's script needs the name as it is.
        static string ValueOf(string page) => page.Contains("data-display-name=\"", StringComparison.Ordinal) ? Odd : "\uffff";
    }
}
