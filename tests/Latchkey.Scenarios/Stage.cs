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
    /// <param name="patience">How long it is waited for; a minute when absent.</param>
    /// <exception cref="TimeoutException">There is none.</exception>
    public async Task<string> ReadCodeAsync(string? notThis = null, TimeSpan? patience = null)
    {
        var file = Path.Combine(Path.GetTempPath(), $"latchkey-{Guid.NewGuid():N}.png");
        using var tooLong = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        tooLong.CancelAfter(patience ?? TimeSpan.FromSeconds(60));
        try
        {
            while (true)
            {
                await File.WriteAllBytesAsync(file, Png.Encode(await Display.LookAsync(tooLong.Token)), tooLong.Token);
                using var reader = Process.Start(new ProcessStartInfo("zbarimg", ["--raw", "-q", file]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
                var text = (await reader.StandardOutput.ReadToEndAsync(tooLong.Token)).Trim();
                await reader.WaitForExitAsync(tooLong.Token);
                if (text.StartsWith("FIDO:/", StringComparison.Ordinal) && text != notThis) return text;
            }
        }
        catch (OperationCanceledException e) when (!Stop.IsCancellationRequested)
        {
            await PictureAsync("no code");
            throw new TimeoutException($"The screen shows no code. The page shows:\n{await Page.Locator("body").InnerTextAsync()}", e);
        }
        finally
        {
            File.Delete(file);
        }
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

    /// <summary>Presses a key in the computer's browser, its own dialogs included.</summary>
    public async Task PressAsync(string key)
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
