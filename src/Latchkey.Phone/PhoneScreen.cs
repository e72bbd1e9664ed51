using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Latchkey.Phone.Settings;
using Latchkey.Phone.Sheet;

namespace Latchkey.Phone;

/// <summary>What can stand before everything else on the phone.</summary>
internal enum PhoneApp
{
    Home,
    Camera,
    Authenticator,
    Browser,
    Settings,
}

/// <summary>What the phone shows now; the window draws it and knows nothing more.</summary>
/// <param name="System">The system's name and version.</param>
/// <param name="Profile">Whose apps are shown.</param>
/// <param name="Profiles">The profiles there are.</param>
/// <param name="App">What stands before everything else.</param>
/// <param name="Authenticator">The Authenticator's address, when it runs.</param>
/// <param name="Page">The settings page, when that is shown.</param>
/// <param name="Back">The page it was reached from.</param>
/// <param name="Sheet">What the system asks over it.</param>
internal sealed record PhoneView(
    string System, string Profile, IReadOnlyList<string> Profiles, PhoneApp App, string? Authenticator, SettingsPage? Page, string? Back, SheetQuestion? Sheet);

/// <summary>The phone's one screen: what is before the person, and everybody who wants to know when that changes.</summary>
internal sealed class PhoneScreen
{
    private readonly PhoneSettings _settings;
    private readonly SystemSheet _sheet;
    private readonly IReadOnlyList<string> _profiles;
    private readonly Dictionary<string, string> _authenticators = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly List<Channel<bool>> _watchers = [];
    private readonly Stack<string> _pages = new();

    public PhoneScreen(PhoneSettings settings, SystemSheet sheet, IReadOnlyList<string> profiles)
    {
        (_settings, _sheet, _profiles, Profile) = (settings, sheet, profiles, profiles[0]);
        settings.Changed += Tell;
        sheet.Changed += Tell;
    }

    /// <summary>Whose apps are shown.</summary>
    public string Profile { get; private set; }

    public PhoneApp App { get; private set; }

    /// <summary>Brings an app before the person.</summary>
    public void Show(PhoneApp app, string? profile = null)
    {
        lock (_gate)
        {
            (App, Profile) = (app, profile ?? Profile);
            _pages.Clear();
            if (app is PhoneApp.Settings) _pages.Push(SettingsPage.Root);
        }

        Tell();
    }

    /// <summary>Opens a page of the settings, behind which the one before it waits.</summary>
    public void ShowSettings(string page, string? profile = null)
    {
        lock (_gate)
        {
            if (App is not PhoneApp.Settings || (profile is not null && profile != Profile)) _pages.Clear();
            (App, Profile) = (PhoneApp.Settings, profile ?? Profile);
            if (_pages.Contains(page))
            {
                while (_pages.Peek() != page) _pages.Pop();
            }
            else
            {
                _pages.Push(page);
            }
        }

        Tell();
    }

    /// <summary>An Authenticator runs, and can be shown.</summary>
    public void Started(string profile, string address)
    {
        lock (_gate) _authenticators[profile] = address;
        Tell();
    }

    /// <summary>What is shown, now and each time it changes.</summary>
    public async IAsyncEnumerable<PhoneView> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        changes.Writer.TryWrite(true);
        lock (_gate) _watchers.Add(changes);
        try
        {
            await foreach (var _ in changes.Reader.ReadAllAsync(cancellationToken)) yield return View();
        }
        finally
        {
            lock (_gate) _watchers.Remove(changes);
        }
    }

    private PhoneView View()
    {
        lock (_gate)
        {
            var pages = _pages.ToList();
            var all = App is PhoneApp.Settings ? SettingsPage.Of(_settings, Profile) : [];
            // A page may be none of this version's, when that has just been changed.
            var page = all.FirstOrDefault(one => one.Name == pages[0]) ?? (all.Count > 0 ? all[0] : null);
            return new(_settings.Version.Name, Profile, _profiles, App, _authenticators.GetValueOrDefault(Profile), page, pages.Count > 1 ? pages[1] : null, _sheet.Question);
        }
    }

    private void Tell()
    {
        lock (_gate)
        {
            foreach (var watcher in _watchers) watcher.Writer.TryWrite(true);
        }
    }
}
