using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Authenticator.Vault;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Tests.SecurityInfo;

/// <summary>Every change of a sign-in method, by every door, meets the same guard.</summary>
public sealed class MethodGuardTests : IAsyncLifetime
{
    private const string Fido2 = "/" + Fido2MethodsClient.Path, Codes = "/" + SoftwareOathMethodsClient.Path, Devices = "/" + AuthenticatorMethodsClient.Path;

    private readonly VaultDevice _key = VaultDevice.Create();
    private RunningServer _server = null!;
    private Browser _browser = null!;
    private TokenSet _tokens = null!;
    private HttpClient _http = null!;
    private Guid _user, _passkey, _code, _device;
    private string _credential = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
        _tokens = await AppAccount.AuthorizeAsync(_server, _browser, "regular");
        _http = AppAccount.ClientFor(_server, _tokens);
        using var device = new Device(_server);
        var made = await device.RegisterAsync(_browser);
        _credential = made.Id.ToString();
        (_user, _passkey, _code, _device) = await _server.InDatabaseAsync(async db =>
        {
            var passkey = await db.Passkeys.SingleAsync();
            var authenticator = new AuthenticatorMethod { Id = Guid.CreateVersion7(), UserId = passkey.UserId, PublicKey = _key.PublicKey.ToArray(), DisplayName = "Phone" };
            db.Add(authenticator);
            await db.SaveChangesAsync();
            return (passkey.UserId, passkey.Id, (await db.CodeMethods.FirstAsync(c => c.UserId == passkey.UserId)).Id, authenticator.Id);
        });
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", Fido2 + "/creationOptions")]
    [InlineData("PATCH", Fido2 + "/{passkey}", """{"displayName":"Mine"}""")]
    [InlineData("DELETE", Fido2 + "/{passkey}")]
    [InlineData("POST", Codes)]
    [InlineData("DELETE", Codes + "/{code}")]
    [InlineData("POST", Devices + "/challenge")]
    [InlineData("PATCH", Devices + "/{device}", """{"isPhoneSignInAllowed":true}""")]
    [InlineData("DELETE", Devices + "/{device}")]
    public async Task A_program_changes_nothing_without_a_second_factor_of_the_last_five_minutes(string method, string path, string? body = null)
    {
        _server.Time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(1));
        var before = await MethodsAsync();

