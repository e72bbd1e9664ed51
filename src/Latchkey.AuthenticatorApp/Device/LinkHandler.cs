using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// Puts this Authenticator in the desktop's menu, and has <c>FIDO:/</c> and <c>latchkey:</c> links opened with it: on Linux by a desktop file in
/// the person's own applications folder, beside the folder of its picture. <see href="https://specifications.freedesktop.org/desktop-entry-spec/latest/"/>
/// </summary>
/// <param name="applications">The person's applications folder.</param>
/// <param name="command">How this program is started, without its data directory.</param>
/// <param name="dataDirectory">The data directory to open links with.</param>
internal sealed class LinkHandler(string applications, IReadOnlyList<string> command, string dataDirectory)
{
    /// <summary>The desktop file's name.</summary>
    public const string FileName = "latchkey-authenticator.desktop";

    private const string IconName = "latchkey-authenticator";

    private static readonly string[] Schemes = ["x-scheme-handler/fido", "x-scheme-handler/latchkey"];

    /// <summary>Whether this system's way is known here.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Whether links are opened with this very program and data.</summary>
    public bool IsOn => File.Exists(Location) && File.ReadAllText(Location) == Contents;

    private string Location => Path.Combine(applications, FileName);

    private string Icon => Path.Combine(Path.GetDirectoryName(applications)!, "icons", "hicolor", "scalable", "apps", IconName + ".svg");

    private string Contents => $"""
        [Desktop Entry]
        Type=Application
        Name=Latchkey Authenticator
        Comment=Passkeys, codes and approvals
        Icon={IconName}
        Exec={string.Join(' ', command.Concat(["--data", dataDirectory, "--open"]).Select(Quote))} %u
        Categories=Utility;Security;
        Terminal=false
        MimeType={string.Join(';', Schemes)};

        """;

    /// <summary>For this program, as it was started.</summary>
    public static LinkHandler Of(AppOptions options) => new(
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "applications"),
        [.. Installation.Program, .. options.Server is { } server ? ["--server", server.AbsoluteUri] : Array.Empty<string>()],
        options.DataDirectory);

    /// <summary>Opens links with this Authenticator from now on.</summary>
    /// <exception cref="IOException">The file could not be written.</exception>
    public void TurnOn()
    {
        Directory.CreateDirectory(applications);
        Directory.CreateDirectory(Path.GetDirectoryName(Icon)!);
        using (var picture = typeof(LinkHandler).Assembly.GetManifestResourceStream("look/latchkey.svg")!)
        using (var icon = File.Create(Icon))
        {
            picture.CopyTo(icon);
        }

        File.WriteAllText(Location, Contents);
        try
        {
            // Where it is missing, the desktop finds the file by itself, at the latest at the next sign-in.
            using var process = Process.Start(new ProcessStartInfo("xdg-mime", ["default", FileName, .. Schemes]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Exception e) when (e is Win32Exception or FileNotFoundException)
        {
        }
    }

    /// <summary>No longer.</summary>
    /// <exception cref="IOException">The file could not be removed.</exception>
    public void TurnOff()
    {
        File.Delete(Location);
        if (File.Exists(Icon)) File.Delete(Icon);
    }

    /// <summary>One argument of an Exec line: in quotes, what the quotes do not cover escaped, field codes taken apart.</summary>
    private static string Quote(string argument)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in argument)
        {
            // Escaped for the quotes, and the backslash once more for the file's strings.
            _ = c switch
            {
                '"' or '`' or '$' => quoted.Append(@"\\").Append(c),
                '\\' => quoted.Append(@"\\\\"),
                '%' => quoted.Append("%%"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
