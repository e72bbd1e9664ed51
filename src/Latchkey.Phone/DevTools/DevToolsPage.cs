using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Phone.Computer;

namespace Latchkey.Phone.DevTools;

/// <summary>
/// One page of a browser, led by the words on it. The browser's own dialogs are no part of a page: nothing here can reach them.
/// <see href="https://chromedevtools.github.io/devtools-protocol/"/>
/// </summary>
internal sealed class DevToolsPage : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    // How a person finds things: by the words they see, or hear. What was pressed last stays on the screen for a while, with its page, until what comes of
    // it is there: its words are no news, and the beginning of its words does not find it again ("Delete" is not "Delete On this phone" once more).
    private const string Eyes = """
        (() => {
          if (window.__eyes) return;
          const plain = text => text.replace(/\s+/g, ' ').trim();
          const words = e => plain(e.getAttribute('aria-label') || e.innerText || e.value || '');
          const visible = e => e.getClientRects().length > 0;
          let pressed = null, before = '';
          window.__eyes = {
            press: text => { const all = [...document.querySelectorAll('button,a,summary,label,input[type=submit]')].filter(e => visible(e) && !e.disabled);
              const e = all.find(e => words(e) === text) ?? all.find(e => words(e).startsWith(text + ' ') && e !== pressed);
              if (!e) return false; pressed = e; before = plain(document.body.innerText); e.click(); return true; },
            fill: (text, value) => { const l = [...document.querySelectorAll('label')].find(l => visible(l) && words(l).startsWith(text)); const e = l && (l.control || l.querySelector('input'));
              if (!e) return false; e.focus(); e.value = value; for (const t of ['input', 'change']) e.dispatchEvent(new Event(t, { bubbles: true })); return true; },
            shows: text => plain(document.body.innerText).includes(text),
            sees: text => window.__eyes.shows(text) && !before.includes(text),
          };
        })();
        """;

    private readonly DevToolsConnection _connection;

    private DevToolsPage(DevToolsConnection connection) => _connection = connection;

    /// <summary>Set to be led inside the frame whose address has this in it, instead of on the page itself.</summary>
    public string? Frame { get; set; }

    /// <summary>The page whose address begins so.</summary>
    public static async Task<DevToolsPage> OfAsync(Uri devTools, string addressBegins, CancellationToken cancellationToken) =>
        new(await DevToolsConnection.OfAsync(devTools, addressBegins, cancellationToken));

    /// <summary>Goes to an address.</summary>
    public Task GoToAsync(Uri address, CancellationToken cancellationToken) => _connection.CallAsync("Page.navigate", new() { ["url"] = address.AbsoluteUri }, cancellationToken);

    /// <summary>Presses the button or link with these words, as soon as it is there.</summary>
    public Task PressAsync(string words, CancellationToken cancellationToken) => UntilAsync($"__eyes.press({Quote(words)})", $"a button \"{words}\"", cancellationToken);

    /// <summary>Types into the field with this label, as soon as it is there.</summary>
    public Task FillAsync(string label, string value, CancellationToken cancellationToken) =>
        UntilAsync($"__eyes.fill({Quote(label)}, {Quote(value)})", $"a field \"{label}\"", cancellationToken);

    /// <summary>Waits until the page shows these words. On the page where something was pressed they must not have stood already.</summary>
    public Task SeeAsync(string words, CancellationToken cancellationToken) => UntilAsync($"__eyes.sees({Quote(words)})", $"the words \"{words}\"", cancellationToken);

    /// <summary>The same where they may have stood already.</summary>
    public Task FindAsync(string words, CancellationToken cancellationToken) => UntilAsync($"__eyes.shows({Quote(words)})", $"the words \"{words}\"", cancellationToken);

    /// <summary>Waits until something is true on the page.</summary>
    /// <exception cref="RehearsalException">It never was; the message says what the page shows instead.</exception>
    public async Task UntilAsync(string condition, string what, CancellationToken cancellationToken)
    {
        // Pauses are counted, so that a busy machine has as many looks as a quick one; and all of it ends, whatever a browser does not answer.
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(2 * ChildProgram.Patience);
        try
        {
            for (var waited = TimeSpan.Zero; !await HoldsAsync(condition, limit.Token); waited += Pause)
            {
                if (waited > ChildProgram.Patience) throw new RehearsalException($"The page never showed {what}. It shows:\n{await ShownAsync(cancellationToken)}");
                if (waited.TotalSeconds >= 30 && waited.TotalSeconds % 30 < Pause.TotalSeconds) Console.WriteLine($"       still waiting for {what} …");
                await Task.Delay(Pause, TimeProvider.System, limit.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RehearsalException($"The browser stopped answering while {what} was waited for. It shows:\n{await ShownAsync(cancellationToken)}");
        }
    }

    /// <summary>What the page shows, if it still says so.</summary>
    private async Task<string> ShownAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            return await EvaluateAsync("location.href + '\\n' + document.body.innerText", limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "nothing: it does not answer";
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

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
            var tree = await _connection.CallAsync("Page.getFrameTree", [], cancellationToken);
            var frame = tree["frameTree"]?["childFrames"]?.AsArray().FirstOrDefault(child => ((string?)child?["frame"]?["url"])?.Contains(address, StringComparison.Ordinal) == true);
            if ((string?)frame?["frame"]?["id"] is not { } id) return "";
            var world = await _connection.CallAsync("Page.createIsolatedWorld", new() { ["frameId"] = id, ["worldName"] = "walk" }, cancellationToken);
            if ((int?)world["executionContextId"] is not { } context) return "";
            parameters["contextId"] = context;
        }

        var answer = await _connection.CallAsync("Runtime.evaluate", parameters, cancellationToken);
        return answer["result"]?["value"] is { } value ? value.ToString() : "";
    }
}
