using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Latchkey.TunnelService;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Latchkey.Hybrid.Tests.Tunnel;

/// <summary>Something on a loopback port, with a certificate of an authority of its own: the real relay, or what a test makes of it.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _caFile = Path.GetTempFileName();

    private Service(WebApplication app, X509Certificate2 authority)
    {
        _app = app;
        File.WriteAllText(_caFile, authority.ExportCertificatePem());
    }

    /// <summary>The authority's certificate.</summary>
    public string CaFile => _caFile;

    public int Port => new Uri(_app.Urls.First()).Port;

    public Uri Address => new($"wss://localhost:{Port}");

    public static Task<Service> RelayAsync(string hostName = "localhost") => StartAsync(hostName, app => app.MapTunnelService());

    public static async Task<Service> StartAsync(string hostName, Action<WebApplication> map, bool tls = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var request = new CertificateRequest("CN=A test's authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var server = Issue(authority, hostName, now);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddTunnelService(new());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            if (tls) listen.UseHttps(server);
        }));
        var app = builder.Build();
        app.UseWebSockets();
        map(app);
        await app.StartAsync();
        return new(app, authority);
    }

    /// <summary>Goes to this service whatever the name.</summary>
    public async ValueTask<Stream> DialAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        File.Delete(_caFile);
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string hostName, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hostName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(hostName);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], critical: false));
        using var certificate = request.Create(authority, now.AddHours(-1), now.AddHours(12), RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pfx), null);
    }
}
