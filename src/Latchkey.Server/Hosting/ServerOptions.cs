using System.Globalization;

namespace Latchkey.Server.Hosting;

/// <summary>What the command line says. Wrong use throws <see cref="CommandLineException"/> with a sentence for the person who typed it.</summary>
public sealed record ServerOptions
{
    public required string DataDirectory { get; init; }

    /// <summary>0: the system chooses.</summary>
    public int Port { get; init; } = 5180;

    /// <summary>The address people use, if it is not <c>http://localhost:PORT</c>.</summary>
    public Uri? Url { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public bool Demo { get; init; }

    public string? DemoFile { get; init; }

    /// <summary>Whether the relay of cross-device sign-in is part of this server.</summary>
    public bool HasTunnel { get; init; } = true;

    public const string Usage =
        "Latchkey.Server --data DIR [--port N] [--url https://NAME --certificate FILE --key FILE] [--no-tunnel] [--demo] [--demo-file FILE]";

    /// <summary>The origin every page, token and passkey of this server belongs to.</summary>
    public Uri Origin => Url ?? new Uri($"http://localhost:{Port}");

    public bool IsHttps => Origin.Scheme == Uri.UriSchemeHttps;

    public string RpId => Origin.Host;

    /// <summary>The origin as browsers write it: no path, no default port.</summary>
    public string OriginText => Origin.GetLeftPart(UriPartial.Authority);

    public string AdminSocket => Path.Combine(DataDirectory, "admin.sock");

    public static ServerOptions Parse(IReadOnlyList<string> args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--demo" or "--no-tunnel")
            {
                values[args[i]] = "true";
                continue;
            }

            if (args[i] is not ("--data" or "--port" or "--url" or "--certificate" or "--key" or "--demo-file"))
            {
                throw new CommandLineException($"Unknown option {args[i]}.\n{Usage}");
            }

            values[args[i]] = i + 1 < args.Count ? args[++i] : throw new CommandLineException($"{args[i]} needs a value.\n{Usage}");
        }

        var options = new ServerOptions
        {
            DataDirectory = Path.GetFullPath(values.GetValueOrDefault("--data") ?? throw new CommandLineException($"--data DIR is missing.\n{Usage}")),
            Port = values.TryGetValue("--port", out var port) ? ParsePort(port) : 5180,
            Url = values.TryGetValue("--url", out var url) ? ParseUrl(url) : null,
            CertificateFile = values.GetValueOrDefault("--certificate"),
            KeyFile = values.GetValueOrDefault("--key"),
            Demo = values.ContainsKey("--demo"),
            DemoFile = values.GetValueOrDefault("--demo-file"),
            HasTunnel = !values.ContainsKey("--no-tunnel"),
        };
        if ((options.CertificateFile is null) != (options.KeyFile is null))
        {
            throw new CommandLineException("--certificate and --key go together.");
        }

        return options;
    }

    private static int ParsePort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65_535
            ? port
            : throw new CommandLineException($"--port {text} is not a port number (0 to 65535).");

    private static Uri ParseUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps && url.AbsolutePath == "/"
            && url.HostNameType == UriHostNameType.Dns
            ? url
            : throw new CommandLineException($"--url {text} must be https://NAME, without a path: passkeys belong to a name, not to an IP address.");
}

/// <summary>The command line was used wrongly; the message says how to use it.</summary>
public sealed class CommandLineException(string message) : Exception(message);
