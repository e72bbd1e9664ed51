using System.Text.Json;
using System.Text.Json.Nodes;

namespace Latchkey.Scenarios;

/// <summary>A page in Firefox: what a person does there, with hands the browser trusts, by the words they see.</summary>
/// <param name="browser">The browser.</param>
/// <param name="context">Its name of the page.</param>
internal sealed class FirefoxPage(FirefoxBrowser browser, string context)
{
    public const string Enter = "\uE007", Escape = "\uE00C", Tab = "\uE004", ArrowDown = "\uE015";

    public string Context => context;

    public Task GoToAsync(string address) => browser.CallAsync("browsingContext.navigate", new() { ["context"] = context, ["url"] = address, ["wait"] = "complete" });

    public Task ReloadAsync() => browser.CallAsync("browsingContext.reload", new() { ["context"] = context, ["wait"] = "complete" });

    /// <summary>What an expression comes to, through JSON; undefined is null.</summary>
    public async Task<JsonNode?> EvaluateAsync(string expression)
    {
        var answer = await browser.CallAsync("script.evaluate", new()
        {
            ["expression"] = $"Promise.resolve({expression}).then(value => JSON.stringify(value ?? null))",
            ["target"] = new JsonObject { ["context"] = context },
            ["awaitPromise"] = true,
        });
        return (string?)answer["type"] == "success" ? JsonNode.Parse((string)answer["result"]!["value"]!) : throw new FirefoxException((string)answer["exceptionDetails"]!["text"]!);
    }

    /// <summary>Waits until the page shows these words.</summary>
    public Task SeeAsync(string words) => UntilAsync($"document.body?.innerText.includes({Quote(words)})", $"it shows \"{words}\"");

    /// <summary>Waits until something is true on the page.</summary>
    public async Task UntilAsync(string condition, string what)
    {
        await Eventually.TrueAsync(what, async () =>
        {
            try
            {
                return await EvaluateAsync($"!!({condition})") is { } holds && (bool)holds;
            }
            catch (FirefoxException) when (TestContext.Current.CancellationToken is { IsCancellationRequested: false })
            {
                // The page is just going, or not there yet.
                return false;
            }
        });
    }

    /// <summary>Types into the field with this label.</summary>
    public async Task FillAsync(string label, string text)
    {
        var field = $"[...document.querySelectorAll('label')].find(label => label.innerText.trim().startsWith({Quote(label)}))?.control";
        await UntilAsync($"{field}?.getClientRects().length", $"there is a field \"{label}\"");
        await EvaluateAsync($"{field}.focus()");
        await TypeAsync(text);
    }

    /// <summary>Presses the button or link with these words.</summary>
    public async Task PressAsync(string words)
    {
        var button = $"[...document.querySelectorAll('button, a')].find(one => one.innerText.trim() === {Quote(words)} && one.getClientRects().length && !one.disabled && !one.closest('[inert]'))";
        await UntilAsync(button, $"there is a button \"{words}\"");
        await EvaluateAsync($"{button}.focus()");
        await TypeAsync(Enter);
    }

    /// <summary>What stands over the page in a frame of the extension's own, once it is there.</summary>
    public async Task<FirefoxPage> SheetAsync()
    {
        string? found = null;
        await Eventually.TrueAsync("the extension's frame is there", async () => (found = await FindSheetAsync()) is not null);
        return new(browser, found!);
    }

    /// <summary>The name of the extension's frame over the page; null when there is none.</summary>
    public async Task<string?> FindSheetAsync()
    {
        var tree = await browser.CallAsync("browsingContext.getTree", new() { ["root"] = context });
        return (string?)Below(tree["contexts"]!.AsArray()).FirstOrDefault(frame => ((string)frame["url"]!).StartsWith("moz-extension://", StringComparison.Ordinal))?["context"];

        static IEnumerable<JsonNode> Below(JsonArray frames) => frames.SelectMany(frame => Below(frame!["children"]?.AsArray() ?? []).Prepend(frame));
    }

    /// <summary>Types keys, where the page has put the person. A frame that goes when a key is pressed does not see it released.</summary>
    public async Task TypeAsync(string keys)
    {
        try
        {
            await browser.CallAsync("input.performActions", new()
            {
                ["context"] = context,
                ["actions"] = new JsonArray(new JsonObject
                {
                    ["type"] = "key",
                    ["id"] = "keyboard",
                    ["actions"] = new JsonArray([.. keys.SelectMany(key => (string[])["keyDown", "keyUp"], (key, type) => new JsonObject { ["type"] = type, ["value"] = key.ToString() })]),
                }),
            });
        }
        catch (FirefoxException e) when (e.Message.Contains("no such frame", StringComparison.Ordinal) && keys.Length == 1)
        {
            // It has had its effect.
        }
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
