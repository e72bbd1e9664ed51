using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Latchkey.TunnelService;

/// <summary>The relay alone: Kestrel, the two addresses, a health route.</summary>
internal static class RelayProgram
{
    /// <summary>A slow reader holds up its sender after so many bytes, in each direction.</summary>
    private const int ConnectionBufferBytes = 64 * 1024;

    /// <summary>The whole relay, not started. Tests change services through <paramref name="configure"/>.</summary>
    public static WebApplication Build(RelayOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
            // A request's path names a tunnel: no log of requests.
            .SetMinimumLevel(LogLevel.Warning).AddFilter("Latchkey", LogLevel.Information)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical); // why it did not start is said in one line
        builder.Configuration["ForwardedHeaders_Enabled"] = "false"; // an environment variable would have everybody believed
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Limits.Drain + TimeSpan.FromSeconds(10));
        builder.Services.AddTunnelService(options.Limits);
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseTrustedProxies(options.TrustedProxies, isBehindSocket: false, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Latchkey.TunnelService.TrustedProxies"));
        var registry = app.Services.GetRequiredService<TunnelRegistry>();
        app.MapGet("/health", (RequestDelegate)(context =>
        {
            context.Response.StatusCode = registry.IsDraining ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            return context.Response.WriteAsync(registry.IsDraining ? "stopping" : "healthy");
        }));
        app.MapTunnelService();
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, RelayOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.MaxRequestBufferSize = ConnectionBufferBytes;
        kestrel.Limits.MaxResponseBufferSize = ConnectionBufferBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(30);
        kestrel.Listen(options.Bind, options.Port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1; // what both ends speak here
            if (options.CertificateFile is { } file)
            {
                var (identity, chain) = ServerCertificate.Load(file, options.KeyFile!, TimeProvider.System.GetUtcNow());
                listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificate = identity, ServerCertificateChain = chain });
            }
        });
    }
}
