using System.Text.Json;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>Chromium with the extension in it and, where there is an Authenticator to reach, the native host's manifest in its profile.</summary>
internal sealed class ExtensionStage : IAsyncDisposable
{
    /// <summary>Fixed by the key in the extension's manifest.</summary>
    public const string ExtensionId = "njpkjgpeohnibeckmeomojlbcaeekcag";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private ExtensionStage(IBrowserContext context) => Context = context;

    public IBrowserContext Context { get; }

    private static readonly Lazy<string> Extension = new(() => FolderFor("chromium"));

    /// <summary>The folder a browser loads: the extension as it lies beside the Authenticator, with more patience for a slow machine than a page's visitor has.</summary>
    /// <param name="family">Which kind of browser: <c>chromium</c> or <c>firefox</c>.</param>
    public static string FolderFor(string family)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "extension", family);
        var source = Path.Combine(FolderOf("Latchkey.AuthenticatorApp"), "extension", family);
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }

        var connection = Path.Combine(folder, "native.js");
        var text = File.ReadAllText(connection);
        foreach (var (ours, theirs) in ((string, string)[])[("START = 10_000, ANSWER = 3_000", "START = 120_000, ANSWER = 120_000"), ("KEEP = 10_000", "KEEP = 120_000")])
        {
            Assert.Contains(ours, text, StringComparison.Ordinal);
            text = text.Replace(ours, theirs, StringComparison.Ordinal);
        }

        File.WriteAllText(connection, text);
        var worker = Path.Combine(folder, "worker.js");
        Assert.Contains("SHOWN = 10_000", File.ReadAllText(worker), StringComparison.Ordinal);
        File.WriteAllText(worker, File.ReadAllText(worker).Replace("SHOWN = 10_000", "SHOWN = 120_000", StringComparison.Ordinal));
        return folder;
    }

    // tests/Latchkey.Scenarios/bin/<configuration>/<framework>/
    private static string Root => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", ".."));

    /// <summary>Starts the browser.</summary>
    /// <param name="product">Who owns its profile.</param>
    /// <param name="authenticator">The data directory of the Authenticator to reach; null when no native host is installed.</param>
    public static async Task<ExtensionStage> StartAsync(Product product, string? authenticator)
    {
        var profile = Directory.CreateDirectory(product.NewDirectory("profile"));
        if (authenticator is not null) InstallNativeHost(product, profile, authenticator);
        var context = await product.Driver.Chromium.LaunchPersistentContextAsync(profile.FullName, new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            Timeout = Product.Patience,
            // Playwright's own headless mode knows no extensions; the browser's does.
            Headless = false,
            IgnoreDefaultArgs = ["--disable-extensions"],
            Args = ["--headless=new", .. Switches, .. Environment.UserName == "root" ? (string[])["--no-sandbox"] : []],
        });
        context.SetDefaultTimeout(Product.Patience);
        return new(context);
    }

    /// <summary>What puts the extension into a Chromium.</summary>
    public static IReadOnlyList<string> Switches => [$"--load-extension={Extension.Value}", $"--disable-extensions-except={Extension.Value}"];

    /// <summary>Writes the native host's manifest, and the launcher that says which Authenticator it is for.</summary>
    public static void InstallNativeHost(Product product, DirectoryInfo profile, string authenticator) =>
        InstallNativeHost(product, profile, authenticator, profile.CreateSubdirectory("NativeMessagingHosts"), "allowed_origins", $"chrome-extension://{ExtensionId}/");

    /// <summary>The same, where another browser looks and in its words.</summary>
    public static void InstallNativeHost(Product product, DirectoryInfo profile, string authenticator, DirectoryInfo manifests, string allowed, string extension)
    {
        var launcher = Path.Combine(profile.FullName, "native-host");
        File.WriteAllText(launcher, $"""
            #!/bin/sh
            exec dotnet '{Program("Latchkey.NativeHost")}' --data '{authenticator}' --start "$(command -v dotnet)" '{Program("Latchkey.AuthenticatorApp")}' --data '{authenticator}' --port 0 --server '{product.Portal}' --background --no-browser -- "$@"

            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(manifests.FullName, "org.latchkey.authenticator.json"), JsonSerializer.Serialize(new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["name"] = "org.latchkey.authenticator",
            ["description"] = "Latchkey Authenticator",
            ["path"] = launcher,
            ["type"] = "stdio",
            [allowed] = (string[])[extension],
        }));
    }

    /// <summary>A page of its own.</summary>
    public async Task<IPage> OpenAsync(string address)
    {
        var page = await Context.NewPageAsync();
        page.Console += (_, message) => TestContext.Current.TestOutputHelper?.WriteLine($"console: {message.Text}");
        page.PageError += (_, error) => TestContext.Current.TestOutputHelper?.WriteLine($"page error: {error}");
        await page.GotoAsync(address);
        return page;
    }

    /// <summary>Says yes to the extension's question, and waits for the Authenticator's own window, which the extension opens.</summary>
    public Task<IPage> GoOnAsync(IPage page) => Context.RunAndWaitForPageAsync(() => PressAsync(page, "Enter"));

    /// <summary>Has a page ask for a passkey, and saves it.</summary>
    /// <returns>Its credential ID.</returns>
    public async Task<string> SaveAsync(IPage page, string call = "create()")
    {
        var asked = page.EvaluateAsync<JsonElement>($"() => tell({call})");
        await SeeAsync(page, "button", "Save", focused: true);
        await AuthenticatorWindow.GiveGestureAsync(await GoOnAsync(page), "Save");
        return (await asked).GetProperty("id").GetString()!;
    }

    /// <summary>Waits until something closes a window.</summary>
    public static async Task CloseAsync(IPage window, Func<Task> act)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        window.Close += (_, _) => closed.TrySetResult();
        await act();
        await closed.Task.WaitAsync(Running.Patience, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// What stands over a page is in a frame of the extension's own, and is found there by its role and name. A button is seen once a press on it
    /// counts, which is when a person has had it before them for a moment.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="role">Such as <c>button</c>; for anything else, any text.</param>
    /// <param name="name">What it is called, or a part of it.</param>
    /// <param name="focused">Whether it must have the focus.</param>
    /// <param name="enabled">Whether a press must count, or must not.</param>
    public static async Task SeeAsync(IPage page, string role, string name, bool focused = false, bool enabled = true)
    {
        var seen = "";
        for (var waited = TimeSpan.Zero; waited < Running.Patience; waited += Pause)
        {
            foreach (var frame in FramesOf(page))
            {
                var found = role switch
                {
                    "button" => frame.GetByRole(AriaRole.Button, new() { Name = name }),
                    "heading" => frame.GetByRole(AriaRole.Heading, new() { Name = name }),
                    "dialog" => frame.GetByRole(AriaRole.Dialog, new() { Name = name }),
                    _ => frame.GetByText(name),
                };
                try
                {
                    // one question, which waits for nothing: a frame that goes meanwhile may never answer
                    seen = await found.EvaluateAllAsync<string>(
                        "(all, [focused, enabled]) => all.some(one => (!focused || one === document.activeElement && document.hasFocus()) && (one.ariaDisabled !== 'true') === enabled) ? 'yes' : document.body?.innerText ?? ''",
                        new[] { focused, enabled }).WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
                    if (seen == "yes") return;
                }
                catch (Exception e) when (e is PlaywrightException or TimeoutException)
                {
                    // Just gone, or not there yet.
                }
            }

            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"No {role} \"{name}\" in:\n{seen}");
    }

    /// <summary>Whether something of the extension's stands over a page right now.</summary>
    public static bool Asks(IPage page) => FramesOf(page).Count > 0;

    /// <summary>
    /// Presses a key where the page, or what stands over it, has put the person. A frame that goes by a key may never tell the browser that it took
    /// it: the press is not waited for longer than a moment, since what it does is looked for anyway.
    /// </summary>
    public static async Task PressAsync(IPage page, string key)
    {
        var pressed = page.Keyboard.PressAsync(key);
        if (await Task.WhenAny(pressed, Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, TestContext.Current.CancellationToken)) == pressed) await pressed;
    }

    /// <summary>Waits until nothing of the extension's stands over a page: a page hears its answer a moment before the frame is gone.</summary>
    public static Task GoneAsync(IPage page) => Eventually.TrueAsync("nothing of the extension's stands over the page", () => Task.FromResult(!Asks(page)));

    /// <summary>The extension's frames over a page, as they are now.</summary>
    public static IReadOnlyList<IFrame> FramesOf(IPage page)
    {
        while (true)
        {
            try
            {
                return [.. page.Frames.Where(frame => frame?.Url?.StartsWith("chrome-extension://", StringComparison.Ordinal) is true)];
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or NullReferenceException)
            {
                // The driver changed its list while it was read.
            }
        }
    }

    /// <summary>Keeps a picture where <c>LATCHKEY_PICTURES</c> says, if it does.</summary>
    public static async Task PictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("LATCHKEY_PICTURES") is { Length: > 0 } folder) await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
    }

    public async ValueTask DisposeAsync() => await Context.CloseAsync();

    /// <summary>Where a program of this checkout was built to.</summary>
    public static string FolderOf(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine(Root, "src", project, "bin", output.Parent!.Name, output.Name);
    }

    private static string Program(string project) => Path.Combine(FolderOf(project), project + ".dll");
}
