using System.Globalization;
using Latchkey.Hybrid.Advert;

namespace Latchkey.Phone.Computer;

/// <summary>The tunnel service of the rehearsal, on loopback, under a name that only the rehearsal's browser resolves.</summary>
internal sealed class MeetingPoint : IAsyncDisposable
{
    /// <summary>A hashed domain nobody owns, as far as we know; here its name never leaves this machine.</summary>
    public static readonly TunnelDomain Domain = new(4242);

    private readonly ChildProgram _relay;

    private MeetingPoint(ChildProgram relay, TestAuthority authority, int port) => (_relay, Authority, Port) = (relay, authority, port);

    /// <summary>Who vouches for its name.</summary>
    public TestAuthority Authority { get; }

    /// <summary>Its loopback port.</summary>
    public int Port { get; }

    /// <summary>How a program that does not resolve the name reaches it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"wss://127.0.0.1:{Port}");

    /// <summary>How a browser reaches it by its name, and nothing else but this machine.</summary>
    public string ResolverRules => string.Create(CultureInfo.InvariantCulture, $"MAP {Domain.HostName}:443 127.0.0.1:{Port}, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1");

    public static async Task<MeetingPoint> StartAsync(DirectoryInfo directory, CancellationToken cancellationToken)
    {
        var authority = new TestAuthority(directory);
        await authority.IssueAsync(Domain.HostName, TimeProvider.System.GetUtcNow(), cancellationToken);
        var relay = ChildProgram.StartOwn("Latchkey.TunnelService", ["--port", "0", "--certificate", authority.CertificateFile, "--key", authority.KeyFile]);
        try
        {
            var address = new Uri(await relay.LineAsync("Listening on ", cancellationToken));
            return new(relay, authority, address.Port);
        }
        catch
        {
            await relay.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _relay.DisposeAsync();
}
