using System.Globalization;
using Latchkey.Phone.Computer;

namespace Latchkey.Phone.Walk;

/// <summary>
/// The way from the portal to a sign-in by QR code, step by step as a person does it, with a picture of the screen after each.
/// </summary>
internal sealed class QrCodeWalk(PhoneOptions options, Rehearsal rehearsal)
{
    private const string Person = "regular";
    private const string Pin = "passe-partout";

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
                await phone.PressAsync("Authenticator", stop);
                phone.Frame = "http://127.0.0.1";
                await phone.FillAsync("PIN", Pin, stop);
                await phone.FillAsync("Enter it again", Pin, stop);
                await phone.PressAsync("Set PIN", stop);
                await phone.SeeAsync("Add your first account", stop);
                phone.Frame = null;
            }),
            ("The computer signs in to My Security info", async stop =>
            {
                await computer.FillAsync("Name", Person, stop);
                await computer.PressAsync("Next", stop);
                await computer.FillAsync("Password", await DemoAsync("password", stop), stop);
                await computer.PressAsync("Sign in", stop);
                await computer.FillAsync("Code", await CodeAsync(stop), stop);
                await computer.PressAsync("Verify", stop);
                await computer.SeeAsync("My Security info", stop);
            }),
        ];
    }

    private async Task TakePictureAsync(string title, CancellationToken cancellationToken)
    {
        if (rehearsal.Display is not { } display) return;
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
