using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using Latchkey.Hybrid.Advert;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>What the program was started with.</summary>
/// <param name="DataDirectory">Where the vault is.</param>
internal sealed record AppOptions(string DataDirectory)
{
    public const string Usage = """
        Usage: Latchkey.AuthenticatorApp [options]
          --data DIR              where the vault is (latchkey among this person's application data)
          --port N                the loopback port; 0, or left out, lets the system choose
          --server URL            the server offered when an account is added
          --open LINK             a FIDO:/, latchkey: or otpauth: link to open
          --no-browser            opens no window: prints the address of one
          --background            starts without a window, as browsers do
          --install, --uninstall  becomes this person's Authenticator, or no longer is it, and ends
          --tunnel-domain N       the tunnel domain to meet browsers at, in place of the organisation's
          --tunnel-url URL        where the tunnel service is, when it is not reached by its domain's name
          --ca FILE               a PEM file of certificates it is trusted by, besides the system's
          --shown-in ORIGIN       the one origin http://127.0.0.1:PORT that may show it in a frame
          --phone SOCKET          the virtual phone it is the Authenticator of
          --turn-on-provider DIR  turns it on for the Chromium of that user data directory, and ends
          --help                  this
        """;

    /// <summary>The loopback port; 0 lets the system choose.</summary>
    public int Port { get; init; }

    /// <summary>The server offered when an account is added, if the organisation has set one.</summary>
    public Uri? Server { get; init; }

    /// <summary>Whether to open the app's window at the start.</summary>
    public bool OpensBrowser { get; init; } = true;

    /// <summary>Whether it starts without a window: a browser needs it, and shows one when the person is asked.</summary>
    public bool InBackground { get; init; }

    /// <summary>The tunnel domain, when it is not the organisation's.</summary>
    public TunnelDomain? TunnelDomain { get; init; }

    /// <summary>Where the tunnel service is reached, when that is not its public name.</summary>
    public Uri? TunnelUrl { get; init; }

    /// <summary>A PEM file of certificates the tunnel service's is trusted by, besides the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>A <c>FIDO:/</c> or <c>latchkey:</c> link to open.</summary>
    public string? Open { get; init; }

    /// <summary>The one origin that may show this app in a frame, such as <c>http://127.0.0.1:7090</c>.</summary>
    public string? ShownIn { get; init; }

    /// <summary>The socket of the virtual phone that this is the Authenticator of; null on a computer.</summary>
    public string? Phone { get; init; }

    /// <summary>A Chromium's user data directory to turn the Authenticator on for, and do nothing else: a profile apart, as tests and kiosks have them.</summary>
    public string? TurnOnProvider { get; init; }

    /// <summary>To become the person's Authenticator, or no longer be it, and do nothing else.</summary>
    public InstallationWish? Installation { get; init; }

    /// <summary>The options of a start in the background that works on the same data in the same way.</summary>
    public IEnumerable<string> ForBackground =>
    [
        "--data", DataDirectory,
        .. Server is { } server ? ["--server", server.AbsoluteUri] : Array.Empty<string>(),
        .. TunnelDomain is { } domain ? ["--tunnel-domain", domain.Id.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
        .. TunnelUrl is { } url ? ["--tunnel-url", url.AbsoluteUri] : Array.Empty<string>(),
        .. CaFile is { } file ? ["--ca", file] : Array.Empty<string>(),
        "--background",
    ];

    public static bool TryParse(string[] args, [NotNullWhen(true)] out AppOptions? options, [NotNullWhen(false)] out string? problem)
    {
        var parsed = new AppOptions(Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "Latchkey", "Authenticator"));
        options = null;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--no-browser")
            {
                parsed = parsed with { OpensBrowser = false };
                continue;
            }

            if (args[i] == "--background")
            {
                parsed = parsed with { InBackground = true };
                continue;
            }

            if (args[i] is "--install" or "--uninstall")
            {
                parsed = parsed with { Installation = args[i] == "--install" ? InstallationWish.Install : InstallationWish.Uninstall };
                continue;
            }

            // A menu starts the program with the same words as a link does, without the link.
            if (args[i] == "--open" && i == args.Length - 1) continue;

            var value = i + 1 < args.Length ? args[i + 1] : null;
            var (next, what) = (args[i++], value) switch
            {
                (_, null) => (null, null),
                ("--data", var directory) => (parsed with { DataDirectory = Path.GetFullPath(directory) }, "directory"),
                ("--port", var text) => (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? parsed with { Port = port } : null, "port"),
                ("--server", var text) => (ServerEntry.TryParseServer(text, out var server) ? parsed with { Server = server } : null, "server address"),
                ("--tunnel-domain", var text) => (TryParseDomain(text, out var domain) ? parsed with { TunnelDomain = domain } : null, "tunnel domain"),
                ("--tunnel-url", var text) => (TryParseTunnelUrl(text, out var url) ? parsed with { TunnelUrl = url } : null, "address of a tunnel service"),
                ("--ca", var file) => (File.Exists(file) ? parsed with { CaFile = Path.GetFullPath(file) } : null, "file"),
                ("--open", var link) => (OpenedLinks.IsLink(link) ? parsed with { Open = link } : null, "link of ours"),
                ("--shown-in", var text) => (IsLoopbackOrigin(text) ? parsed with { ShownIn = text } : null, "origin http://127.0.0.1:PORT"),
                ("--turn-on-provider", var directory) => (parsed with { TurnOnProvider = Path.GetFullPath(directory) }, "directory"),
                ("--phone", var socket) => (File.Exists(socket) ? parsed with { Phone = Path.GetFullPath(socket) } : null, "socket of a virtual phone"),
                _ => ((AppOptions?)null, (string?)null),
            };
            if (next is null)
            {
                problem = what is null ? $"{args[i - 1]} is not an option, or lacks its value.\n{Usage}" : $"{value} is no {what}.\n{Usage}";
                return false;
            }

            parsed = next;
        }

        options = parsed;
        problem = null;
        return true;
    }

    private static bool TryParseDomain(string text, out TunnelDomain domain)
    {
        var known = ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Hybrid.Advert.TunnelDomain.IsKnown(id);
        domain = known ? new(id) : default;
        return known;
    }

    private static bool TryParseTunnelUrl(string text, [NotNullWhen(true)] out Uri? url) =>
        Uri.TryCreate(text, UriKind.Absolute, out url) && url.Scheme is "wss" or "ws" or "https" or "http";

    // Only a page of this very machine, and no name that could lead elsewhere.
    private static bool IsLoopbackOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin)
        && origin.Scheme == Uri.UriSchemeHttp && origin.Host == IPAddress.Loopback.ToString()
        && text == $"http://{origin.Authority}";
}
