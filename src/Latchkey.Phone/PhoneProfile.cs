using System.Globalization;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;
using Latchkey.Phone.Browsing;
using Latchkey.Phone.Computer;
using Latchkey.Phone.Settings;

namespace Latchkey.Phone;

/// <summary>What a profile's programs need of the phone and the world.</summary>
/// <param name="Server">The portal.</param>
/// <param name="Browser">The installed browser.</param>
/// <param name="MeetingPoint">The tunnel service of the rehearsal.</param>
/// <param name="Bus">The address of the phone's system bus.</param>
/// <param name="Window">The origin that shows the Authenticator in a frame.</param>
internal sealed record PhoneSurroundings(Uri Server, string Browser, MeetingPoint MeetingPoint, string Bus, string Window);

/// <summary>
/// A profile of the phone: an Authenticator and a browser with data of their own, started when they are first wanted. The work profile knows
/// nothing of the personal one, and the other way round.
/// </summary>
internal sealed class PhoneProfile : IAsyncDisposable
{
    public const string Personal = "personal";
    public const string Work = "work";

    private readonly Uri _portal;
    private readonly string _vault;
    private readonly DirectoryInfo _home;
    private readonly Lazy<Task<(ChildProgram Program, string Address)>> _authenticator;
    private readonly Lazy<Task<PhoneBrowser>> _browser;

    /// <param name="name">Its name.</param>
    /// <param name="directory">What it keeps.</param>
    /// <param name="home">What it forgets, and its sockets.</param>
    /// <param name="settings">The phone's settings.</param>
    /// <param name="surroundings">Everything else.</param>
    /// <param name="stopping">The phone is switched off.</param>
    public PhoneProfile(string name, string directory, DirectoryInfo home, PhoneSettings settings, PhoneSurroundings surroundings, CancellationToken stopping)
    {
        Name = name;
        _home = home;
        _portal = new(surroundings.Server, "security-info");
        _vault = Directory.CreateDirectory(directory).FullName;
        _authenticator = new(() => StartAuthenticatorAsync(surroundings, stopping));
        _browser = new(() => StartBrowserAsync(settings, surroundings, stopping));
    }

    public string Name { get; }

    /// <summary>A page in the browser led to an app.</summary>
    public event Action<string>? LinkFollowed;

    /// <summary>Where the Authenticator asks the system.</summary>
    public string SystemSocket => Path.Combine(_home.FullName, "system");

    /// <summary>Where the browser asks the system, by the native host.</summary>
    public string SlotSocket => BrowserSocket.AddressOf(_home.FullName)!;

    /// <summary>Where the Authenticator is asked as a browser would.</summary>
    public string AuthenticatorSocket => BrowserSocket.AddressOf(_vault) ?? throw new RehearsalException("The data directory's name is too long: choose a shorter one with --data.");

    /// <summary>The Authenticator's address, with what lets a window in.</summary>
    public async Task<string> AuthenticatorAsync() => (await _authenticator.Value).Address;

    /// <summary>The browser.</summary>
    public Task<PhoneBrowser> BrowserAsync() => _browser.Value;

    /// <summary>Opens an address in the browser.</summary>
    public async Task OpenInBrowserAsync(Uri address, CancellationToken cancellationToken) => await (await _browser.Value).OpenAsync(address, cancellationToken);

    /// <summary>The browser, with the portal where it shows nothing yet.</summary>
    public async Task<PhoneBrowser> BrowserWithPageAsync(CancellationToken cancellationToken)
    {
        var browser = await _browser.Value;
        if (browser.Address is null) await browser.OpenAsync(_portal, cancellationToken);
        return browser;
    }

    /// <summary>The system's way: a link is opened by starting the program registered for it, which hands it to the one that runs.</summary>
    public async Task OpenLinkAsync(string link)
    {
        await AuthenticatorAsync();
        await ChildProgram.RunAsync("dotnet", [ChildProgram.OwnProgram("Latchkey.AuthenticatorApp"), "--data", _vault, "--open", link], CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser.IsValueCreated && await _browser.Value.ContinueWith(browser => browser.IsCompletedSuccessfully ? browser.Result : null, TaskScheduler.Default) is { } browser) await browser.DisposeAsync();
        if (_authenticator.IsValueCreated && await _authenticator.Value.ContinueWith(app => app.IsCompletedSuccessfully ? app.Result.Program : null, TaskScheduler.Default) is { } program) await program.DisposeAsync();
    }

    private async Task<(ChildProgram, string)> StartAuthenticatorAsync(PhoneSurroundings surroundings, CancellationToken stopping)
    {
        var program = ChildProgram.StartOwn(
            "Latchkey.AuthenticatorApp",
            [
                "--data", _vault, "--port", "0", "--server", surroundings.Server.AbsoluteUri, "--phone", SystemSocket,
                "--tunnel-domain", MeetingPoint.Domain.Id.ToString(CultureInfo.InvariantCulture), "--tunnel-url", surroundings.MeetingPoint.Address,
                "--ca", surroundings.MeetingPoint.Authority.AuthorityFile,
                "--shown-in", surroundings.Window,
            ],
            ("DBUS_SYSTEM_BUS_ADDRESS", surroundings.Bus));
        try
        {
            return (program, await program.LineAsync("Listening on ", stopping));
        }
        catch
        {
            await program.DisposeAsync();
            throw;
        }
    }

    private async Task<PhoneBrowser> StartBrowserAsync(PhoneSettings settings, PhoneSurroundings surroundings, CancellationToken stopping)
    {
        // The product's own extension and native host; only that they find this phone where they look for an Authenticator.
        var slot = new BrowserProvider(_home.FullName, ["dotnet", ChildProgram.OwnProgram("Latchkey.NativeHost")], ["false"]);
        slot.TurnOn(InstalledBrowser.Apart(Path.Combine(_home.FullName, "profile")));
        var extension = BrowserExtension.Folder(BrowserFamily.Chromium) ?? throw new RehearsalException("The browser extension is not beside this program: build it again.");
        string[] options = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1", $"--load-extension={extension}"];
        var browser = await PhoneBrowser.StartAsync(surroundings.Browser, _home, settings, options, stopping);
        browser.LinkFollowed += link => LinkFollowed?.Invoke(link);
        return browser;
    }
}
