using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Microsoft.Win32;

namespace Latchkey.AuthenticatorApp.Device.Platforms.Desktop;

/// <summary>
/// A computer's counterpart to the switch a phone has: lets the extension of a browser reach this Authenticator. Each browser reads a manifest
/// that names the program it may start for us; that program is a wrapper in the data directory, which knows this program and its data.
/// </summary>
internal sealed class BrowserProvider
{
    private const string Description = "Passkeys of the Latchkey Authenticator";

    private readonly string _folder;
    private readonly string _data;
    private readonly IReadOnlyList<string> _nativeHost;
    private readonly IReadOnlyList<string> _authenticator;

    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="nativeHost">How the native host is started.</param>
    /// <param name="authenticator">How this program is started.</param>
    public BrowserProvider(string dataDirectory, IReadOnlyList<string> nativeHost, IReadOnlyList<string> authenticator)
    {
        _folder = Path.Combine(dataDirectory, "browsers");
        _data = Path.GetFullPath(dataDirectory);
        (_nativeHost, _authenticator) = (nativeHost, authenticator);
    }

    /// <summary>Why it cannot be turned on here at all; null when it can.</summary>
    public ProviderProblem? Problem =>
        BrowserSocket.AddressOf(_data) is null ? ProviderProblem.NameTooLong
        : !_nativeHost.All(part => !Path.IsPathRooted(part) || File.Exists(part)) ? ProviderProblem.NoNativeHost
        : null;

    private string Wrapper => Path.Combine(_folder, OperatingSystem.IsWindows() ? "native-host.cmd" : "native-host");

    /// <summary>For this program, as it was started.</summary>
    public static BrowserProvider Of(AppOptions options)
    {
        // Packaged for a system, the native host lies beside this program: both run on the runtime that is there.
        var apart = Path.Combine(AppContext.BaseDirectory, "native-host");
        var host = Path.Combine(Directory.Exists(apart) ? apart : AppContext.BaseDirectory, "Latchkey.NativeHost");
        // Started by its runtime, this program has the native host started the same way.
        string[] nativeHost = Installation.Program is [var runtime, _] ? [runtime, host + ".dll"] : [OperatingSystem.IsWindows() ? host + ".exe" : host];
        return new(options.DataDirectory, nativeHost, [.. Installation.Program, .. options.ForBackground]);
    }

    /// <summary>Turns it on for a Chromium with a user data directory of its own, from the command line.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> TurnOnApartAsync(AppOptions options, string userDataDirectory)
    {
        var provider = Of(options);
        var obstacle = OperatingSystem.IsWindows() ? "On Windows browsers look in the registry, not in a user data directory: turn it on in the settings."
            : provider.Problem is { } problem ? $"It can't be turned on here: {problem}."
            : null;
        if (obstacle is not null)
        {
            await Console.Error.WriteLineAsync(obstacle);
            return 1;
        }

        try
        {
            provider.TurnOn(InstalledBrowser.Apart(userDataDirectory));
            Console.WriteLine($"Turned on in {userDataDirectory}.");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }

    /// <summary>Whether a browser finds this very program and data.</summary>
    public bool IsOn(InstalledBrowser browser)
    {
        try
        {
            var manifest = OperatingSystem.IsWindows() ? Registered(browser) : ManifestOf(browser);
            return manifest is not null && File.Exists(manifest) && File.ReadAllText(manifest) == Manifest(browser.Family)
                && File.Exists(Wrapper) && File.ReadAllText(Wrapper) == Script();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Lets a browser's extension reach this Authenticator from now on.</summary>
    /// <exception cref="IOException">A file could not be written.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be written.</exception>
    public void TurnOn(InstalledBrowser browser)
    {
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_folder);
        }
        else
        {
            // The mode is the last folder's alone: a data directory that is not there yet is made by itself.
            Directory.CreateDirectory(_data, Owner);
            Directory.CreateDirectory(_folder, Owner);
        }

        File.WriteAllText(Wrapper, Script());
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Wrapper, Owner);

        var manifest = ManifestOf(browser);
        Directory.CreateDirectory(Path.GetDirectoryName(manifest)!);
        File.WriteAllText(manifest, Manifest(browser.Family));
        if (OperatingSystem.IsWindows()) Register(browser, manifest);
    }

    /// <summary>No longer.</summary>
    /// <exception cref="IOException">A file could not be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be removed.</exception>
    public void TurnOff(InstalledBrowser browser)
    {
        if (OperatingSystem.IsWindows()) Registry.CurrentUser.DeleteSubKeyTree($@"{browser.Manifests}\{BrowserExtension.HostName}", throwOnMissingSubKey: false);
        else if (Directory.Exists(browser.Manifests)) File.Delete(ManifestOf(browser));
    }

    internal string Manifest(BrowserFamily family)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteString("name", BrowserExtension.HostName);
            json.WriteString("description", Description);
            json.WriteString("path", Wrapper);
            json.WriteString("type", "stdio");
            json.WriteStartArray(family == BrowserFamily.Firefox ? "allowed_extensions" : "allowed_origins");
            json.WriteStringValue(family == BrowserFamily.Firefox ? BrowserExtension.FirefoxId : $"chrome-extension://{BrowserExtension.ChromiumId}/");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>The program a browser starts: no browser gives a native host arguments of its own, so they stand here.</summary>
    private string Script()
    {
        string[] line = [.. _nativeHost, "--data", _data, "--start", .. _authenticator, "--"];
        return OperatingSystem.IsWindows()
            ? $"@echo off\r\n{string.Join(' ', line.Select(QuoteForCmd))} %*\r\n"
            : $"#!/bin/sh\nexec {string.Join(' ', line.Select(QuoteForShell))} \"$@\"\n";
    }

    private string ManifestOf(InstalledBrowser browser) => OperatingSystem.IsWindows()
        ? Path.Combine(_folder, browser.Family == BrowserFamily.Firefox ? "firefox.json" : "chromium.json")
        : Path.Combine(browser.Manifests, BrowserExtension.HostName + ".json");

    [SupportedOSPlatform("windows")]
    private static string? Registered(InstalledBrowser browser)
    {
        using var key = Registry.CurrentUser.OpenSubKey($@"{browser.Manifests}\{BrowserExtension.HostName}");
        return key?.GetValue(null) as string;
    }

    [SupportedOSPlatform("windows")]
    private static void Register(InstalledBrowser browser, string manifest)
    {
        using var key = Registry.CurrentUser.CreateSubKey($@"{browser.Manifests}\{BrowserExtension.HostName}");
        key.SetValue(null, manifest);
    }

    internal static string QuoteForShell(string argument) => "'" + argument.Replace("'", @"'\''", StringComparison.Ordinal) + "'";

    // A path on Windows has no quote in it; a percent sign would name a variable.
    private static string QuoteForCmd(string argument) => "\"" + argument.Replace("%", "%%", StringComparison.Ordinal) + "\"";
}

/// <summary>Why browsers cannot reach this Authenticator.</summary>
internal enum ProviderProblem
{
    /// <summary>The data directory's name is too long for a socket.</summary>
    NameTooLong,

    /// <summary>This copy of the program was made without the native host.</summary>
    NoNativeHost,
}
