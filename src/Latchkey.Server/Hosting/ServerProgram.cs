using System.Net;
using System.Net.Sockets;
using Latchkey.Look;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.Server.Features.Admin;
using Latchkey.Server.Features.Approvals;
using Latchkey.Server.Features.Attestation;
using Latchkey.Server.Features.AuthenticationMethods;
using Latchkey.Server.Features.GetAuthenticator;
using Latchkey.Server.Features.Live;
using Latchkey.Server.Features.OpenIdConnect;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Features.RegistrationPlan;
using Latchkey.Server.Features.SecurityInfo;
using Latchkey.Server.Features.SignIn;
using Latchkey.Server.Features.StepUp;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Latchkey.TunnelService;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Hosting;

/// <summary>Puts the server together: storage, keys, features, in that order.</summary>
public static class ServerProgram
{
    public static async Task<int> RunAsync(ServerOptions options)
    {
        options = options with { Port = options.Port == 0 ? FreePort() : options.Port };
        PrivateFiles.KeepEverythingPrivate();
        PrivateFiles.CreateDirectory(options.DataDirectory);
        using var alone = LockDirectory(options.DataDirectory);
        await using var app = Build(options);
        await PrepareAsync(app.Services, options);
        await app.StartAsync();
        Console.WriteLine($"Listening on {options.OriginText}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>The whole server, not started. Tests change services through <paramref name="configure"/>.</summary>
    public static WebApplication Build(ServerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        PrivateFiles.CreateDirectory(options.DataDirectory);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory, ApplicationName = "Latchkey.Server" });
        var keys = ServerKeys.LoadOrCreate(Path.Combine(options.DataDirectory, "keys"));
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning).AddFilter("Latchkey", LogLevel.Information).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenFor(options));

        builder.Services.AddSingleton(options).AddSingleton(keys).AddSingleton(TimeProvider.System).AddHttpContextAccessor();
        builder.Services.AddDataProtection().SetApplicationName("Latchkey")
            .PersistKeysToFileSystem(Directory.CreateDirectory(Path.Combine(options.DataDirectory, "keys", "data-protection")));
        builder.Services.AddStorage(options);
        builder.Services.AddSingleton(services => new WebAuthnRelyingParty(
            new RelyingPartyScope(options.RpId, [options.OriginText]),
            "Latchkey",
            new CeremonySeal(options.RpId, keys.CeremonySeal, keys.CeremonySealId, keys.OlderSeals),
            services.GetRequiredService<TimeProvider>()));
        builder.Services.AddRazorComponents();
        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = options.IsHttps ? "__Host-latchkey-form" : "latchkey-form";
            antiforgery.Cookie.SecurePolicy = options.IsHttps ? CookieSecurePolicy.Always : CookieSecurePolicy.None;
            antiforgery.SuppressXFrameOptionsHeader = true; // sent with the other security headers
        });
        builder.Services.AddAuthentication(SessionCookie.Scheme).AddSessionCookie(options);
        builder.Services.AddAuthorization();
        builder.Services.AddOpenIdConnect(options, keys);
        builder.Services.AddSignIn();
        builder.Services.AddSecurityInfo();
        builder.Services.AddPolicies();
        builder.Services.AddRegistrationPlan();
        builder.Services.AddLive();
        builder.Services.AddAdmin();
        if (options.HasTunnel) builder.Services.AddTunnelService(new TunnelLimits());
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseSecurityHeaders(options);
        app.UseLocalAdminDoor();
        app.UseOwnAddress(options);
        app.UseExceptionHandler(failed => failed.Run(ErrorPage.ShowAsync));
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapEmbeddedFiles();
        app.MapGet("/health", async (LatchkeyDb db, CancellationToken cancellation) =>
            await db.Database.CanConnectAsync(cancellation) ? Results.Text("healthy") : Results.Text("no database", statusCode: 503));
        app.MapGet("/", () => Results.Redirect("/security-info"));
        app.MapSignIn();
        app.MapStepUp();
        app.MapSecurityInfo();
        app.MapGetAuthenticator();
        app.MapOpenIdConnect();
        app.MapAuthenticationMethods();
        app.MapRegistrationPlan();
        app.MapAttestation();
        app.MapPolicies();
        app.MapApprovals();
        app.MapLive();
        app.MapAdmin();
        if (options.HasTunnel) app.MapTunnelService();
        app.MapNotFoundPage();
        return app;
    }

    /// <summary>Brings the database up to date, registers the clients and makes the demo organisation if asked.</summary>
    public static async Task PrepareAsync(IServiceProvider services, ServerOptions options)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
        await db.Database.MigrateAsync();
        if (!await db.Organisations.AnyAsync())
        {
            db.Organisations.Add(new Organisation());
            await db.SaveChangesAsync();
        }

        await scope.ServiceProvider.GetRequiredService<NameRenewal>().RunOnceAsync(CancellationToken.None);
        await scope.ServiceProvider.GetRequiredService<AttestationAuthorities>().CreateOnceAsync(CancellationToken.None);
        await OpenIdClients.RegisterAsync(scope.ServiceProvider);
        if (options.Demo)
        {
            await DemoOrganisation.CreateOnceAsync(scope.ServiceProvider, options);
        }
    }

    private static FileStream LockDirectory(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken)
        {
            throw new IOException($"Another Latchkey server is already running on {directory}.", taken);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
