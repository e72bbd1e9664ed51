using System.Globalization;
using System.Net;

namespace Latchkey.TunnelService;

/// <summary>The relay's command line. Wrong use throws <see cref="FormatException"/> with a sentence for the person who typed it.</summary>
internal sealed record RelayOptions
{
    public const string Usage = """
        Latchkey.TunnelService [--port N] [--bind ADDRESS] [--certificate FILE --key FILE] [--trusted-proxy ADDRESS] [limits]
          --port N                  5190; 0 lets the system choose
          --bind ADDRESS            127.0.0.1; 0.0.0.0 or :: for every address of this machine
          --certificate, --key      the name's certificate (with those of its issuers) and key, as PEM files
          --trusted-proxy ADDRESS   a proxy (or a network of proxies, as 10.1.0.0/16) whose X-Forwarded-For is believed; may be given again
          --idle SECONDS            a tunnel that carries nothing for so long is closed (300)
          --lifetime SECONDS        no tunnel lives longer (900)
          --message-bytes N         bytes in one message (65792)
          --messages N              messages in one tunnel (1000)
          --tunnels N               open tunnels in all (10000)
          --tunnels-per-address N   open tunnels of one address (100); 0: any number
          --drain SECONDS           how long open tunnels may go on when the program is asked to stop (10)
          --help                    this
        """;

    public int Port { get; private init; } = 5190;

    public IPAddress Bind { get; private init; } = IPAddress.Loopback;

    public string? CertificateFile { get; private init; }

    public string? KeyFile { get; private init; }

    public IReadOnlyList<IPNetwork> TrustedProxies { get; private init; } = [];

    public TunnelLimits Limits { get; private init; } = new();

    public static RelayOptions Parse(IReadOnlyList<string> args)
    {
        var options = new RelayOptions();
        for (var i = 0; i < args.Count; i += 2)
        {
            var name = args[i];
            var value = i + 1 < args.Count ? args[i + 1] : null;
            options = name switch
            {
                "--port" => options with { Port = Number(name, value, 0, IPEndPoint.MaxPort) },
                "--bind" => options with { Bind = IPAddress.TryParse(value, out var address) ? address : throw Wrong(name, value, "is not an IP address") },
                "--certificate" => options with { CertificateFile = value ?? throw Wrong(name, value, "needs a file") },
                "--key" => options with { KeyFile = value ?? throw Wrong(name, value, "needs a file") },
                "--trusted-proxy" => options with { TrustedProxies = [.. options.TrustedProxies, Proxy(name, value)] },
                "--idle" => options with { Limits = options.Limits with { Idle = Seconds(name, value) } },
                "--lifetime" => options with { Limits = options.Limits with { Lifetime = Seconds(name, value) } },
                "--message-bytes" => options with { Limits = options.Limits with { MessageBytes = Number(name, value, 1, int.MaxValue / 2) } },
                "--messages" => options with { Limits = options.Limits with { Messages = Number(name, value, 1, int.MaxValue) } },
                "--tunnels" => options with { Limits = options.Limits with { Tunnels = Number(name, value, 1, int.MaxValue) } },
                "--tunnels-per-address" => options with { Limits = options.Limits with { TunnelsPerAddress = Number(name, value, 0, int.MaxValue) } },
                "--drain" => options with { Limits = options.Limits with { Drain = TimeSpan.FromSeconds(Number(name, value, 0, 3600)) } },
                _ => throw new FormatException($"Unknown option {name}.\n{Usage}"),
            };
        }

        if ((options.CertificateFile is null) != (options.KeyFile is null)) throw new FormatException("--certificate and --key go together.");
        return options;
    }

    private static IPNetwork Proxy(string name, string? value) =>
        value is null ? throw Wrong(name, value, "") : TunnelService.TrustedProxies.TryParse(value, out var network, out var why) ? network : throw Wrong(name, value, why);

    private static TimeSpan Seconds(string name, string? value) => TimeSpan.FromSeconds(Number(name, value, 1, 86_400));

    private static int Number(string name, string? value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw Wrong(name, value, $"is not a number from {least} to {most}");

    private static FormatException Wrong(string name, string? value, string why) =>
        new(value is null ? $"{name} needs a value.\n{Usage}" : $"{name} {value} {why}.");
}
