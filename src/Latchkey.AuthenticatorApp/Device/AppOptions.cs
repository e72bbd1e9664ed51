using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>What the program was started with.</summary>
/// <param name="DataDirectory">Where the vault is.</param>
/// <param name="Port">The loopback port; 0 lets the system choose.</param>
/// <param name="Server">The server offered when an account is added, if the organisation has set one.</param>
/// <param name="OpensBrowser">Whether to open the app's window at the start.</param>
internal sealed record AppOptions(string DataDirectory, int Port, Uri? Server, bool OpensBrowser)
{
    private const string Usage = "Usage: Latchkey.AuthenticatorApp [--data DIR] [--port N] [--server URL] [--no-browser]";

    public static bool TryParse(string[] args, [NotNullWhen(true)] out AppOptions? options, [NotNullWhen(false)] out string? problem)
    {
        var data = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Latchkey", "Authenticator");
        var port = 0;
        Uri? server = null;
        var opensBrowser = true;
        options = null;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--no-browser")
            {
                opensBrowser = false;
                continue;
            }

            if (args[i] is not ("--data" or "--port" or "--server") || i + 1 == args.Length)
            {
                problem = $"{args[i]} is not an option, or lacks its value.\n{Usage}";
                return false;
            }

            var (name, value) = (args[i], args[++i]);
            if (name == "--data")
            {
                data = Path.GetFullPath(value);
            }
            else if (name == "--port" ? !ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) : !ServerEntry.TryParseServer(value, out server))
            {
                problem = $"{value} is no {(name == "--port" ? "port" : "server address")}.\n{Usage}";
                return false;
            }
            else if (name == "--port")
            {
                port = int.Parse(value, CultureInfo.InvariantCulture);
            }
        }

        options = new(data, port, server, opensBrowser);
        problem = null;
        return true;
    }
}
