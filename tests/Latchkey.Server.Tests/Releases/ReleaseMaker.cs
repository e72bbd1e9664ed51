using System.Text.Json;
using System.Text.RegularExpressions;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using Microsoft.Data.Sqlite;
using App = Latchkey.Accounts.Tests.Device;

namespace Latchkey.Server.Tests.Releases;

/// <summary>
/// Makes what a release leaves behind: a server's data directory and an Authenticator's vault, both used as people use them. Run once for each release,
/// with that release's own code, and kept: every later version must open it. The directory is named by LATCHKEY_MAKE_RELEASE.
/// </summary>
public sealed partial class ReleaseMaker
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Skip = "Made by hand, once for each release", SkipUnless = nameof(IsWanted))]
    public async Task A_releases_data_is_made()
    {
        var target = Environment.GetEnvironmentVariable("LATCHKEY_MAKE_RELEASE")!;
        var server = Path.Combine(target, "server");
        Directory.CreateDirectory(server);
        await using (var running = await RunningServer.StartAsync(server, keep: true))
        {
            using (var app = await App.StartAsync(new VaultDisk(Path.Combine(target, "vault")), running.NewHandler(), running.Time, Token))
            {
                await SignInInsideTheAuthenticatorAsync(running, app);
                await RegisterInABrowserAsync(running, "newcomer", app.Keys);
                var dispatcher = new CtapDispatcher(app.Remote);
                await RegisterInABrowserAsync(running, "clerk", new RemoteCtapAuthenticator(async (message, token) => (await dispatcher.DispatchAsync(message, token)).Bytes));
                foreach (var passkey in app.Vault.Credentials.Where(passkey => passkey.State == Latchkey.Authenticator.CredentialState.Staged).ToList())
                {
                    await app.Vault.DeliverAsync(passkey.Id, Token);
                    await app.Vault.ConfirmAsync(passkey.Id, Token);
                }
            }

            var codes = await MakeRecoveryCodesAsync(running, "admin");
            await running.SetPolicyAsync("""{"TemporaryAccessPass":{"defaultLifetimeInMinutes":90}}""");
            await File.WriteAllTextAsync(
                Path.Combine(target, "release.json"), JsonSerializer.Serialize(new Release(running.Time.GetUtcNow(), codes), Release.Json), Token);
        }

        // One file: the log beside it is written back and goes.
        await using var database = new SqliteConnection($"Data Source={Path.Combine(server, "latchkey.db")};Pooling=False");
        await database.OpenAsync(Token);
        await using var shrink = database.CreateCommand();
        shrink.CommandText = "PRAGMA wal_checkpoint(TRUNCATE); VACUUM;";
        await shrink.ExecuteNonQueryAsync(Token);
    }

    public static bool IsWanted => Environment.GetEnvironmentVariable("LATCHKEY_MAKE_RELEASE") is not null;

    /// <summary>The recommended way, with everything policy offers: a passkey with our attestation, approvals, phone sign-in and codes; the account's session is an application's.</summary>
    private static async Task SignInInsideTheAuthenticatorAsync(RunningServer running, App app)
    {
        using var browser = running.NewBrowser();
        var account = await app.Accounts.AddAsync(running.Options.Origin, await AppAccount.AuthorizeAsync(running, browser, "regular"), Token);
        await app.Setup.BeginAsync(account, handoff: null, Token);
        foreach (var method in (await app.Setup.PlanAsync(account, Token)).Select(item => item.Method).ToList())
        {
            await app.Setup.DoAsync(account, method, replace: false, elsewhere: null, Token);
        }

        await app.Setup.EndAsync(account, Token);
        Assert.NotNull(app.Accounts.Find(account.Id)!.Device?.Id);
        Assert.NotNull(app.Setup.PasskeyOf(account));
        Assert.NotEmpty(app.Vault.Contents.Codes);
    }

    private static async Task RegisterInABrowserAsync(RunningServer running, string person, ICtapAuthenticator authenticator)
    {
        using var browser = await running.NewBrowser().SignInAsync(person);
        await browser.OpenAsync("/security-info/add/passkey");
        var options = PublicKeyCredentialCreationOptions.Parse(await (await browser.FetchAsync("/security-info/passkeys/options")).Content.ReadAsByteArrayAsync(Token));
        var response = await new WebAuthnClient(authenticator, running.Time).CreateAsync(options, new Caller(Origin.Of(running.Options.Origin)), Token);
        var answer = await browser.FetchAsync("/security-info/passkeys", response.Encode());
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    private static async Task<IReadOnlyList<string>> MakeRecoveryCodesAsync(RunningServer running, string person)
    {
        using var browser = await running.NewBrowser().SignInAsync(person);
        await browser.OpenAsync("/security-info/add/recovery-codes");
        await browser.SubmitAsync("/security-info/add/recovery-codes");
        return RecoveryCodes().Matches(browser.Page).Select(match => match.Groups["code"].Value).ToList();
    }

    [GeneratedRegex("<li>(?<code>[A-Z0-9-]{10,})</li>", RegexOptions.None, 1000)]
    private static partial Regex RecoveryCodes();
}

/// <summary>What a test has to know of a kept release besides its files.</summary>
/// <param name="MadeAt">When it was made: the clock goes on from there.</param>
/// <param name="RecoveryCodes">The codes of <c>admin</c>, none of them used.</param>
public sealed record Release(DateTimeOffset MadeAt, IReadOnlyList<string> RecoveryCodes)
{
    /// <summary>How it is written.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
