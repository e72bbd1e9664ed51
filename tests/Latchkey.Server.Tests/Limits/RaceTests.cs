using System.Net;
using Latchkey.Api;
using Latchkey.Api.SoftwareOathMethods;
using Latchkey.Authenticator.Vault;
using Latchkey.Server.Storage;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Approvals;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using OtpNet;

namespace Latchkey.Server.Tests.Limits;

/// <summary>What there may be so many of, asked for at once: there are never more.</summary>
public sealed class RaceTests : IAsyncLifetime
{
    private RunningServer _server = null!;
    private Browser _browser = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync();
        _browser = _server.NewBrowser();
    }

    public async ValueTask DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Passkeys()
    {
        await _browser.SignInAsync("newcomer");
        await _browser.OpenAsync("/security-info/add/passkey");
        var responses = await MadeAsync(Passkey.MaxPerUser + 4, "/security-info/passkeys/options");

        var answers = await Task.WhenAll(responses.Select(response => _browser.FetchAsync("/security-info/passkeys", response)));

        Assert.Equal(Passkey.MaxPerUser, answers.Count(answer => answer.IsSuccessStatusCode));
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode)) Assert.Equal("passkey_limit_reached", await Answers.CodeOfAsync(refused));
        Assert.Equal(Passkey.MaxPerUser, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync()));
    }

    [Fact]
    public async Task Passkeys_that_take_the_place_of_one()
    {
        await _browser.SignInAsync("newcomer");
        using var device = new Device(_server);
        await device.RegisterAsync(_browser);
        var old = await _server.InDatabaseAsync(db => db.Passkeys.Select(p => p.Id).SingleAsync());
        var responses = await MadeAsync(4, $"/security-info/passkeys/options?replaces={old}");

        var answers = await Task.WhenAll(responses.Select(response => _browser.FetchAsync($"/security-info/passkeys?replaces={old}", response)));

        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        foreach (var refused in answers.Where(answer => !answer.IsSuccessStatusCode)) Assert.Equal("passkey_not_found", await Answers.CodeOfAsync(refused));
        Assert.NotEqual(old, await _server.InDatabaseAsync(db => db.Passkeys.Select(p => p.Id).SingleAsync()));
    }

    [Fact]
    public async Task One_response_sent_many_times_at_once()
    {
        await _browser.SignInAsync("newcomer");
        await _browser.OpenAsync("/security-info/add/passkey");
        var response = Assert.Single(await MadeAsync(1, "/security-info/passkeys/options"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _browser.FetchAsync("/security-info/passkeys", response)));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode)); // the same answer for each
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.Passkeys.CountAsync()));
    }

    [Fact]
    public async Task Codes_of_programs()
    {
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "newcomer"));
        var codes = new SoftwareOathMethodsClient(http);
        var begun = await Task.WhenAll(Enumerable.Range(0, SecondFactorStore.MaxCodeMethods + 3).Select(_ => codes.BeginAsync(Token)));

        var refused = await RefusedAsync(begun.Select(one => codes.ConfirmAsync(one.Id, new(one.Pending, CodeFor(one.SecretKey), null), Token)));

        Assert.Equal(Enumerable.Repeat("code_limit_reached", 3), refused);
        Assert.Equal(SecondFactorStore.MaxCodeMethods, (await codes.ListAsync(Token)).Count);
    }

    [Fact]
    public async Task Codes_of_the_portal()
    {
        await _browser.SignInAsync("newcomer");
        var tabs = Enumerable.Range(0, SecondFactorStore.MaxCodeMethods + 3).Select(_ => _browser.AtServer(_server)).ToList();
        foreach (var tab in tabs) await tab.OpenAsync("/security-info/add/code");

        await Task.WhenAll(tabs.Select(tab => tab.SubmitAsync("/security-info/add/code", ("code", CodeFor(SetupSecret.On(tab))))));

        Assert.Equal(3, tabs.Count(tab => tab.Status == HttpStatusCode.BadRequest));
        Assert.Equal(SecondFactorStore.MaxCodeMethods, await CodesOfAsync("newcomer"));
        tabs.ForEach(tab => tab.Dispose());
    }

    [Fact]
    public async Task First_codes_after_a_password_alone()
    {
        await _server.SetAsync(organisation => organisation.AllowsCodeAsFirstFactor = true);
        await _server.InDatabaseAsync(db => db.CodeMethods.ExecuteDeleteAsync());
        var browsers = Enumerable.Range(0, 4).Select(_ => _server.NewBrowser()).ToList();
        foreach (var browser in browsers)
        {
            await browser.OpenAsync("/sign-in");
            await browser.SubmitAsync("/sign-in", ("name", "regular"));
            await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
            Assert.StartsWith("/sign-in/first-code", browser.Path, StringComparison.Ordinal);
        }

        await Task.WhenAll(browsers.Select(browser => browser.SubmitAsync("/sign-in/first-code", ("code", CodeFor(SetupSecret.On(browser))))));

        Assert.Equal(1, await CodesOfAsync("regular"));
        Assert.Single(browsers, browser => browser.Path == "/security-info");
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task Authenticators_that_approve()
    {
        using var app = await AppDevice.SignInAsync(_server, "newcomer");
        var devices = Enumerable.Range(0, AuthenticatorMethod.MaxPerUser + 3).Select(_ => app.AtServer(_server)).ToList();
        devices.ForEach(device => device.Key = VaultDevice.Create());
        var challenge = (await app.Methods.ChallengeAsync(Token)).Challenge;

        var refused = await RefusedAsync(devices.Select(device => device.AnswerAsync(challenge)));

        Assert.Equal(Enumerable.Repeat("authenticator_limit_reached", 3), refused);
        Assert.Equal(AuthenticatorMethod.MaxPerUser, await _server.InDatabaseAsync(db => db.Authenticators.CountAsync()));
        devices.ForEach(device => device.Dispose());
    }

    [Fact]
    public async Task One_Authenticator_registered_many_times_at_once()
    {
        using var app = await AppDevice.SignInAsync(_server, "newcomer");
        var challenge = (await app.Methods.ChallengeAsync(Token)).Challenge;

        var methods = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => app.AnswerAsync(challenge)));

        Assert.Single(methods.Select(method => method.Id).Distinct());
    }

    [Fact]
    public async Task Attestation_keys()
    {
        using var http = AppAccount.ClientFor(_server, await AppAccount.AuthorizeAsync(_server, _browser, "newcomer"));

        var refused = await RefusedAsync(Enumerable.Range(0, AttestationCertificate.MaxPerUser + 5).Select(_ => Enrolled.AtAsync(http)));

        Assert.Equal(Enumerable.Repeat("attestation_certificate_limit_reached", 5), refused);
        Assert.Equal(AttestationCertificate.MaxPerUser, await _server.InDatabaseAsync(db => db.AttestationCertificates.CountAsync()));
    }

    [Fact]
    public async Task Requests_that_wait_for_a_person()
    {
        using var app = await AppDevice.SignInAsync(_server, "regular");
        await app.RegisterAsync();
        var browsers = Enumerable.Range(0, 6).Select(_ => _server.NewBrowser()).ToList();
        foreach (var browser in browsers)
        {
            await browser.OpenAsync("/sign-in");
            await browser.SubmitAsync("/sign-in", ("name", "regular"));
        }

        await Task.WhenAll(browsers.Select(browser => browser.SubmitAsync("/sign-in/phone")));

        Assert.Single(await app.PendingAsync());
        Assert.Single(browsers, browser => browser.Path.StartsWith("/sign-in/approval/", StringComparison.Ordinal));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task Pages_that_wait_for_a_passkey()
    {
        await _browser.SignInAsync("newcomer");
        var tabs = Enumerable.Range(0, HandoffStore.MaxPerUser + 3).Select(_ => _browser.AtServer(_server)).ToList();

        await Task.WhenAll(tabs.Select(tab => tab.OpenAsync("/security-info/add/authenticator")));

        Assert.Equal(HandoffStore.MaxPerUser, await _server.InDatabaseAsync(db => db.Handoffs.CountAsync()));
        tabs.ForEach(tab => tab.Dispose());
    }

    [Fact]
    public async Task Sets_of_recovery_codes()
    {
        await _browser.SignInAsync("newcomer");
        var tabs = Enumerable.Range(0, 4).Select(_ => _browser.AtServer(_server)).ToList();

        var sets = await Task.WhenAll(tabs.Select(RecoveryCodes.CreateAsync));

        Assert.Equal(4, sets.Length); // each page shows one, and the last of them is the person's
        Assert.Equal(1, await _server.InDatabaseAsync(db => db.UserTokens.CountAsync()));
        tabs.ForEach(tab => tab.Dispose());
    }

    /// <summary>Passkeys of as many devices, begun one after the other, so that none knows of the others.</summary>
    private async Task<List<byte[]>> MadeAsync(int count, string options)
    {
        var responses = new List<byte[]>();
        for (var i = 0; i < count; i++)
        {
            using var device = new Device(_server);
            responses.Add((await device.CreateAsync(await (await _browser.FetchAsync(options)).Content.ReadAsByteArrayAsync())).Encode());
        }

        return responses;
    }

    private Task<int> CodesOfAsync(string name) => _server.InDatabaseAsync(db => db.CodeMethods.CountAsync(c => db.Users.Any(u => u.Id == c.UserId && u.UserName == name)));

    private string CodeFor(string secret) => new Totp(Base32Encoding.ToBytes(secret)).ComputeTotp(_server.Time.GetUtcNow().UtcDateTime);

    private static async Task<List<string>> RefusedAsync(IEnumerable<Task> all)
    {
        var codes = await Task.WhenAll(all.ToList().Select(async one =>
        {
            try
            {
                await one;
                return null;
            }
            catch (ApiException refused)
            {
                return refused.Code;
            }
        }));
        return [.. codes.OfType<string>()];
    }
}
