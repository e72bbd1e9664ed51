using System.Text.Json;
using System.Text.RegularExpressions;
using Latchkey.Accounts;
using Latchkey.Api.Me;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Hosting;
using Latchkey.Server.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using App = Latchkey.Accounts.Tests.Device;

namespace Latchkey.Server.Tests.Releases;

/// <summary>What an earlier release left on the disks of a server and of an Authenticator, opened by today's: every way in still opens.</summary>
public sealed partial class ReleaseTests : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("latchkey-release");
    private RunningServer _server = null!;
    private App _app = null!;
    private Release _release = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Releases => [.. Directory.GetDirectories(Kept).Select(directory => Path.GetFileName(directory)!)];

    private static string Kept => Path.Combine(AppContext.BaseDirectory, "Releases");

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_password_and_a_code_sign_in(string release)
    {
        await OpenAsync(release);
        using var visitor = await _server.NewBrowser().SignInAsync("visitor");
        using var admin = await _server.NewBrowser().SignInAsync("admin");
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task A_pass_signs_in(string release)
    {
        await OpenAsync(release);
        using var browser = await _server.NewBrowser().SignInAsync("newcomer");
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Every_recovery_code_signs_in_once(string release)
    {
        await OpenAsync(release);
        foreach (var code in _release.RecoveryCodes)
        {
            Assert.Equal("/security-info", await WithRecoveryCodeAsync(code));
        }

        Assert.NotEqual("/security-info", await WithRecoveryCodeAsync(_release.RecoveryCodes[0]));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_passkey_of_each_way_signs_in(string release)
    {
        await OpenAsync(release);
        var names = await _server.InDatabaseAsync(db => db.Passkeys.Join(db.Users, passkey => passkey.UserId, user => user.Id, (_, user) => user.UserName!).ToListAsync(Token));
        Assert.Equal(["clerk", "newcomer", "regular"], names.Order(StringComparer.Ordinal));
        foreach (var name in names)
        {
            using var browser = _server.NewBrowser();
            await browser.OpenAsync("/sign-in");
            var options = PublicKeyCredentialRequestOptions.Parse(await (await browser.FetchAsync("/sign-in/passkey/options")).Content.ReadAsByteArrayAsync(Token));
            var mine = _app.Vault.Credentials.Single(passkey => passkey.UserName == name);
            var response = await new WebAuthnClient(_app.Keys, _server.Time)
                .GetAsync(options with { AllowCredentials = [new(mine.Id, [])] }, new Caller(Origin.Of(_server.Options.Origin)), null, Token);
            var answer = await browser.FetchAsync("/sign-in/passkey", response.Encode());
            Assert.Equal(name, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("name").GetString());
            Assert.Equal("/security-info", (await browser.OpenAsync("/security-info")).Path);
        }
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_applications_session_goes_on_and_finds_vault_and_server_in_step(string release)
    {
        await OpenAsync(release);
        using var http = await _app.Accounts.ConnectAsync(_app.Account, Token);
        Assert.Equal("regular", (await new ProfileClient(http).GetAsync(Token)).UserPrincipalName);
        await _app.HealAsync(Token);
        Assert.Equal(3, _app.Vault.Credentials.Count(passkey => passkey.State == CredentialState.Confirmed));
        Assert.All(await _app.Setup.PlanAsync(_app.Account, Token), item => Assert.Equal(SetupState.Here, item.State));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task The_registered_Authenticator_approves_and_its_code_is_right(string release)
    {
        await OpenAsync(release);
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "regular"));
        await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        var request = Assert.Single(await _app.Approvals.ListAsync(_app.Account, Token));
        var number = Number().Match(browser.Page).Groups["number"].Value;
        Assert.IsType<ApprovalOutcome.Approved>(await _app.Approvals.ApproveAsync(_app.Account, request, number, Token));

        using var other = _server.NewBrowser();
        await other.OpenAsync("/sign-in");
        await other.SubmitAsync("/sign-in", ("name", "regular"));
        await other.SubmitAsync("/sign-in/password", ("password", _server.Demo["regular password"]));
        await other.PassByAuthenticatorAsync();
        var code = _app.Vault.Contents.Codes.Single();
        await other.SubmitAsync("/sign-in/second-factor", ("code", code.Key.CodeAt(_server.Time.GetUtcNow())));
        Assert.Equal("/security-info", other.Path);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public async Task Its_policy_is_the_policy(string release)
    {
        await OpenAsync(release);
        var policy = await _server.InDatabaseAsync(db => db.Policies.AsNoTracking().SingleAsync(Token));
        Assert.Contains("\"defaultLifetimeInMinutes\":90", policy.Document.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(2, await _server.InDatabaseAsync(db => db.GroupMembers.CountAsync(Token)));
    }

    public async ValueTask DisposeAsync()
    {
        _app?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private async Task OpenAsync(string release)
    {
        var kept = Path.Combine(Kept, release);
        _release = JsonSerializer.Deserialize<Release>(await File.ReadAllBytesAsync(Path.Combine(kept, "release.json"), Token), Release.Json)!;
        foreach (var file in Directory.GetFiles(kept, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_directory.FullName, Path.GetRelativePath(kept, file));
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(copy)!);
            PrivateFiles.Write(copy, await File.ReadAllBytesAsync(file, Token)); // a checkout knows no private files
        }

        var time = new FakeTimeProvider(_release.MadeAt + TimeSpan.FromHours(1));
        _server = await RunningServer.StartAsync(Path.Combine(_directory.FullName, "server"), time, keep: true);
        _app = await App.StartAsync(new VaultDisk(Path.Combine(_directory.FullName, "vault")), _server.NewHandler(), time, Token);
    }

    private async Task<string> WithRecoveryCodeAsync(string code)
    {
        using var browser = _server.NewBrowser();
        await browser.OpenAsync("/sign-in");
        await browser.SubmitAsync("/sign-in", ("name", "admin"));
        await browser.SubmitAsync("/sign-in/password", ("password", _server.Demo["admin password"]));
        await browser.OpenAsync("/sign-in/second-factor?method=recovery");
        await browser.SubmitAsync("/sign-in/second-factor", ("code", code));
        return browser.Path;
    }

    [GeneratedRegex("The number is (?<number>[0-9]+)", RegexOptions.None, 1000)]
    private static partial Regex Number();
}
