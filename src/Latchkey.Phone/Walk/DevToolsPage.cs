using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Phone.Computer;

namespace Latchkey.Phone.Walk;

/// <summary>
/// One page of a browser, led by the words on it. The browser's own dialogs are no part of a page: nothing here can reach them.
/// <see href="https://chromedevtools.github.io/devtools-protocol/"/>
/// </summary>
internal sealed class DevToolsPage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    // How a person finds things: by the words they see, or hear.
    private const string Eyes = """
        (() => {
          if (window.__eyes) return;
          const words = e => (e.getAttribute('aria-label') || e.innerText || e.value || '').replace(/\s+/g, ' ').trim();
          const visible = e => e.getClientRects().length > 0;
          window.__eyes = {
            press: text => { const e = [...document.querySelectorAll('button,a,summary,label,input[type=submit]')].find(e => visible(e) && !e.disabled && (words(e) === text || words(e).startsWith(text + ' ')));
              if (!e) return false; e.click(); return true; },
            fill: (text, value) => { const l = [...document.querySelectorAll('label')].find(l => visible(l) && words(l).startsWith(text)); const e = l && (l.control || l.querySelector('input'));
              if (!e) return false; e.focus(); e.value = value; for (const t of ['input', 'change']) e.dispatchEvent(new Event(t, { bubbles: true })); return true; },
            sees: text => document.body.innerText.replace(/\s+/g, ' ').includes(text),
          };
        })();
        """;

    private readonly ClientWebSocket _socket;
    private int _last;

    private DevToolsPage(ClientWebSocket socket) => _socket = socket;

    /// <summary>Set to be led inside the frame whose address begins so, instead of on the page itself.</summary>
    public string? Frame { get; set; }

    /// <summary>The page whose address begins so.</summary>
    public static async Task<DevToolsPage> OfAsync(Uri devTools, string addressBegins, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = devTools };
        var waited = TimeSpan.Zero;
        for (; ; waited += Pause)
        {
            using var targets = JsonDocument.Parse(await http.GetStringAsync(new Uri("json/list", UriKind.Relative), cancellationToken));
            foreach (var target in targets.RootElement.EnumerateArray())
            {
                if (target.GetProperty("url").GetString()?.StartsWith(addressBegins, StringComparison.Ordinal) != true) continue;
                var socket = new ClientWebSocket();
                await socket.ConnectAsync(new Uri(target.GetProperty("webSocketDebuggerUrl").GetString()!), cancellationToken);
                return new(socket);
            }

            if (waited > Patience) throw new RehearsalException($"The browser never showed {addressBegins}.");
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Goes to an address.</summary>
    public Task GoToAsync(Uri address, CancellationToken cancellationToken) => CallAsync("Page.navigate", new() { ["url"] = address.AbsoluteUri }, cancellationToken);

    /// <summary>Presses the button or link with these words, as soon as it is there.</summary>
    public Task PressAsync(string words, CancellationToken cancellationToken) => UntilAsync($"__eyes.press({Quote(words)})", $"a button \"{words}\"", cancellationToken);

    /// <summary>Types into the field with this label, as soon as it is there.</summary>
    public Task FillAsync(string label, string value, CancellationToken cancellationToken) =>
        UntilAsync($"__eyes.fill({Quote(label)}, {Quote(value)})", $"a field \"{label}\"", cancellationToken);

    /// <summary>Waits until the page shows these words.</summary>
    public Task SeeAsync(string words, CancellationToken cancellationToken) => UntilAsync($"__eyes.sees({Quote(words)})", $"the words \"{words}\"", cancellationToken);

    /// <summary>Waits until something is true on the page.</summary>
    /// <exception cref="RehearsalException">It never was; the message says what the page shows instead.</exception>
    public async Task UntilAsync(string condition, string what, CancellationToken cancellationToken)
    {
        var waited = TimeSpan.Zero;
        while (!await HoldsAsync(condition, cancellationToken))
        {
            if (waited > Patience)
            {
                var shown = await EvaluateAsync("location.href + '\\n' + document.body.innerText", cancellationToken);
                throw new RehearsalException($"The page never showed {what}. It shows:\n{shown}");
            }

            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
            waited += Pause;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open)
        {
            try
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
            catch (WebSocketException)
            {
                // the browser went first
            }
        }

        _socket.Dispose();
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    private async Task<bool> HoldsAsync(string condition, CancellationToken cancellationToken) =>
        await EvaluateAsync($"{Eyes} !!({condition})", cancellationToken) == "true";

    /// <summary>The value of an expression as text; empty when the page was just going.</summary>
    private async Task<string> EvaluateAsync(string expression, CancellationToken cancellationToken)
    {
        var parameters = new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["userGesture"] = true };
        if (Frame is { } address)
        {
            // A frame of another origin is a world of its own: it is found anew each time, because pages come and go.
            var tree = await CallAsync("Page.getFrameTree", [], cancellationToken);
            var frame = tree?["result"]?["frameTree"]?["childFrames"]?.AsArray().FirstOrDefault(child => ((string?)child?["frame"]?["url"])?.StartsWith(address, StringComparison.Ordinal) == true);
            if ((string?)frame?["frame"]?["id"] is not { } id) return "";
            var world = await CallAsync("Page.createIsolatedWorld", new() { ["frameId"] = id, ["worldName"] = "walk" }, cancellationToken);
            if ((int?)world?["result"]?["executionContextId"] is not { } context) return "";
            parameters["contextId"] = context;
        }

        var answer = await CallAsync("Runtime.evaluate", parameters, cancellationToken);
        return answer?["result"]?["result"]?["value"] is { } value ? value.ToString() : "";
    }

    private async Task<JsonNode?> CallAsync(string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        var id = ++_last;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        while (true)
        {
            using var answer = new MemoryStream();
            var buffer = new byte[16 * 1024];
            ValueWebSocketReceiveResult part;
            do
            {
                part = await _socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
                if (part.MessageType == WebSocketMessageType.Close) throw new RehearsalException("The browser was closed.");
                answer.Write(buffer, 0, part.Count);
            }
            while (!part.EndOfMessage);
            if (JsonNode.Parse(answer.GetBuffer().AsSpan(0, (int)answer.Length)) is { } node && (int?)node["id"] == id) return node;
        }
    }
}
