using System.Globalization;
using Latchkey.Phone.Computer;
using Latchkey.Phone.DevTools;
using Latchkey.Phone.Settings;

namespace Latchkey.Phone.Walk;

/// <summary>
/// The person who walks: two hands and two eyes on the computer, on the phone, and on the pages in the phone's browser. Does what a person
/// does, by the words that are there to be read.
/// </summary>
internal sealed class Walker(PhoneOptions options, Rehearsal rehearsal, DevToolsPage computer, DevToolsPage phone) : IAsyncDisposable
{
    public const string Pin = "passe-partout";

    // What every Authenticator's host ends with.
    private const string AuthenticatorFrame = ".latchkey.localhost:";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, string> _lastCodes = new(StringComparer.Ordinal);
    private DevToolsPage? _browser;

    /// <summary>The page on the computer.</summary>
    public DevToolsPage Computer => computer;

    /// <summary>What the phone itself shows: home, settings, camera, sheet.</summary>
    public DevToolsPage Phone
    {
        get
        {
            phone.Frame = null;
            return phone;
        }
    }

    /// <summary>The Authenticator on the phone.</summary>
    public DevToolsPage Authenticator
    {
        get
        {
            phone.Frame = AuthenticatorFrame;
            return phone;
        }
    }

    /// <summary>The portal.</summary>
    public Uri Portal => options.Server;

    public PhoneVersion Version => rehearsal.Phone.Settings.Version;

    /// <summary>The page in the phone's browser.</summary>
    public async Task<DevToolsPage> BrowserAsync(CancellationToken stop) =>
        _browser ??= await DevToolsPage.OfAsync((await rehearsal.Phone.Personal.BrowserAsync()).DevTools, "", stop);

    /// <summary>Goes to an app of the phone by its home screen.</summary>
    public async Task OpenAppAsync(string app, CancellationToken stop)
    {
        await Phone.PressAsync("Home screen", stop);
        await Phone.UntilAsync("!document.getElementById('home').hidden", "its home screen", stop);
        await Phone.PressAsync(app, stop);
        await Phone.UntilAsync("document.getElementById('home').hidden", app, stop);
    }

    /// <summary>Points the phone's camera at the computer's screen until it has read a passkey's code.</summary>
    public async Task LookAsync(CancellationToken stop)
    {
        await OpenAppAsync("Camera", stop);
        await Phone.SeeAsync("A computer asks for a passkey", stop);
    }

    /// <summary>Waits until the phone asks where a passkey is to be saved.</summary>
    public Task SeeSheetAsync(CancellationToken stop) => Phone.UntilAsync("document.getElementById('sheet').open", "the phone's sheet", stop);

    /// <summary>Signs in to the portal with password and code, on whichever page asks.</summary>
    public async Task SignInAsync(DevToolsPage page, string person, CancellationToken stop)
    {
        await page.FillAsync("Name", person, stop);
        await page.PressAsync("Next", stop);
        await page.FillAsync("Password", await DemoAsync(person, "password", stop), stop);
        await page.PressAsync("Sign in", stop);
        // Who has an Authenticator is asked there first: the walk shows codes, and goes another way.
        await page.UntilAsync("(__eyes.sees('Approve in your Authenticator') && __eyes.press('Use another way'), document.getElementById('code'))", "a field for the code", stop);
        await page.FillAsync("Code", await CodeAsync(person, stop), stop);
        await page.PressAsync("Verify", stop);
    }

    /// <summary>What the demo organisation says of a person.</summary>
    public async Task<string> DemoAsync(string person, string what, CancellationToken stop)
    {
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(options.DataDirectory, "demo.txt"), stop))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var who, var key, var value] && who == person && key == what) return value;
        }

        throw new RehearsalException($"demo.txt knows no {what} of {person}.");
    }

    /// <summary>A step that presses something and sees something.</summary>
    public static WalkStep Follow(string title, Func<CancellationToken, Task<DevToolsPage>> page, string press, string see) => new(title, async stop =>
    {
        var on = await page(stop);
        await on.PressAsync(press, stop);
        await on.SeeAsync(see, stop);
    });

    /// <summary>A picture of the screen, after what pages say has reached their windows.</summary>
    public async Task TakePictureAsync(string title, CancellationToken stop)
    {
        if (rehearsal.Display is not { } display) return;
        await Task.Delay(Pause, TimeProvider.System, stop);
        var name = string.Create(CultureInfo.InvariantCulture, $"{Directory.GetFiles(options.Pictures).Length + 1:00} {title}.png");
        await File.WriteAllBytesAsync(Path.Combine(options.Pictures, name), Png.Encode(await display.LookAsync(stop)), stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
    }

    /// <summary>A code works once: a person who signs in twice waits for the next one.</summary>
    private async Task<string> CodeAsync(string person, CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; waited <= ChildProgram.Patience; waited += Pause)
        {
            var code = (await ChildProgram.RunAsync("dotnet", [ChildProgram.OwnProgram("Latchkey.Cli"), "code", person, "--data", options.DataDirectory], stop)).Trim();
            if (_lastCodes.GetValueOrDefault(person) != code) return _lastCodes[person] = code;
            await Task.Delay(Pause, TimeProvider.System, stop);
        }

        throw new RehearsalException($"There never was another code of {person}.");
    }
}
