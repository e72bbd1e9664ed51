using System.Globalization;
using System.Reflection;
using Latchkey.Phone.Computer;
using Latchkey.Protocol;

namespace Latchkey.Phone;

/// <summary>
/// The phone: the real Authenticator in a data directory of its own, and a phone-shaped window with a camera, shown by the installed browser.
/// </summary>
internal sealed class VirtualPhone : IAsyncDisposable
{
    private readonly WebApplication _window;
    private readonly ChildProgram _authenticator;
    private readonly DirectoryInfo _home;
    private readonly Browser _browser;

    private VirtualPhone(WebApplication window, ChildProgram authenticator, DirectoryInfo home, Browser browser, Uri address) =>
        (_window, _authenticator, _home, _browser, Address) = (window, authenticator, home, browser, address);

    /// <summary>The browser that shows the window.</summary>
    public Browser Browser => _browser;

    /// <summary>The window's address; only who knows it gets in.</summary>
    public Uri Address { get; }

    public static async Task<VirtualPhone> StartAsync(
        PhoneOptions options, Requirements requirements, MeetingPoint meetingPoint, string bus, Display? display, CancellationToken cancellationToken)
    {
        var vault = Directory.CreateDirectory(Path.Combine(options.DataDirectory, "phone")).FullName;
        var window = BuildWindow();
        var secret = ByteString.Random(16).ToBase64Url();
        ChildProgram? authenticator = null;
        var home = Directory.CreateTempSubdirectory("latchkey-phone");
        try
        {
            var about = new TaskCompletionSource<string>();
            MapWindow(window, $"/{secret}", options.System, about.Task, link => OpenInAuthenticatorAsync(vault, link));
            await window.StartAsync(cancellationToken);
            var origin = new Uri(window.Urls.First());

            authenticator = ChildProgram.StartOwn(
                "Latchkey.AuthenticatorApp",
                [
                    "--data", vault, "--port", "0", "--server", options.Server.AbsoluteUri, "--no-browser",
                    "--tunnel-domain", MeetingPoint.Domain.Id.ToString(CultureInfo.InvariantCulture), "--tunnel-url", meetingPoint.Address, "--ca", meetingPoint.Authority.AuthorityFile,
                    "--shown-in", origin.GetLeftPart(UriPartial.Authority),
                ],
                ("DBUS_SYSTEM_BUS_ADDRESS", bus));
            about.SetResult(await authenticator.LineAsync("Listening on ", cancellationToken));

            var address = new Uri(origin, $"/{secret}/phone.html");
            var browser = await Browser.StartAsync(
                requirements.Browser,
                home,
                new Uri("about:blank"),
                new WindowPlace(Display.ComputerWidth, 0, Display.Width - Display.ComputerWidth, Display.Height),
                display?.Name,
                "disabled:",
                // The camera: what this screen shows, without asking which. The window is the phone and has no address bar.
                ["--auto-select-desktop-capture-source=Entire screen", $"--app={address.AbsoluteUri}"],
                cancellationToken);
            return new(window, authenticator, home, browser, address);
        }
        catch
        {
            if (authenticator is not null) await authenticator.DisposeAsync();
            await window.DisposeAsync();
            home.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        await _authenticator.DisposeAsync();
        await _window.DisposeAsync();
        try
        {
            _home.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A process of the browser's still wrote: the system clears temporary folders.
        }
    }

    private static WebApplication BuildWindow()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        return builder.Build();
    }

    private static void MapWindow(WebApplication window, string root, PhoneSystem system, Task<string> authenticator, Func<string, Task> open)
    {
        window.MapGet(root + "/about", async () => Results.Json(new { system = system == PhoneSystem.Ios ? "iOS" : "Android", authenticator = await authenticator }));
        window.MapPost(root + "/open", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            await open(await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
            return Results.NoContent();
        });
        window.MapGet(root + "/{name}", (string name) => Assembly.GetExecutingAssembly().GetManifestResourceStream("window/" + name) is { } file
            ? Results.Stream(file, Path.GetExtension(name) switch { ".html" => "text/html; charset=utf-8", ".css" => "text/css; charset=utf-8", _ => "text/javascript; charset=utf-8" })
            : Results.NotFound());
    }

    /// <summary>The system's way: a link is opened by starting the program registered for it, which hands it to the one that runs.</summary>
    private static async Task OpenInAuthenticatorAsync(string vault, string link) =>
        await ChildProgram.RunAsync("dotnet", [ChildProgram.OwnProgram("Latchkey.AuthenticatorApp"), "--data", vault, "--open", link], CancellationToken.None);
}
