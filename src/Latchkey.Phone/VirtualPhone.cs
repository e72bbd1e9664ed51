using System.Globalization;
using Latchkey.Phone.Computer;
using Latchkey.Phone.Settings;
using Latchkey.Phone.Sheet;
using Latchkey.Protocol;

namespace Latchkey.Phone;

/// <summary>
/// The phone: a system with settings, a sheet and one screen; and in each of its profiles the real Authenticator and a real browser. It is
/// shown by the installed browser in a window of a phone's shape.
/// </summary>
internal sealed class VirtualPhone : IAsyncDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("latchkey-phone");
    private readonly CancellationTokenSource _switchedOff = new();
    private readonly SystemSheet _sheet = new();
    private readonly List<PhoneProfile> _profiles = [];
    private readonly List<ProviderSlot> _slots = [];
    private WebApplication? _window;
    private Browser? _browser;

    private VirtualPhone(PhoneSystem system)
    {
        Settings = new(system);
        Screen = new(Settings, _sheet, system is PhoneSystem.Android ? [PhoneProfile.Personal, PhoneProfile.Work] : [PhoneProfile.Personal]);
    }

    /// <summary>The browser that shows the window.</summary>
    public Browser Browser => _browser!;

    /// <summary>The window's address; only who knows it gets in.</summary>
    public Uri Address { get; private set; } = null!;

    public PhoneSettings Settings { get; }

    public PhoneScreen Screen { get; }

    /// <summary>What the person sees first, and most people only.</summary>
    public PhoneProfile Personal => _profiles[0];

    /// <summary>The other one, where there is one.</summary>
    public PhoneProfile? Work => _profiles.Find(profile => profile.Name == PhoneProfile.Work);

    public static async Task<VirtualPhone> StartAsync(
        PhoneOptions options, Requirements requirements, MeetingPoint meetingPoint, PrivateBus bus, BlueZStandIn bluetooth, Display? display, CancellationToken cancellationToken)
    {
        var phone = new VirtualPhone(options.System);
        try
        {
            await phone.SwitchOnAsync(options, requirements, meetingPoint, bus, bluetooth, display, cancellationToken);
            return phone;
        }
        catch
        {
            await phone.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _switchedOff.CancelAsync();
        if (_browser is not null) await _browser.DisposeAsync();
        foreach (var slot in _slots) await slot.DisposeAsync();
        foreach (var profile in _profiles) await profile.DisposeAsync();
        if (_window is not null) await _window.DisposeAsync();
        _sheet.Dispose();
        _switchedOff.Dispose();
        try
        {
            _home.Delete(recursive: true);
        }
        catch (IOException)
        {
            // A process of a browser's still wrote: the system clears temporary folders.
        }
    }

    private async Task SwitchOnAsync(
        PhoneOptions options, Requirements requirements, MeetingPoint meetingPoint, PrivateBus bus, BlueZStandIn bluetooth, Display? display, CancellationToken cancellationToken)
    {
        var radio = true;
        Settings.Changed += () =>
        {
            if (radio != Settings.Bluetooth) bluetooth.SetPowered(radio = Settings.Bluetooth);
        };

        var homes = (options.System is PhoneSystem.Android ? new[] { PhoneProfile.Personal, PhoneProfile.Work } : [PhoneProfile.Personal])
            .ToDictionary(name => name, name => _home.CreateSubdirectory(name), StringComparer.Ordinal);
        var routes = new PhoneRoutes(ByteString.Random(16).ToBase64Url(), Settings, Screen, _sheet);
        _window = routes.Build(homes.ToDictionary(home => Path.Combine(home.Value.FullName, "system"), home => home.Key, StringComparer.Ordinal), name => _profiles.Find(profile => profile.Name == name)!);
        await _window.StartAsync(cancellationToken);
        var origin = new Uri(_window.Urls.First(url => url.StartsWith("http://127.", StringComparison.Ordinal)));
        Address = new Uri(origin, routes.Root + "/phone.html");

        var surroundings = new PhoneSurroundings(options.Server, requirements.Browser, meetingPoint, bus.Address, origin.GetLeftPart(UriPartial.Authority));
        foreach (var (name, home) in homes)
        {
            var profile = new PhoneProfile(name, Path.Combine(options.DataDirectory, "phone", name), home, Settings, surroundings, _switchedOff.Token);
            profile.LinkFollowed += link => _ = routes.OpenLinkAsync(profile, link);
            _profiles.Add(profile);
            _slots.Add(new(profile, Settings, Screen, _sheet));
        }

        _browser = await Browser.StartAsync(
            requirements.Browser,
            _home,
            new Uri("about:blank"),
            new WindowPlace(Display.ComputerWidth, 0, Display.Width - Display.ComputerWidth, Display.Height),
            display?.Name,
            "disabled:",
            // The camera: what this screen shows, without asking which. The window is the phone and has no address bar.
            ["--auto-select-desktop-capture-source=Entire screen", string.Create(CultureInfo.InvariantCulture, $"--app={new Uri(origin, routes.NewEntry()).AbsoluteUri}")],
            cancellationToken);
    }
}
