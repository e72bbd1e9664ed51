using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Phone.Computer;

namespace Latchkey.Phone.Browsing;

/// <summary>Has a browser's extension reach this phone instead of an Authenticator: the same manifest and native host, and another socket.</summary>
internal static class NativeHost
{
    private const string Name = "org.latchkey.authenticator";

    /// <summary>The extension, in this checkout.</summary>
    public static string Extension => ChildProgram.OwnFolder("extension");

    /// <summary>Writes the manifest where a browser with this home looks for it.</summary>
    /// <param name="home">The browser's home; its profile is in it.</param>
    /// <param name="socket">Where requests go.</param>
    public static async Task InstallAsync(DirectoryInfo home, string socket, CancellationToken cancellationToken)
    {
        // A manifest names a program and no arguments.
        var launcher = Path.Combine(home.FullName, "native-host");
        await File.WriteAllTextAsync(launcher, $"""
            #!/bin/sh
            exec dotnet '{ChildProgram.OwnProgram("Latchkey.NativeHost")}' --pipe '{socket}' --start false --from "$@"

            """, cancellationToken);
        // The rehearsal runs on Linux only, and has said so by now.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(launcher, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var manifests = home.CreateSubdirectory(Path.Combine("profile", "NativeMessagingHosts"));
        await File.WriteAllBytesAsync(Path.Combine(manifests.FullName, Name + ".json"), JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["name"] = Name, ["description"] = "The virtual phone", ["path"] = launcher, ["type"] = "stdio", ["allowed_origins"] = new JsonArray($"chrome-extension://{await ExtensionIdAsync(cancellationToken)}/"),
        }), cancellationToken);
    }

    /// <summary>The extension's ID: the first half of the SHA-256 of its public key, in the letters a to p.</summary>
    private static async Task<string> ExtensionIdAsync(CancellationToken cancellationToken)
    {
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Extension, "manifest.json"), cancellationToken));
        var hash = SHA256.HashData(Convert.FromBase64String(manifest.RootElement.GetProperty("key").GetString()!));
        var id = new StringBuilder();
        foreach (var digit in Convert.ToHexStringLower(hash)[..32]) id.Append((char)('a' + Convert.ToInt32(digit.ToString(), 16)));
        return id.ToString();
    }
}
