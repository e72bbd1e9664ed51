using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Xml;
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
    // What an IOException carries when another program holds the lock: EWOULDBLOCK of Linux and of macOS, and its like on Windows.
    private const int HeldByAnother = 11, HeldByAnotherOnMac = 35, SharingViolation = unchecked((int)0x80070020);

    /// <summary>Runs until it is asked to stop. What keeps it from starting is said in one line.</summary>
    public static async Task<int> MainAsync(IReadOnlyList<string> args, TextWriter error)
    {
        if (args.Any(arg => arg is "--help" or "-h"))
        {
            Console.WriteLine(ServerOptions.Usage);
            return 0;
        }

        ServerOptions options;
        try
        {
            options = ServerOptions.Parse(args);
        }
        catch (CommandLineException wrongUse)
        {
            await error.WriteLineAsync(wrongUse.Message);
            return 2;
        }

        try
        {
            return await RunAsync(options);
        }
        catch (Exception problem)
        {
            await error.WriteLineAsync(StartException.LineFor(DatabaseFile.Explain(problem, options.DatabaseFile), options.Port));
            return 1;
        }
    }

    private static async Task<int> RunAsync(ServerOptions options)
    {
        options = options with { Port = options.Port == 0 ? FreePort() : options.Port };
        PrivateFiles.KeepEverythingPrivate();
        PrivateFiles.CreateDirectory(options.DataDirectory);
        using var alone = LockDirectory(options.DataDirectory);
        foreach (var path in PrivateFiles.Mend(options.DataDirectory))
        {
            await Console.Error.WriteLineAsync($"{path} was open to other accounts of this machine, and is no longer. Whoever had an account may have read it.");
        }

        await using var app = Build(options);
        await PrepareAsync(app.Services, options);
        await app.StartAsync();
        Listening.OpenSocketForGroup(options);
        Console.WriteLine($"Listening on {options.OriginText}");
        await app.WaitForShutdownAsync();
        return 0;
    }

    /// <summary>The whole server, not started. Tests change services through <paramref name="configure"/>.</summary>
    public static WebApplication Build(ServerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        PrivateFiles.CreateDirectory(options.DataDirectory);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory, ApplicationName = "Latchkey.Server", EnvironmentName = Environments.Production,
        });
        builder.Configuration["ForwardedHeaders_Enabled"] = "false"; // an environment variable would have everybody believed
        var keys = ServerKeys.LoadOrCreate(Path.Combine(options.DataDirectory, "keys"));
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true)
            .SetMinimumLevel(LogLevel.Warning).AddFilter("Latchkey", LogLevel.Information).AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Critical).AddFilter("Microsoft.EntityFrameworkCore", LogLevel.Critical)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical); // why it did not start is said in one line
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenFor(options));

        builder.Services.AddSingleton(Places.Open(options.PlacesFile));
        builder.Services.AddSingleton<Health>().AddSingleton(options).AddSingleton(keys).AddSingleton(TimeProvider.System).AddHttpContextAccessor();
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
        app.UseHeadLikeGet();
        app.UseOwnScheme(options);
        app.UseTrustedProxies(options.TrustedProxies, options.ProxySocket is not null, app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Latchkey.Server.TrustedProxies"));
        app.UseRequestIds();
        app.UseErrorPages();
        app.UseLocalAdminDoor(options);
        app.UseOwnAddress(options);
        app.UseRouting(); // here, since HEAD is GET by now
        app.UseEscapedNames();
        app.UseKnownEncodings();
        app.UseReadableForms();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapEmbeddedFiles();
        Health.Map(app);
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
        return app;
    }

    /// <summary>Brings the database up to date, registers the clients and makes the demo organisation if asked.</summary>
    public static async Task PrepareAsync(IServiceProvider services, ServerOptions options)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<LatchkeyDb>();
        await DatabaseFile.DemandUsableAsync(db, options.DatabaseFile, CancellationToken.None);
        await db.Database.MigrateAsync();
        DemandFormKeys(scope.ServiceProvider, options);
        if (!await db.Organisations.AnyAsync())
        {
            db.Organisations.Add(new Organisation());
            await db.SaveChangesAsync();
        }

        await scope.ServiceProvider.GetRequiredService<NameRenewal>().RunOnceAsync(CancellationToken.None);
        await scope.ServiceProvider.GetRequiredService<AttestationAuthorities>().CreateOnceAsync(CancellationToken.None);
        await OpenIdClients.RegisterAsync(scope.ServiceProvider);
        if (!options.Demo && options.Url is { IsLoopback: false } && await DemoOrganisation.AnyLeftAsync(db))
        {
            throw new StartException(
                $"{options.DataDirectory} holds the demo organisation, whose passwords stand in a file: it must not be reached by others. Name another directory with --data, or start it without --url and delete the demo people ({string.Join(", ", DemoOrganisation.Names)}) with `latchkey user delete NAME` first.");
        }

        if (options.Demo)
        {
            await DemoOrganisation.CreateOnceAsync(scope.ServiceProvider, options);
        }
    }

    /// <summary>The keys of cookies and forms are read at their first use; one that is damaged would then fail every page.</summary>
    private static void DemandFormKeys(IServiceProvider services, ServerOptions options)
    {
        try
        {
            services.GetDataProtector("start").Protect([0]);
        }
        catch (Exception problem) when (problem is CryptographicException or XmlException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            throw new StartException(
                $"A key in {Path.Combine(options.DataDirectory, "keys", "data-protection")} is damaged, or no new one can be written there. Put them back from a backup, or delete the damaged one: who was signed in signs in again. ({problem.Message})",
                problem);
        }
    }

    private static FileStream LockDirectory(string directory)
    {
        try
        {
            return new FileStream(Path.Combine(directory, "server.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (taken.HResult is HeldByAnother or HeldByAnotherOnMac or SharingViolation)
        {
            throw new StartException($"Another Latchkey server is already running on {directory}.", taken);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
