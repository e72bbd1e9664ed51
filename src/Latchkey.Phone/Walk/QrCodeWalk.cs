using System.Globalization;
using Latchkey.Phone.Computer;
using Latchkey.Phone.Settings;
using Latchkey.Phone.DevTools;

namespace Latchkey.Phone.Walk;

/// <summary>
/// The way from the portal to a sign-in by QR code, step by step as a person does it, with a picture of the screen after each.
/// </summary>
internal sealed class QrCodeWalk(PhoneOptions options, Rehearsal rehearsal)
{
    private const string Person = "regular";
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(400);

    private const string Pin = "passe-partout";
    private const string Authenticator = "http://127.0.0.1";

    // The phone and the computer are one machine here, and the Authenticator cannot know that they play two.
    private const string OnAnotherDevice = "It is on another device: continue";

    private int _done;

    /// <summary>Performs all steps; false when one did not work.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.Pictures);
        foreach (var old in Directory.EnumerateFiles(options.Pictures, "*.png")) File.Delete(old);
        await using var computer = await DevToolsPage.OfAsync(rehearsal.Computer.Browser.DevTools, options.Server.AbsoluteUri, cancellationToken);
        await using var phone = await DevToolsPage.OfAsync(rehearsal.Phone.Browser.DevTools, rehearsal.Phone.Address.AbsoluteUri, cancellationToken);
        var steps = Steps(computer, phone);
        foreach (var (title, act) in steps)
        {
            string? problem = null;
            try
            {
                await act(cancellationToken);
                _done++;
            }
            catch (RehearsalException e)
            {
                problem = e.Message;
            }

            await TakePictureAsync(problem is null ? title : title + " FAILED", cancellationToken);
            Console.WriteLine($"{(problem is null ? "ok  " : "FAIL")} {title}");
            if (problem is null) continue;
            Console.WriteLine(problem);
            break;
        }

