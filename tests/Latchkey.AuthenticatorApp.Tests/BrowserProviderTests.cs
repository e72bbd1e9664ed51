using System.Diagnostics;
using System.Text.Json;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class BrowserProviderTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("latchkey prov'ider").FullName;

    private string Home => Path.Combine(_directory, "home");

    private string Data => Path.Combine(_directory, "data");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_browser_is_here_once_the_person_has_used_it()
    {
        if (OperatingSystem.IsWindows()) return; // there the registry says it

        var browsers = InstalledBrowser.Linux(Home, Path.Combine(Home, ".config"));
        Assert.DoesNotContain(browsers, browser => browser.IsHere);

        Directory.CreateDirectory(Path.Combine(Home, ".config", "BraveSoftware", "Brave-Browser"));
        Directory.CreateDirectory(Path.Combine(Home, ".mozilla"));

        Assert.Equal(["Brave", "Firefox"], browsers.Where(browser => browser.IsHere).Select(browser => browser.Name));
    }

    [Fact]
    public void A_Firefox_that_keeps_its_profile_in_the_folder_of_configurations_is_here_too()
    {
        if (OperatingSystem.IsWindows()) return;

        Directory.CreateDirectory(Path.Combine(Home, ".config", "mozilla"));

        Assert.Equal(["Firefox"], InstalledBrowser.Linux(Home, Path.Combine(Home, ".config")).Where(browser => browser.IsHere).Select(browser => browser.Name));
    }

    [Theory]
    [InlineData("Google Chrome", ".config/google-chrome/NativeMessagingHosts")]
    [InlineData("Chromium", ".config/chromium/NativeMessagingHosts")]
    [InlineData("Microsoft Edge", ".config/microsoft-edge/NativeMessagingHosts")]
    [InlineData("Brave", ".config/BraveSoftware/Brave-Browser/NativeMessagingHosts")]
    [InlineData("Firefox", ".mozilla/native-messaging-hosts")]
    public void On_Linux_each_browser_looks_where_its_own_pages_say(string name, string folder) =>
        Assert.Equal(Path.Combine(Home, folder.Replace('/', Path.DirectorySeparatorChar)), InstalledBrowser.Linux(Home, Path.Combine(Home, ".config")).Single(browser => browser.Name == name).Manifests);

    [Theory]
    [InlineData("Google Chrome", "Google/Chrome/NativeMessagingHosts")]
    [InlineData("Chromium", "Chromium/NativeMessagingHosts")]
    [InlineData("Microsoft Edge", "Microsoft Edge/NativeMessagingHosts")]
    [InlineData("Brave", "BraveSoftware/Brave-Browser/NativeMessagingHosts")]
    [InlineData("Firefox", "Mozilla/NativeMessagingHosts")]
    public void On_a_Mac_each_browser_looks_where_its_own_pages_say(string name, string folder) =>
        Assert.Equal(Path.Combine(Home, folder.Replace('/', Path.DirectorySeparatorChar)), InstalledBrowser.MacOS(Home).Single(browser => browser.Name == name).Manifests);

    [Fact]
    public void Turned_on_the_manifest_names_our_extension_alone_and_a_program_only_the_person_can_change()
    {
        if (OperatingSystem.IsWindows()) return; // the tests leave the registry alone

        var (provider, chromium) = (Provider(), Chromium);
        Assert.False(provider.IsOn(chromium));

        provider.TurnOn(chromium);

        Assert.True(provider.IsOn(chromium));
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(chromium.Manifests, "org.latchkey.authenticator.json")));
        Assert.Equal("org.latchkey.authenticator", manifest.RootElement.GetProperty("name").GetString());
        Assert.Equal("stdio", manifest.RootElement.GetProperty("type").GetString());
        Assert.Equal([$"chrome-extension://{BrowserExtension.ChromiumId}/"], manifest.RootElement.GetProperty("allowed_origins").EnumerateArray().Select(one => one.GetString()));
        var program = manifest.RootElement.GetProperty("path").GetString()!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(program));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(program)!));
    }

    [Fact]
    public void The_extension_beside_the_program_is_whole_and_has_the_ID_that_may_start_the_native_host()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "extension", "chromium");
        using var manifest = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "manifest.json")));
        var json = manifest.RootElement;

        Assert.Equal(BrowserExtension.ChromiumId, BrowserExtension.IdOf(Convert.FromBase64String(json.GetProperty("key").GetString()!)));
        string[] named =
        [
            json.GetProperty("background").GetProperty("service_worker").GetString()!,
            .. json.GetProperty("content_scripts").EnumerateArray().SelectMany(scripts => scripts.GetProperty("js").EnumerateArray()).Select(script => script.GetString()!),
            .. json.GetProperty("icons").EnumerateObject().Select(icon => icon.Value.GetString()!),
            Path.Combine("_locales", json.GetProperty("default_locale").GetString()!, "messages.json"),
        ];
        Assert.All(named, file => Assert.True(File.Exists(Path.Combine(folder, file)), file));
        Assert.Contains(BrowserExtension.HostName, string.Concat(Directory.GetFiles(folder, "*.js").Select(File.ReadAllText)), StringComparison.Ordinal);
    }

    [Fact]
    public void Firefoxs_manifest_names_the_extension_by_its_ID()
    {
        using var manifest = JsonDocument.Parse(Provider().Manifest(BrowserFamily.Firefox));

        Assert.Equal([BrowserExtension.FirefoxId], manifest.RootElement.GetProperty("allowed_extensions").EnumerateArray().Select(one => one.GetString()));
        Assert.False(manifest.RootElement.TryGetProperty("allowed_origins", out _));
    }

    [Fact]
    public async Task The_program_hands_on_every_argument_as_it_is()
    {
        if (OperatingSystem.IsWindows()) return; // the program is a shell script

        var (provider, chromium) = (Provider("/bin/sh", "-c", "for a; do printf '[%s]' \"$a\"; done", "sh"), Chromium);
        provider.TurnOn(chromium);
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Data, "browsers", "native-host"), ["chrome-extension://abc/"]) { UseShellExecute = false, RedirectStandardOutput = true })!;

        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal($"[--data][{Data}][--start][/opt/it's $HOME/app][--data][{Data}][--background][--][chrome-extension://abc/]", said);
    }

    [Fact]
    public void Turned_off_nothing_leads_here_any_more_and_other_browsers_stay_on()
    {
        if (OperatingSystem.IsWindows()) return;

        var (provider, chromium) = (Provider(), Chromium);
        var firefox = InstalledBrowser.Linux(Home, Path.Combine(Home, ".config")).Single(browser => browser.Name == "Firefox");
        provider.TurnOn(chromium);
        provider.TurnOn(firefox);

        provider.TurnOff(chromium);
        provider.TurnOff(chromium);

        Assert.False(provider.IsOn(chromium));
        Assert.Empty(Directory.GetFiles(chromium.Manifests));
        Assert.True(provider.IsOn(firefox));
    }

    [Fact]
    public void A_manifest_that_leads_to_another_Authenticators_data_is_not_on_here()
    {
        if (OperatingSystem.IsWindows()) return;

        new BrowserProvider(Path.Combine(_directory, "other"), ["/bin/sh"], ["/bin/true"]).TurnOn(Chromium);

        Assert.False(Provider().IsOn(Chromium));
    }

    [Fact]
    public void A_data_directory_whose_name_is_too_long_for_a_socket_is_said_to_be()
    {
        if (OperatingSystem.IsWindows()) return; // pipes have no such limit

        Assert.Equal(ProviderProblem.NameTooLong, new BrowserProvider(Path.Combine(_directory, new string('d', 100)), ["/bin/sh"], ["/bin/true"]).Problem);
    }

    [Fact]
    public void A_program_without_its_native_host_says_so() =>
        Assert.Equal(ProviderProblem.NoNativeHost, new BrowserProvider(Data, [Path.Combine(_directory, "missing")], ["/bin/true"]).Problem);

    [Fact]
    public void A_start_in_the_background_works_on_the_same_data_in_the_same_way()
    {
        string[] line = ["--data", Data, "--server", "https://login.example.org/", "--tunnel-domain", "266", "--tunnel-url", "wss://example.org:8443/"];
        Assert.True(AppOptions.TryParse(line, out var options, out _));
        Assert.True(AppOptions.TryParse([.. options.ForBackground], out var background, out _));

        Assert.Equal(options with { InBackground = true }, background);
    }

    private InstalledBrowser Chromium => InstalledBrowser.Linux(Home, Path.Combine(Home, ".config")).Single(browser => browser.Name == "Chromium");

    private BrowserProvider Provider(params string[] nativeHost) =>
        new(Data, nativeHost is [] ? ["/bin/sh"] : nativeHost, ["/opt/it's $HOME/app", "--data", Data, "--background"]);
}
