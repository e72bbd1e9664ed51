using System.Diagnostics;
using System.Globalization;
using Latchkey.Phone.Computer;
using Microsoft.Playwright;

namespace Latchkey.Scenarios;

/// <summary>
/// Two machines on one air: a computer with an unmodified Chromium in a window, and whatever Authenticator a scenario starts on the phone's side.
/// The certificate authority is trusted by an NSS database; no switch makes the browser less strict.
/// </summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string Pin = "passe-partout";

    /// <summary>After so long a key was not taken.</summary>
    private static readonly TimeSpan Effect = TimeSpan.FromSeconds(20);

    private readonly Stack<IAsyncDisposable> _onStage = new();

    private Stage()
    {
    }

    public Display Display { get; private set; } = null!;

    public MeetingPoint MeetingPoint { get; private set; } = null!;

    public Air Air { get; } = new();

    public BlueZStandIn ComputerBluetooth { get; private set; } = null!;

    public string ComputerBus { get; private set; } = "";

    public string PhoneBus { get; private set; } = "";

    public BlueZStandIn PhoneBluetooth { get; private set; } = null!;

    public VirtualComputer Computer { get; private set; } = null!;

    /// <summary>The computer's page.</summary>
    public IPage Page { get; private set; } = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Sets everything up, with the portal in the computer's browser.</summary>
    /// <param name="product">Whose portal.</param>
    /// <param name="switches">Of the browser, besides ours.</param>
    public static async Task<Stage> SetAsync(Product product, params IEnumerable<string> switches)
    {
        var stage = await SetWithoutBrowserAsync(product);
        try
        {
            stage.Display = stage.Add(await Display.StartAsync(Stop));
            stage.Computer = stage.Add(await VirtualComputer.StartAsync(
                Requirements.Check(screenless: true), stage.MeetingPoint, stage.ComputerBus, stage.Display, new Uri(product.Portal, "security-info"), switches, Stop));
            stage.Page = await product.ConnectAsync(stage.Computer.Browser.DevTools);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>The two machines and the meeting point alone.</summary>
    public static async Task<Stage> SetWithoutBrowserAsync(Product product)
    {
        var stage = new Stage();
        try
        {
            var folder = Directory.CreateDirectory(product.NewDirectory("meeting-point"));
            stage.MeetingPoint = stage.Add(await MeetingPoint.StartAsync(folder, Stop));
            (stage.ComputerBus, stage.ComputerBluetooth) = await stage.AddMachineAsync();
            (stage.PhoneBus, stage.PhoneBluetooth) = await stage.AddMachineAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the QR code on the computer's screen says, read from pictures of it by a reader that is not ours.</summary>
    /// <param name="notThis">The last one: a new one is waited for.</param>
    /// <exception cref="TimeoutException">There is none.</exception>
    public async Task<string> ReadCodeAsync(string? notThis = null)
    {
        string? code = null;
        await UntilAsync("a code", Running.Patience, async screen => (code = await ReadCodeAsync(screen)) is not null && code != notThis);
        return code!;
    }

    /// <summary>The same where other dialogs of the browser's stand before it: Return on each of them leads there.</summary>
    public async Task<string> ReadCodeBehindDialogsAsync()
    {
        for (var dialogs = 0; dialogs < 8; dialogs++)
        {
            if (await ReadCodeAsync(await DialogAsync()) is { } code) return code;
            await PressInDialogAsync("Return");
        }

        throw new TimeoutException("Behind all these dialogs there is no code.");
    }

    /// <summary>
    /// Presses a key in the browser's own dialog, once that stands still, and sees that something comes of it. In its first half second a dialog takes no key,
    /// so that nobody chooses by accident; and a key that comes before it is the page's.
    /// </summary>
    public async Task PressInDialogAsync(string key)
    {
        for (var presses = 0; presses < 8; presses++)
        {
            var before = await DialogAsync();
            await PressAsync(key);
            if (await IsSeenAsync(Effect, screen => Task.FromResult(Differ(before, screen)))) return;
        }

        throw new TimeoutException($"The dialog does not take {key}.");
    }

    /// <summary>Opens what the browser offers under a field: the passkey from another device.</summary>
    public async Task OpenOfferUnderAsync(ILocator field)
    {
        for (var attempts = 0; attempts < 8; attempts++)
        {
            // Offered once the browser has looked for passkeys of its own.
            await field.ClickAsync();
            await RestAsync();
            await PressAsync("Down");
            await RestAsync();
            await PressAsync("Return");
            if (await IsSeenAsync(Effect, ShowsDialogAsync)) return;
        }

        throw new TimeoutException("The browser offers nothing under the field.");
    }

    /// <summary>The headless Authenticator on the phone's side answers a code.</summary>
    public Running Answer(string code, string vault, params IEnumerable<string> options) => AnswerWith(Pin, code, vault, ["--yes", .. options]);

    /// <summary>The same, with all of standard input.</summary>
    public Running AnswerWith(string input, string code, string vault, params IEnumerable<string> options) => Product.CliWith(
        Phone, input, ["authenticator", "answer", code, "--vault", vault, "--tunnel-domain", Number, .. Reach, .. options]);

    /// <summary>The Authenticator itself on the phone's side, in a window beside the computer's, with its PIN set; its browser shares the screen without asking which.</summary>
    public async Task<IPage> OpenAuthenticatorAsync(Product product)
    {
        var program = Add(Running.Start(
            "Latchkey.AuthenticatorApp",
            null,
            Phone,
            ["--data", product.NewDirectory("authenticator"), "--port", "0", "--server", product.Portal.ToString(), "--no-browser", "--tunnel-domain", Number, .. Reach]));
        var browser = Add(await Browser.StartAsync(
            Requirements.Check(screenless: true).Browser,
            Directory.CreateDirectory(product.NewDirectory("authenticator-window")),
            new Uri(await program.LineAsync("Listening on ")),
            new WindowPlace(Display.ComputerWidth, 0, Display.Width - Display.ComputerWidth, Display.Height),
            Display.Name,
            "disabled:",
            ["--auto-select-desktop-capture-source=Entire screen"],
            Stop));
        var page = await product.ConnectAsync(browser.DevTools);
        await AuthenticatorWindow.SetPinAsync(page);
        return page;
    }

    /// <summary>The command line on the computer's side.</summary>
    public Running OnComputer(params IEnumerable<string> arguments) =>
        Product.CliWith(new(StringComparer.Ordinal) { ["DBUS_SYSTEM_BUS_ADDRESS"] = ComputerBus }, null, [.. arguments, .. Reach]);

    /// <summary>A dialog of the browser's own dims the page under it: its left edge, which is light in all of ours, and which nothing else covers.</summary>
    private static Task<bool> ShowsDialogAsync(Picture screen) => Task.FromResult(screen.Rgba[(((screen.Height / 2 * screen.Width) + 8) * 4) + 1] < 0x90);

    /// <summary>Whether more has changed on the computer's screen than a caret or what turns while somebody waits.</summary>
    private static bool Differ(Picture one, Picture other)
    {
        const int Much = 3000;
        var pixels = 0;
        for (var y = 0; y < one.Height; y++)
        {
            var a = one.Rgba.AsSpan(y * one.Width * 4, Display.ComputerWidth * 4);
            var b = other.Rgba.AsSpan(y * one.Width * 4, Display.ComputerWidth * 4);
            if (a.SequenceEqual(b)) continue;
            for (var x = 0; x < a.Length; x += 4)
            {
                if (!a.Slice(x, 3).SequenceEqual(b.Slice(x, 3))) pixels++;
            }
        }

        return pixels > Much;
    }

    private static async Task<string?> ReadCodeAsync(Picture screen)
    {
        var file = Path.Combine(Path.GetTempPath(), $"latchkey-{Guid.NewGuid():N}.png");
        try
        {
            await File.WriteAllBytesAsync(file, Png.Encode(screen), Stop);
            using var reader = Process.Start(new ProcessStartInfo("zbarimg", ["--raw", "-q", file]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            var text = (await reader.StandardOutput.ReadToEndAsync(Stop)).Trim();
            await reader.WaitForExitAsync(Stop);
            return text.StartsWith("FIDO:/", StringComparison.Ordinal) ? text : null;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>A dialog of the browser's, standing still. One that is just going is none.</summary>
    private async Task<Picture> DialogAsync()
    {
        while (true)
        {
            await UntilAsync("a dialog of the browser's", Running.Patience, ShowsDialogAsync);
            var still = await RestAsync();
            if (await ShowsDialogAsync(still)) return still;
        }
    }

    /// <summary>The screen, once it has stood still for a second, or is one that never does.</summary>
    private async Task<Picture> RestAsync()
    {
        var (since, still) = (TimeProvider.System.GetTimestamp(), await Display.LookAsync(Stop));
        await IsSeenAsync(TimeSpan.FromSeconds(10), screen =>
        {
            if (Differ(still, screen)) (since, still) = (TimeProvider.System.GetTimestamp(), screen);
            return Task.FromResult(TimeProvider.System.GetElapsedTime(since) > TimeSpan.FromSeconds(1));
        });
        return still;
    }

    private async Task UntilAsync(string what, TimeSpan patience, Func<Picture, Task<bool>> isSo)
    {
        if (await IsSeenAsync(patience, isSo)) return;
        await PictureAsync($"not {what}");
        throw new TimeoutException($"The screen does not show {what}. The page shows:\n{await Page.Locator("body").InnerTextAsync()}");
    }

    private async Task<bool> IsSeenAsync(TimeSpan patience, Func<Picture, Task<bool>> isSo)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await isSo(await Display.LookAsync(Stop)))
        {
            if (TimeProvider.System.GetElapsedTime(since) > patience) return false;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }

        return true;
    }

    /// <summary>Presses a key in the computer's browser, its own dialogs included.</summary>
    private async Task PressAsync(string key)
    {
        var start = new ProcessStartInfo("xdotool", ["key", key]);
        start.Environment["DISPLAY"] = Display.Name;
        using var typing = Process.Start(start)!;
        await typing.WaitForExitAsync(Stop);
    }

    /// <summary>Keeps a picture of the screen where <c>LATCHKEY_PICTURES</c> says, if it does.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("LATCHKEY_PICTURES") is not { Length: > 0 } folder) return;
        Directory.CreateDirectory(folder);
        await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), Png.Encode(await Display.LookAsync(Stop)), Stop);
    }

    public async ValueTask DisposeAsync()
    {
        List<Exception> problems = [];
        while (_onStage.TryPop(out var one))
        {
            try
            {
                await one.DisposeAsync();
            }
            catch (Exception e)
            {
                // The others go all the same.
                problems.Add(e);
            }
        }

        if (problems.Count > 0) throw new AggregateException(problems);
    }

    private Dictionary<string, string> Phone => new(StringComparer.Ordinal) { ["DBUS_SYSTEM_BUS_ADDRESS"] = PhoneBus };

    private static string Number => MeetingPoint.Domain.Id.ToString(CultureInfo.InvariantCulture);

    private IEnumerable<string> Reach => ["--tunnel-url", MeetingPoint.Address, "--ca", MeetingPoint.Authority.AuthorityFile];

    private async Task<(string, BlueZStandIn)> AddMachineAsync()
    {
        var bus = Add(await PrivateBus.StartAsync(Stop));
        return (bus.Address, Add(await BlueZStandIn.StartAsync(bus, Air)));
    }

    private T Add<T>(T one)
        where T : IAsyncDisposable
    {
        _onStage.Push(one);
        return one;
    }
}
