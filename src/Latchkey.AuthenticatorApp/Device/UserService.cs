using System.ComponentModel;
using System.Diagnostics;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// Starts this Authenticator without a window when the person's desktop starts, by a unit of their own systemd.
/// <see href="https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html"/>
/// </summary>
/// <param name="units">The person's folder of units.</param>
/// <param name="command">How this program is started in the background.</param>
internal sealed class UserService(string units, IReadOnlyList<string> command)
{
    /// <summary>The unit's name.</summary>
    public const string FileName = "latchkey-authenticator.service";

    private string Location => Path.Combine(units, FileName);

    private string Contents => $"""
        [Unit]
        Description=Latchkey Authenticator
        PartOf=graphical-session.target
        After=graphical-session.target

        [Service]
        ExecStart={string.Join(' ', command.Select(Quote))}
        Restart=on-failure
        UMask=0077
        NoNewPrivileges=yes

        [Install]
        WantedBy=graphical-session.target

        """;

    /// <summary>For this program, as it was started.</summary>
    public static UserService Of(AppOptions options) => new(
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "systemd", "user"),
        [.. Installation.Program, .. options.ForBackground]);

    /// <summary>Writes the unit.</summary>
    /// <exception cref="IOException">The file could not be written.</exception>
    public void TurnOn()
    {
        Directory.CreateDirectory(units);
        File.WriteAllText(Location, Contents);
    }

    /// <summary>Removes the unit.</summary>
    /// <exception cref="IOException">The file could not be removed.</exception>
    public void TurnOff()
    {
        if (File.Exists(Location)) File.Delete(Location);
    }

    /// <summary>Has the person's systemd do something with the unit, after it has read the units anew.</summary>
    /// <returns>Whether it did.</returns>
    public static async Task<bool> RunAsync(params IEnumerable<string> arguments) =>
        await SystemctlAsync("daemon-reload") && await SystemctlAsync([.. arguments, FileName]);

    private static async Task<bool> SystemctlAsync(params IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("systemctl", ["--user", .. arguments]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true });
            if (process is null) return false;
            await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync();
            return process.ExitCode == 0;
        }
        catch (Exception e) when (e is Win32Exception or FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>One argument of an Exec line: in quotes, what they do not cover escaped, specifiers and variables taken apart.</summary>
    private static string Quote(string argument) =>
        "\"" + argument.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal) + "\"";
}
