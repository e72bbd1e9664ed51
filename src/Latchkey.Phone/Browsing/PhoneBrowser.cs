using System.Globalization;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Latchkey.Phone.Computer;
using Latchkey.Phone.DevTools;
using Latchkey.Phone.Settings;

namespace Latchkey.Phone.Browsing;

/// <summary>
/// The phone's browser: a real Chromium without a window, which takes itself for the phone's (size, touch, what it says of itself), and whose
/// picture the phone shows. What is touched and typed there goes to it.
/// </summary>
internal sealed class PhoneBrowser : IAsyncDisposable
{
    public const int Width = 412;
    public const int Height = 780;

    private readonly Browser _browser;
    private readonly DevToolsConnection _page;
    private readonly PhoneSettings _settings;

    private PhoneBrowser(Browser browser, DevToolsConnection page, PhoneSettings settings) => (_browser, _page, _settings) = (browser, page, settings);

    /// <summary>Where it lets itself be led.</summary>
    public Uri DevTools => _browser.DevTools;

    /// <summary>The address of the page it shows, or is about to; null before the first.</summary>
    public string? Address { get; private set; }

    /// <summary>A page asked for an address that is an app's: <c>latchkey:</c> and <c>FIDO:/</c>.</summary>
    public event Action<string>? LinkFollowed;

