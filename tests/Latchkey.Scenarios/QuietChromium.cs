using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Phone.Computer;

namespace Latchkey.Scenarios;

/// <summary>
/// Chromium with the extension, in which nobody debugs anything but one page: Playwright attaches to the extension's worker, and one that is
/// attached to is never put to sleep.
/// </summary>
internal sealed class QuietChromium : IAsyncDisposable
{
    private readonly ChildProgram _program;
    private readonly ClientWebSocket _page = new();
    private readonly HttpClient _http = new();
    private Uri? _debugging;
    private int _last;

    private QuietChromium(ChildProgram program) => _program = program;

    /// <summary>Starts it, with a native host that leads to an Authenticator, and goes to a page.</summary>
    public static async Task<QuietChromium> StartAsync(Product product, string authenticator, string address)
    {
        var profile = Directory.CreateDirectory(product.NewDirectory("quiet"));
        ExtensionStage.InstallNativeHost(product, profile, authenticator);
        var program = ChildProgram.Start(
            Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            ["--headless=new", "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "--no-first-run", .. ExtensionStage.Switches, .. Environment.UserName == "root" ? (string[])["--no-sandbox"] : [], address],
            ("DBUS_SESSION_BUS_ADDRESS", "disabled:"));
        var browser = new QuietChromium(program);
        try
        {
            browser._debugging = new Uri(await program.LineAsync("DevTools listening on ", TestContext.Current.CancellationToken));
            JsonNode? page = null;
            await Eventually.TrueAsync("the page is there", async () =>
            {
                page = (await browser.TargetsAsync()).FirstOrDefault(target => (string?)target!["type"] == "page" && ((string?)target["url"])!.StartsWith(address, StringComparison.Ordinal));
                return page is not null;
            });
            await browser._page.ConnectAsync(new((string)page!["webSocketDebuggerUrl"]!), TestContext.Current.CancellationToken);
            await Eventually.TrueAsync("its script ran", async () => (bool?)await browser.EvaluateAsync("typeof create === 'function'") is true);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>What an expression comes to, through JSON.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression) =>
        (await CallAsync("Runtime.evaluate", new() { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true }))["result"]!["value"]?.DeepClone();

    /// <summary>What is open in it; nobody attaches to it for that.</summary>
    public async Task<IReadOnlyList<string>> AddressesAsync() => [.. (await TargetsAsync()).Select(target => (string)target!["url"]!)];

    /// <summary>Calls a method of the page's; one at a time.</summary>
    public async Task<JsonObject> CallAsync(string method, JsonObject parameters)
    {
        var id = ++_last;
        var message = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        await _page.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        while (true)
        {
            var said = JsonNode.Parse(await ReceiveAsync())!.AsObject();
            if ((int?)said["id"] == id) return said["result"] as JsonObject ?? throw new InvalidOperationException(said.ToJsonString());
        }
    }

    public async ValueTask DisposeAsync()
    {
        _page.Dispose();
        _http.Dispose();
        await _program.DisposeAsync();
    }

    private async Task<JsonArray> TargetsAsync() =>
        JsonNode.Parse(await _http.GetStringAsync($"http://127.0.0.1:{_debugging!.Port}/json/list", TestContext.Current.CancellationToken))!.AsArray();

    private async Task<byte[]> ReceiveAsync()
    {
        var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var part = await _page.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return message.ToArray();
        }
    }
}
