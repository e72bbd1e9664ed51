using System.Net;
using System.Net.Sockets;
using System.Text;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Features.Approvals;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class SilentServerTests
{
    [Fact]
    public async Task A_server_that_is_silent_keeps_no_other_from_being_heard()
    {
        await using var browsing = await Browsing.StartAsync();
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var nobody = new TcpListener(IPAddress.Loopback, 0);
        nobody.Start();
        var closed = ((IPEndPoint)nobody.LocalEndpoint).Port;
        nobody.Stop();
        await browsing.Store.UpdateAsync(
            contents => contents with { Accounts = [AccountAt("one", ((IPEndPoint)silent.LocalEndpoint).Port), AccountAt("two", closed)] }, Browsing.Token);
        browsing.Servers = request => request.RequestUri!.AbsolutePath switch
        {
            "/connect/token" => Json("""{"access_token":"good","token_type":"Bearer","expires_in":300,"refresh_token":"next"}"""),
            _ when request.RequestUri.Port == closed => Json("""{"value":[{"id":"7","kind":"secondFactor","app":"My Security info","address":null,"createdDateTime":"2026-03-03T12:00:00Z","secondsLeft":60}]}"""),
            _ => Json("""{"value":[]}"""),
        };
        var windows = new OpenedLinks();
        windows.WindowOpened();
        var approvals = new WaitingApprovals(browsing.Session, browsing.Time);
        using var live = new LiveConnection(browsing.Session, windows, approvals, browsing.Time);

        await live.StartAsync(Browsing.Token);

        await browsing.UntilAsync(_ => approvals.Current?.Account.Id == "two");
        browsing.Session.Lock();
        await live.StopAsync(Browsing.Token);
    }

    private static HttpResponseMessage Json(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    private static VaultAccount AccountAt(string id, int port) =>
        new(id, new($"http://127.0.0.1:{port}/"), id, "eve", "Eve", "Shop") { RefreshToken = "good", AddedAt = DateTimeOffset.UnixEpoch, Device = VaultDevice.Create() with { Id = "device" } };
}
