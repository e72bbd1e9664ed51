using System.Text;
using System.Text.RegularExpressions;
using Latchkey.Authenticator.Vault;
using Latchkey.Server.Tests.Api;
using Latchkey.Server.Tests.Hosts;
using OtpNet;
using App = Latchkey.Accounts.Tests.Device;

namespace Latchkey.Server.Tests.Hosting;

public sealed partial class DataAtRestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_private_key_of_a_passkey_and_no_secret_as_it_is_lies_in_the_database()
    {
        var vault = Directory.CreateTempSubdirectory("latchkey-at-rest");
        await using var server = await RunningServer.StartAsync();
        using var app = await App.StartAsync(new VaultDisk(vault.FullName), server.NewHandler(), server.Time, Token);
        using var browser = server.NewBrowser();
        var account = await app.Accounts.AddAsync(server.Options.Origin, await AppAccount.AuthorizeAsync(server, browser, "regular"), Token);
        await app.Setup.BeginAsync(account, handoff: null, Token);
        foreach (var method in (await app.Setup.PlanAsync(account, Token)).Select(item => item.Method).ToList())
        {
            await app.Setup.DoAsync(account, method, replace: false, elsewhere: null, Token);
        }

        await browser.OpenAsync("/security-info/add/recovery-codes");
        await browser.SubmitAsync("/security-info/add/recovery-codes");
        var codes = RecoveryCodes().Matches(browser.Page).Select(match => match.Groups["code"].Value).ToList();
        Assert.NotEmpty(codes);
        var kept = app.Vault.Contents.Accounts.Single();
        var secrets = new List<byte[]>
        {
            app.Vault.Credentials.Single().PrivateKey.ToArray(),
            kept.Device!.PrivateKey.ToArray(),
            app.Vault.Contents.Codes.Single().Key.Secret.ToArray(),
            Base32Encoding.ToBytes(server.Demo["regular totp-secret"]),
        };
        secrets.AddRange(codes.Append(kept.RefreshToken!).Concat(server.Demo.Values).Append(Base32Encoding.ToString(secrets[2])).Select(Encoding.UTF8.GetBytes));

        // the file and the log beside it
        var files = Directory.GetFiles(server.Options.DataDirectory, "latchkey.db*").Select(Read).ToList();
        Assert.NotEmpty(files);
        Assert.All(secrets, secret => Assert.All(files, file => Assert.True(file.AsSpan().IndexOf(secret) < 0)));
        // and it is there that the search looks
        Assert.Contains(files, file => file.AsSpan().IndexOf(app.Vault.Credentials.Single().Id.Bytes.Span) >= 0);
        vault.Delete(recursive: true);
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    [GeneratedRegex("<li>(?<code>[A-Z0-9-]{10,})</li>", RegexOptions.None, 1000)]
    private static partial Regex RecoveryCodes();
}
