using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Phone.Computer;

namespace Latchkey.Scenarios;

/// <summary>
/// The installed Firefox in a home and profile of its own, led by WebDriver BiDi, which it speaks itself.
/// <see href="https://www.w3.org/TR/webdriver-bidi/"/>
/// </summary>
internal sealed class FirefoxBrowser : IAsyncDisposable
{
    private readonly ChildProgram _program;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonObject>> _calls = [];
    private readonly SemaphoreSlim _oneSender = new(1);
    private Task _listening = Task.CompletedTask;
    private int _last;

    private FirefoxBrowser(ChildProgram program) => _program = program;

    /// <summary>Starts it.</summary>
    /// <param name="home">Its home: holds the profile, and the manifests of native hosts.</param>
    public static async Task<FirefoxBrowser> StartAsync(DirectoryInfo home)
    {
        var profile = home.CreateSubdirectory("profile");
        // Nothing here needs the world.
        await File.WriteAllTextAsync(Path.Combine(profile.FullName, "user.js"), """
            user_pref("app.normandy.enabled", false);
            user_pref("app.update.enabled", false);
            user_pref("browser.shell.checkDefaultBrowser", false);
            user_pref("datareporting.policy.dataSubmissionEnabled", false);
            user_pref("extensions.update.enabled", false);
            user_pref("network.captive-portal-service.enabled", false);
            user_pref("network.connectivity-service.enabled", false);
            user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");
            user_pref("toolkit.telemetry.enabled", false);
            """);
        var program = ChildProgram.Start(
            Environment.GetEnvironmentVariable("FIREFOX") ?? "firefox-esr",
            ["--headless", "--no-remote", "--profile", profile.FullName, "--remote-debugging-port", "0"],
            ("HOME", home.FullName), ("XDG_CONFIG_HOME", ""), ("DBUS_SESSION_BUS_ADDRESS", "disabled:"));
        var browser = new FirefoxBrowser(program);
        try
        {
            var address = await program.LineAsync("WebDriver BiDi listening on ", TestContext.Current.CancellationToken);
            await browser._socket.ConnectAsync(new Uri(address + "/session"), TestContext.Current.CancellationToken);
            browser._listening = browser.ListenAsync();
            await browser.CallAsync("session.new", new() { ["capabilities"] = new JsonObject() });
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Loads an extension until the browser ends, as about:debugging does.</summary>
    public Task InstallAsync(string folder) => CallAsync("webExtension.install", new() { ["extensionData"] = new JsonObject { ["type"] = "path", ["path"] = folder } });

    /// <summary>A new page.</summary>
    /// <param name="address">What it shows.</param>
    /// <param name="apart">Whether it shares nothing with the others: no cookies, no storage.</param>
    public async Task<FirefoxPage> OpenAsync(string address, bool apart = false)
    {
        var parameters = new JsonObject { ["type"] = "tab" };
        if (apart) parameters["userContext"] = (string)(await CallAsync("browser.createUserContext", []))["userContext"]!;
        var page = new FirefoxPage(this, (string)(await CallAsync("browsingContext.create", parameters))["context"]!);
        await page.GoToAsync(address);
        return page;
    }

    /// <summary>Waits for a page that something opens.</summary>
    public async Task<FirefoxPage> PageOpenedByAsync(Func<Task> act)
    {
        var before = await PagesAsync();
        await act();
        string? opened = null;
        await Eventually.TrueAsync("a page opened", async () => (opened = (await PagesAsync()).Except(before).FirstOrDefault()) is not null);
        return new(this, opened!);
    }

    /// <summary>Whether a page is still there.</summary>
    public async Task<bool> ShowsAsync(FirefoxPage page) => (await PagesAsync()).Contains(page.Context);

    /// <summary>Calls a method.</summary>
    /// <exception cref="FirefoxException">It answered with an error.</exception>
    public async Task<JsonObject> CallAsync(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _calls[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        await _oneSender.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        }
        finally
        {
            _oneSender.Release();
        }

        var said = await answer.Task.WaitAsync(Running.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
        return (string?)said["type"] == "success" ? said["result"]!.AsObject() : throw new FirefoxException($"{method}: {(string?)said["error"]}: {(string?)said["message"]}");
    }

    public async ValueTask DisposeAsync()
    {
        await _program.DisposeAsync();
        await _listening;
        _socket.Dispose();
        _oneSender.Dispose();
    }

    private async Task<HashSet<string>> PagesAsync() =>
        [.. (await CallAsync("browsingContext.getTree", new() { ["maxDepth"] = 0 }))["contexts"]!.AsArray().Select(page => (string)page!["context"]!)];

    private async Task ListenAsync()
    {
        var buffer = new byte[64 * 1024];
        var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                if (part.MessageType is WebSocketMessageType.Close) break;
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                var said = JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length))!.AsObject();
                message.SetLength(0);
                if ((int?)said["id"] is { } id && _calls.TryRemove(id, out var call)) call.SetResult(said);
            }
        }
        catch (WebSocketException)
        {
            // It ended.
        }

        foreach (var call in _calls.Values) call.TrySetException(new FirefoxException("Firefox went."));
    }
}

/// <summary>Firefox could not do what it was asked.</summary>
internal sealed class FirefoxException(string message) : Exception(message);