        Console.WriteLine($"{_done} of {steps.Count} steps");
        return _done == steps.Count;
    }

    private List<(string Title, Func<CancellationToken, Task> Act)> Steps(DevToolsPage computer, DevToolsPage phone)
    {
        var system = options.System == PhoneSystem.Ios ? "iOS" : "Android";
        return
        [
            ("The phone's Authenticator gets its PIN", async stop =>
            {
                // The window's buttons work once it knows which phone it plays.
                await phone.SeeAsync(system, stop);
                await phone.PressAsync("Authenticator", stop);
                phone.Frame = Authenticator;
                await phone.FillAsync("PIN", Pin, stop);
                await phone.FillAsync("Enter it again", Pin, stop);
                await phone.PressAsync("Set PIN", stop);
                await phone.SeeAsync("Add your first account", stop);
            }),
            ("The computer signs in to My Security info", async stop =>
            {
                await computer.FillAsync("Name", Person, stop);
                await computer.PressAsync("Next", stop);
                await computer.FillAsync("Password", await DemoAsync("password", stop), stop);
                await computer.PressAsync("Sign in", stop);
                await computer.FillAsync("Code", await CodeAsync(stop), stop);
                await computer.PressAsync("Verify", stop);
                await computer.SeeAsync("Add sign-in method", stop);
            }),
            ("Add sign-in method, Passkey in Authenticator", async stop =>
            {
                await computer.PressAsync("Add sign-in method", stop);
                await computer.PressAsync("Passkey in Authenticator", stop);
            }),
            ("Add, then another device", async stop =>
            {
                await computer.PressAsync("Add", stop);
                await computer.PressAsync("Use another device", stop);
                await computer.SeeAsync("Both need Bluetooth and the internet", stop);
            }),
            ("Get the Authenticator", Follow(computer, "Next", "Get the Authenticator")),
            ("Which device", Follow(computer, "Next", "Which device is it?")),
            ("Turn on the Authenticator on the phone", Follow(computer, system, "Turn on the Authenticator there")),
            ("Bluetooth, internet, camera", Follow(computer, "Continue", "Get both devices ready")),
            ("It must be saved in the Authenticator", Follow(computer, "Next", "Save it in the Authenticator")),
            ("The browser shows its QR code, the phone's camera sees it", async stop =>
            {
                await computer.PressAsync("Next", stop);
                await LookAsync(phone, stop);
            }),
            ("The Authenticator opens", async stop =>
            {
                await phone.PressAsync("Use a passkey", stop);
                phone.Frame = Authenticator;
                await phone.SeeAsync("Save a passkey for another device's browser?", stop);
            }),
            ("Connected over Bluetooth, the PIN is asked for", async stop =>
            {
                await phone.PressAsync(OnAnotherDevice, stop);
                await phone.SeeAsync("Save a passkey for", stop);
                await phone.FillAsync("PIN", Pin, stop);
            }),
            ("Saved in the Authenticator", async stop =>
            {
                await phone.PressAsync("Save", stop);
                await phone.SeeAsync("Your passkey is saved", stop);
            }),
            ("Back in My Security info, it gets its name", async stop =>
            {
                await phone.PressAsync("Done", stop);
                if (options.System == PhoneSystem.Ios)
                {
                    await computer.SeeAsync("Passkey created", stop);
                    await computer.PressAsync("Done", stop);
                }

                await computer.FillAsync("Name", $"My {system} phone", stop);
            }),
            ("Listed", Follow(computer, "Done", $"My {system} phone")),
            ("Signed out, the way back in is the phone", async stop =>
            {
                await computer.PressAsync("Sign out", stop);
                await computer.SeeAsync("Sign in", stop);
                await computer.GoToAsync(new Uri(options.Server, "security-info"), stop);
                await computer.PressAsync("Sign in with a passkey", stop);
                await LookAsync(phone, stop);
            }),
            ("The Authenticator is asked to sign in", async stop =>
            {
                await phone.PressAsync("Use a passkey", stop);
                phone.Frame = Authenticator;
                await phone.PressAsync(OnAnotherDevice, stop);
                await phone.FillAsync("PIN", Pin, stop);
            }),
            ("Signed in by QR code", async stop =>
            {
                await phone.PressAsync("Continue", stop);
                await phone.SeeAsync("Signed in", stop);
                await computer.SeeAsync("Add sign-in method", stop);
                await computer.SeeAsync($"My {system} phone", stop);
            }),
        ];
    }

    private static Func<CancellationToken, Task> Follow(DevToolsPage page, string press, string see) => async stop =>
    {
        await page.PressAsync(press, stop);
        await page.SeeAsync(see, stop);
    };

    private static async Task LookAsync(DevToolsPage phone, CancellationToken stop)
    {
        phone.Frame = null;
        await phone.PressAsync("Home screen", stop);
        await phone.PressAsync("Camera", stop);
        await phone.SeeAsync("A computer asks for a passkey", stop);
    }

    private async Task TakePictureAsync(string title, CancellationToken cancellationToken)
    {
        if (rehearsal.Display is not { } display) return;
        // What a page says is a little ahead of what its window shows.
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        var name = string.Create(CultureInfo.InvariantCulture, $"{Directory.GetFiles(options.Pictures).Length + 1:00} {title}.png");
        await File.WriteAllBytesAsync(Path.Combine(options.Pictures, name), Png.Encode(await display.LookAsync(cancellationToken)), cancellationToken);
    }

    private async Task<string> DemoAsync(string what, CancellationToken cancellationToken)
    {
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(options.DataDirectory, "demo.txt"), cancellationToken))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [Person, var key, var value] && key == what) return value;
        }

        throw new RehearsalException($"demo.txt knows no {what} of {Person}.");
    }

    private async Task<string> CodeAsync(CancellationToken cancellationToken) =>
        (await ChildProgram.RunAsync("dotnet", [ChildProgram.OwnProgram("Latchkey.Cli"), "code", Person, "--data", options.DataDirectory], cancellationToken)).Trim();
}