    /// <summary>Starts it on an empty page.</summary>
    /// <param name="executable">Which Chromium.</param>
    /// <param name="home">Its home and profile.</param>
    /// <param name="settings">Which phone it is on.</param>
    /// <param name="options">Further switches.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<PhoneBrowser> StartAsync(
        string executable, DirectoryInfo home, PhoneSettings settings, IEnumerable<string> options, CancellationToken cancellationToken)
    {
        var browser = await Browser.StartAsync(
            executable, home, new Uri("about:blank"), new WindowPlace(0, 0, Width, Height), display: null, "disabled:", ["--headless=new", "--disable-gpu", .. options], cancellationToken);
        try
        {
            var phone = new PhoneBrowser(browser, await DevToolsConnection.OfAsync(browser.DevTools, "about:blank", cancellationToken), settings);
            phone._page.Said += phone.Hear;
            await phone._page.CallAsync("Page.enable", [], cancellationToken);
            await phone._page.CallAsync("Emulation.setDeviceMetricsOverride", new() { ["width"] = Width, ["height"] = Height, ["deviceScaleFactor"] = 1, ["mobile"] = true }, cancellationToken);
            await phone._page.CallAsync("Emulation.setTouchEmulationEnabled", new() { ["enabled"] = true, ["maxTouchPoints"] = 5 }, cancellationToken);
            await phone.SayWhatItIsAsync(cancellationToken);
            return phone;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens an address, after the version of the system it is on may have changed.</summary>
    public async Task OpenAsync(Uri address, CancellationToken cancellationToken)
    {
        Address = address.AbsoluteUri;
        await SayWhatItIsAsync(cancellationToken);
        await _page.CallAsync("Page.navigate", new() { ["url"] = address.AbsoluteUri }, cancellationToken);
    }

    /// <summary>Shows the browser over a socket: pictures one way, touches and keys the other. Ends with the socket.</summary>
    public async Task ShowAsync(WebSocket window, CancellationToken cancellationToken)
    {
        var messages = Channel.CreateBounded<(WebSocketMessageType Type, byte[] Body)>(new BoundedChannelOptions(8) { FullMode = BoundedChannelFullMode.DropOldest });
        void Take(string method, JsonObject said)
        {
            switch (method)
            {
                case "Page.screencastFrame":
                    messages.Writer.TryWrite((WebSocketMessageType.Binary, Convert.FromBase64String((string)said["data"]!)));
                    _ = _page.CallAsync("Page.screencastFrameAck", new() { ["sessionId"] = (int)said["sessionId"]! }, cancellationToken);
                    break;
                case "Page.frameNavigated":
                    messages.Writer.TryWrite((WebSocketMessageType.Text, JsonSerializer.SerializeToUtf8Bytes(new { address = Address })));
                    break;
            }
        }

        _page.Said += Take;
        Take("Page.frameNavigated", []);
        try
        {
            await _page.CallAsync("Page.startScreencast", new() { ["format"] = "jpeg", ["quality"] = 85, ["everyNthFrame"] = 1 }, cancellationToken);
            var sending = SendAsync(window, messages.Reader, cancellationToken);
            await ReceiveAsync(window, cancellationToken);
            messages.Writer.Complete();
            await sending;
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or RehearsalException)
        {
            // The window was closed, or the browser.
        }
        finally
        {
            _page.Said -= Take;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await _browser.DisposeAsync();
    }

    private static async Task SendAsync(WebSocket window, ChannelReader<(WebSocketMessageType Type, byte[] Body)> messages, CancellationToken cancellationToken)
    {
        await foreach (var (type, body) in messages.ReadAllAsync(cancellationToken)) await window.SendAsync(body, type, endOfMessage: true, cancellationToken);
    }

    private async Task ReceiveAsync(WebSocket window, CancellationToken cancellationToken)
    {
        var buffer = new byte[8 * 1024];
        while (true)
        {
            var part = await window.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (part.MessageType is WebSocketMessageType.Close || !part.EndOfMessage) return;
            if (JsonNode.Parse(buffer.AsSpan(0, part.Count)) is JsonObject act) await ActAsync(act, cancellationToken);
        }
    }

    private async Task ActAsync(JsonObject act, CancellationToken cancellationToken)
    {
        switch ((string?)act["do"])
        {
            case "touch":
                var phase = (string)act["phase"]!;
                var points = phase is "touchEnd" ? new JsonArray() : new JsonArray(new JsonObject { ["x"] = (double)act["x"]!, ["y"] = (double)act["y"]! });
                await _page.CallAsync("Input.dispatchTouchEvent", new() { ["type"] = phase, ["touchPoints"] = points }, cancellationToken);
                break;
            case "scroll":
                await _page.CallAsync("Input.dispatchMouseEvent", new() { ["type"] = "mouseWheel", ["x"] = (double)act["x"]!, ["y"] = (double)act["y"]!, ["deltaX"] = 0, ["deltaY"] = (double)act["by"]! }, cancellationToken);
                break;
            case "type":
                await _page.CallAsync("Input.insertText", new() { ["text"] = (string)act["text"]! }, cancellationToken);
                break;
            case "key":
                foreach (var type in new[] { "keyDown", "keyUp" })
                {
                    await _page.CallAsync("Input.dispatchKeyEvent", new()
                    {
                        ["type"] = type, ["key"] = (string)act["key"]!, ["code"] = (string)act["key"]!, ["windowsVirtualKeyCode"] = (int)act["number"]!, ["text"] = type is "keyDown" && (string)act["key"]! is "Enter" ? "\r" : null,
                    }, cancellationToken);
                }

                break;
            case "open" when Uri.TryCreate((string?)act["address"], UriKind.Absolute, out var address):
                await OpenAsync(address, cancellationToken);
                break;
            case "back":
                await _page.CallAsync("Runtime.evaluate", new() { ["expression"] = "history.back()" }, cancellationToken);
                break;
        }
    }

    private void Hear(string method, JsonObject said)
    {
        if (method is "Page.frameNavigated" && said["frame"] is JsonObject frame && frame["parentId"] is null) Address = (string?)frame["url"];
        if (method is "Page.frameRequestedNavigation" && (string?)said["url"] is { } address
            && (address.StartsWith("latchkey:", StringComparison.OrdinalIgnoreCase) || address.StartsWith("FIDO:/", StringComparison.OrdinalIgnoreCase)))
        {
            LinkFollowed?.Invoke(address);
        }
    }

    /// <summary>What browsers on such phones say of themselves. Those on iOS give no client hints; all on Android name the model "K" by now.</summary>
    private Task<JsonObject> SayWhatItIsAsync(CancellationToken cancellationToken)
    {
        var number = _settings.Version.Number.ToString(CultureInfo.InvariantCulture);
        return _page.CallAsync("Emulation.setUserAgentOverride", _settings.Version.System is PhoneSystem.Ios
            ? new()
            {
                ["userAgent"] = $"Mozilla/5.0 (iPhone; CPU iPhone OS {number}_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{number}.0 Mobile/15E148 Safari/604.1",
                ["platform"] = "iPhone",
            }
            : new()
            {
                ["userAgent"] = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                ["platform"] = "Linux armv81",
                ["userAgentMetadata"] = new JsonObject
                {
                    ["brands"] = new JsonArray(new JsonObject { ["brand"] = "Chromium", ["version"] = "140" }),
                    ["fullVersionList"] = new JsonArray(new JsonObject { ["brand"] = "Chromium", ["version"] = "140.0.0.0" }),
                    ["platform"] = "Android", ["platformVersion"] = number + ".0.0", ["architecture"] = "", ["model"] = "K", ["mobile"] = true,
                },
            }, cancellationToken);
    }
}