        Assert.Equal((HttpStatusCode.Forbidden, "step_up_required"), await AskAsync(method, path, body));
        Assert.Equal(before, await MethodsAsync());
    }

    [Fact]
    public async Task A_token_whose_second_factor_is_two_months_old_deletes_no_passkey()
    {
        _server.Time.Advance(TimeSpan.FromDays(60));
        using var plain = _server.NewClient();
        var tokens = await new TokenClient(plain, _server.Time).RefreshAsync(OpenIdConnectContract.AuthenticatorClientId, _tokens.RefreshToken!, Token);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);

        Assert.Equal((HttpStatusCode.Forbidden, "step_up_required"), await AskAsync("DELETE", Fido2 + "/{passkey}"));
        Assert.True(await _server.InDatabaseAsync(db => db.Passkeys.AnyAsync(p => p.Id == _passkey)));
    }

    [Theory]
    [InlineData("/security-info/passkeys/{id}/name")]
    [InlineData("/security-info/passkeys/{id}/delete")]
    [InlineData("/security-info/add/passkey")]
    [InlineData("/security-info/add/code")]
    [InlineData("/security-info/add/authenticator")]
    [InlineData("/security-info/add/recovery-codes")]
    [InlineData("/security-info/password")]
    public async Task The_portal_begins_no_change_without_one_either(string path)
    {
        _server.Time.Advance(TimeSpan.FromMinutes(21)); // the wizard that registered the passkey is over, too
        await _browser.OpenAsync(path.Replace("{id}", _passkey.ToString(), StringComparison.Ordinal));

        Assert.StartsWith("/step-up?", _browser.Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("passkeys", "name")]
    [InlineData("passkeys", "delete")]
    [InlineData("authenticators", "delete")]
    public async Task Nor_does_a_form_of_the_portal_that_was_open_meanwhile(string kind, string what)
    {
        var path = $"/security-info/{kind}/{(kind == "passkeys" ? _passkey : _device)}/{what}";
        await _browser.OpenAsync(path);
        _server.Time.Advance(TimeSpan.FromMinutes(21));
        var before = await MethodsAsync();
        await _browser.SubmitAsync(path, ("name", "Mine"));

        Assert.StartsWith("/step-up?", _browser.Path, StringComparison.Ordinal);
        Assert.Equal(before, await MethodsAsync());
    }

    [Fact]
    public async Task A_second_factor_of_the_future_is_none()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(1));
        var ahead = _server.Time.GetUtcNow() + TimeSpan.FromDays(1);
        await _server.InDatabaseAsync(db => db.Sessions.ExecuteUpdateAsync(set => set.SetProperty(s => s.MfaAt, ahead).SetProperty(s => s.WizardUntil, ahead)));

        Assert.Equal((HttpStatusCode.Forbidden, "step_up_required"), await AskAsync("DELETE", Fido2 + "/{passkey}"));
        Assert.StartsWith("/step-up?", (await _browser.OpenAsync($"/security-info/passkeys/{_passkey}/delete")).Path, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DELETE", Fido2 + "/{passkey}", MethodKind.Passkey)]
    [InlineData("DELETE", Codes + "/{code}", MethodKind.Code)]
    [InlineData("DELETE", Devices + "/{device}", MethodKind.Authenticator)]
    [InlineData("PATCH", Devices + "/{device}", MethodKind.Authenticator, """{"isNotificationAllowed":false,"isPhoneSignInAllowed":false}""")]
    public async Task A_program_takes_the_last_way_in_away_only_when_the_person_is_sure(string method, string path, MethodKind kind, string? body = null)
    {
        await KeepOnlyAsync(kind);
        var before = await MethodsAsync();

        Assert.Equal((HttpStatusCode.Conflict, "last_method"), await AskAsync(method, path, body));
        Assert.Equal(before, await MethodsAsync());
        Assert.Null((await AskAsync(method, path, body, isSure: true)).Code);
        Assert.NotEqual(before, await MethodsAsync());
    }

    [Theory]
    [InlineData("passkeys", MethodKind.Passkey)]
    [InlineData("codes", MethodKind.Code)]
    [InlineData("authenticators", MethodKind.Authenticator)]
    public async Task The_portal_warns_before_the_last_way_in_goes(string kind, MethodKind only)
    {
        await KeepOnlyAsync(only);
        var path = $"/security-info/{kind}/{only switch { MethodKind.Passkey => _passkey, MethodKind.Code => _code, _ => _device }}/delete";
        await _browser.OpenAsync(path);
        Assert.Contains("last way", _browser.Page, StringComparison.Ordinal);
        await _browser.SubmitAsync(path);
        Assert.Equal(HttpStatusCode.BadRequest, _browser.Status);

        await _browser.SubmitAsync(path, ("sure", "1"));

        Assert.StartsWith("/security-info?said=", _browser.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_beside_others_goes_without_a_warning()
    {
        Assert.Null((await AskAsync("DELETE", Fido2 + "/{passkey}")).Code);
        Assert.Null((await AskAsync("DELETE", Devices + "/{device}")).Code);
    }

    [Fact]
    public async Task A_device_takes_itself_away_by_its_own_signature_at_any_time_and_no_other_device()
    {
        _server.Time.Advance(TimeSpan.FromMinutes(6));
        var methods = new AuthenticatorMethodsClient(_http);
        var another = VaultDevice.Create();
        foreach (var wrong in new[]
        {
            another.Sign(DeviceStatement.Removal(_server.Options.Origin, _user.ToString(), _device.ToString())),
            _key.Sign(DeviceStatement.Removal(_server.Options.Origin, _user.ToString(), Guid.NewGuid().ToString())),
            _key.Sign(DeviceStatement.Removal(new Uri("https://elsewhere.example"), _user.ToString(), _device.ToString())),
        })
        {
            Assert.Equal("step_up_required", (await Assert.ThrowsAsync<ApiException>(() => methods.DeleteAsync(_device.ToString(), Token, wrong.ToBase64Url()))).Code);
        }

        await methods.DeleteAsync(_device.ToString(), Token, _key.Sign(DeviceStatement.Removal(_server.Options.Origin, _user.ToString(), _device.ToString())).ToBase64Url());

        Assert.False(await _server.InDatabaseAsync(db => db.Authenticators.AnyAsync(a => a.Id == _device)));
    }

    [Fact]
    public async Task What_is_gone_already_is_said_to_be_gone_also_to_a_program_that_could_not_delete_it()
    {
        await _server.InDatabaseAsync(db => db.Passkeys.ExecuteDeleteAsync());
        _server.Time.Advance(TimeSpan.FromMinutes(6));

        Assert.Equal((HttpStatusCode.NotFound, "passkey_not_found"), await AskAsync("DELETE", Fido2 + "/{passkey}"));
    }

    /// <summary>Leaves the person one way in: a passkey or an Authenticator alone, or codes after the password.</summary>
    private Task<int> KeepOnlyAsync(MethodKind kind) => _server.InDatabaseAsync(async db =>
    {
        if (kind is not MethodKind.Passkey) await db.Passkeys.ExecuteDeleteAsync();
        if (kind is not MethodKind.Code) await db.CodeMethods.Where(c => c.UserId == _user).ExecuteDeleteAsync();
        return kind is MethodKind.Authenticator
            ? await db.Authenticators.ExecuteUpdateAsync(set => set.SetProperty(a => a.IsPhoneSignInAllowed, true).SetProperty(a => a.IsNotificationAllowed, true))
            : await db.Authenticators.ExecuteDeleteAsync();
    });

    private Task<string> MethodsAsync() => _server.InDatabaseAsync(async db => JsonSerializer.Serialize(new
    {
        passkeys = await db.Passkeys.Select(p => p.DisplayName).ToListAsync(),
        codes = await db.CodeMethods.Select(c => c.Id).ToListAsync(),
        devices = await db.Authenticators.Select(a => new { a.Id, a.IsNotificationAllowed, a.IsPhoneSignInAllowed }).ToListAsync(),
    }));

    private async Task<(HttpStatusCode Status, string? Code)> AskAsync(string method, string path, string? body = null, bool isSure = false)
    {
        var address = path.Replace("{passkey}", _credential, StringComparison.Ordinal).Replace("{code}", _code.ToString(), StringComparison.Ordinal).Replace("{device}", _device.ToString(), StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), address) { Content = body is null ? null : new StringContent(body, MediaTypeHeaderValue.Parse("application/json")) };
        if (isSure) request.Headers.Add(LastMethod.Header, LastMethod.Confirmed);
        using var response = await _http.SendAsync(request, Token);
        return (response.StatusCode, response.IsSuccessStatusCode ? null : (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error").GetProperty("code").GetString());
    }
}
