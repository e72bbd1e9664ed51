using System.Globalization;
using System.Net;
using Latchkey.Api;

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

    /// <summary>Where to listen; absent: every address with a certificate, this machine alone without.</summary>
    public IPAddress? Bind { get; init; }

    /// <summary>The proxies whose word it is whom they speak for.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>A Unix socket to listen on instead of the port, for a proxy on this machine.</summary>
    public string? ProxySocket { get; init; }

    /// <summary>The operator's own file of the places of addresses (.mmdb); absent: no place is shown, and none is asked for anywhere.</summary>
    public string? PlacesFile { get; init; }

    public bool Demo { get; init; }

    public string? DemoFile { get; init; }

    /// <summary>Whether the relay of cross-device sign-in is part of this server.</summary>
    public bool HasTunnel { get; init; } = true;

    public const string Usage = """
        Latchkey.Server --data DIR [--port N] [--url https://NAME] [--certificate FILE --key FILE | --trusted-proxy ADDRESS] [more]
          --data DIR                where everything is kept
          --port N                  5180; 0 lets the system choose
          --url https://NAME        the address people use, if it is not http://localhost:PORT
          --certificate, --key      the name's certificate (with those of its issuers) and key, as PEM files
          --trusted-proxy ADDRESS   a proxy (or a network of proxies, as 10.1.0.0/16) that ends TLS, whose X-Forwarded-For is believed; may be given again
          --socket PATH             a Unix socket for a proxy on this machine, instead of the port; whoever may open it is believed
          --bind ADDRESS            where to listen: 127.0.0.1 and ::1 without a certificate, every address with one
          --places FILE             a database of the places of addresses (.mmdb); people then see where they're signed in, nobody else is asked
          --no-tunnel               without the relay of cross-device sign-in
          --demo, --demo-file FILE  makes a demo organisation, and writes its people's credentials to FILE; for this computer alone, so not with --url
          --help                    this
        """;

    /// <summary>The origin every page, token and passkey of this server belongs to.</summary>
    public Uri Origin => Url ?? new Uri($"http://localhost:{Port}");

    public bool IsHttps => Origin.Scheme == Uri.UriSchemeHttps;

    public string RpId => Origin.Host;

    /// <summary>The origin as browsers write it: no path, no default port.</summary>
    public string OriginText => Origin.GetLeftPart(UriPartial.Authority);

    public string DatabaseFile => Path.Combine(DataDirectory, "latchkey.db");

    /// <summary>Whether anything may stand between a client and this server.</summary>
    public bool IsBehindProxy => TrustedProxies.Count > 0 || ProxySocket is not null;

    public string AdminSocket => Path.Combine(DataDirectory, "admin.sock");

    public static ServerOptions Parse(IReadOnlyList<string> args)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var proxies = new List<IPNetwork>();
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] is "--demo" or "--no-tunnel")
            {
                values[args[i]] = "true";
                continue;
            }

            if (args[i] is not ("--data" or "--port" or "--url" or "--certificate" or "--key" or "--trusted-proxy" or "--socket" or "--bind" or "--places" or "--demo-file"))
            {
                throw new CommandLineException($"Unknown option {args[i]}.\n{Usage}");
            }

            var (name, value) = (args[i], i + 1 < args.Count ? args[++i] : throw new CommandLineException($"{args[i]} needs a value.\n{Usage}"));
            if (name != "--trusted-proxy")
            {
                values[name] = value;
            }
            else
            {
                proxies.Add(TunnelService.TrustedProxies.TryParse(value, out var network, out var why) ? network : throw new CommandLineException($"{name} {value} {why}."));
            }
        }

        var options = new ServerOptions
        {
            DataDirectory = Path.GetFullPath(values.GetValueOrDefault("--data") ?? throw new CommandLineException($"--data DIR is missing.\n{Usage}")),
            Port = values.TryGetValue("--port", out var port) ? ParsePort(port) : 5180,
            Url = values.TryGetValue("--url", out var url) ? ParseUrl(url) : null,
            CertificateFile = values.GetValueOrDefault("--certificate"),
            KeyFile = values.GetValueOrDefault("--key"),
            Bind = values.TryGetValue("--bind", out var bind) ? ParseBind(bind) : null,
            TrustedProxies = proxies,
            ProxySocket = values.TryGetValue("--socket", out var socket) ? Path.GetFullPath(socket) : null,
            PlacesFile = values.TryGetValue("--places", out var places) ? Path.GetFullPath(places) : null,
            Demo = values.ContainsKey("--demo"),
            DemoFile = values.GetValueOrDefault("--demo-file"),
            HasTunnel = !values.ContainsKey("--no-tunnel"),
        };
        Demand(options);
        return options;
    }

    private static void Demand(ServerOptions options)
    {
        if ((options.CertificateFile is null) != (options.KeyFile is null))
        {
            throw new CommandLineException("--certificate and --key go together.");
        }

        if (options.Url is null && (options.CertificateFile ?? options.ProxySocket) is not null)
        {
            throw new CommandLineException("--certificate and --socket need --url https://NAME: the name people use.");
        }

        // Its passwords stand in a file: nobody else is to reach them.
        if (options is { Demo: true, Url.IsLoopback: false })
        {
            throw new CommandLineException("--demo makes people whose passwords stand in a file: it is for this computer alone. Leave it out beside --url, and add people with `latchkey user add`.");
        }

        if (options is { ProxySocket: not null, CertificateFile: not null } or { ProxySocket: not null, Bind: not null })
        {
            throw new CommandLineException("--socket takes the place of the port: --certificate and --bind say nothing beside it.");
        }

        // Everybody would come from the proxy's address: one who guesses would lock out all, and no log would say who it was.
        if (options is { Url: not null, CertificateFile: null, IsBehindProxy: false })
        {
            throw new CommandLineException(
                $"--url {options.OriginText} needs either --certificate FILE and --key FILE, so that this server speaks https itself, "
                + "or --trusted-proxy ADDRESS (such as 127.0.0.1), the proxy in front of it that does and says in X-Forwarded-For whom it speaks for.");
        }

        if (options is { Bind: { } address, CertificateFile: null, IsBehindProxy: false } && !IPAddress.IsLoopback(address))
        {
            throw new CommandLineException($"--bind {address} would carry passwords in the clear: it needs --certificate and --key, or --trusted-proxy.");
        }
    }

    private static int ParsePort(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65_535
            ? port
            : throw new CommandLineException($"--port {text} is not a port number (0 to 65535).");

    private static IPAddress ParseBind(string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw new CommandLineException($"--bind {text} is not an IP address.");

    private static Uri ParseUrl(string text)
    {
        if (CanonicalAddress.TryParse(text, cut: false, out var url, out var problem) && url.Scheme == Uri.UriSchemeHttps)
        {
            return url;
        }

        throw new CommandLineException($"--url {text} can't be used: " + problem switch
        {
            CanonicalAddress.Problem.None or CanonicalAddress.Problem.NotHttps => "it must begin with https://.",
            CanonicalAddress.Problem.UserInfo => "leave out what stands before the @.",
            CanonicalAddress.Problem.IpAddress => "passkeys belong to a name, not to an IP address. Give https://NAME.",
            CanonicalAddress.Problem.Name => "its host is no name that browsers take. Give https://NAME, as the browser's address bar has it.",
            CanonicalAddress.Problem.Port => "its port is no number from 1 to 65535.",
            CanonicalAddress.Problem.More => "leave out everything after the name: the portal stands at the root of its address.",
            _ => "it must be https://NAME, without a path.",
        });
    }
}

/// <summary>The command line was used wrongly; the message says how to use it.</summary>
public sealed class CommandLineException(string message) : Exception(message);
