using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.AuthenticatorApp.Features.AddAccount;
using Latchkey.AuthenticatorApp.Features.ScanQrCode;
using Latchkey.AuthenticatorApp.Shell;
using Latchkey.Look;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Latchkey.AuthenticatorApp;

/// <summary>The web server inside the program: what it listens on, what it serves, and who stands at its door.</summary>
internal static class AppHost
{
    /// <summary>Builds it, and has it listen.</summary>
    /// <exception cref="IOException">The port can't be used.</exception>
    public static async Task<WebApplication> StartAsync(AppOptions options)
    {
        var sockets = LoopbackSockets.Bind(options.Port);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(App).Assembly.GetName().Name });
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseSockets(transport => transport.CreateBoundListenSocket = sockets.SocketFor);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            sockets.Listen(kestrel);
            if (!kestrel.ListenForLinks(options.DataDirectory))
            {
                Console.Error.WriteLine("The data directory's name is too long for a socket: links can't be handed to this Authenticator.");
            }
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.Critical); // why it did not start is said in one line
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        // What these keys protect ends with the program; nothing of it is kept, here or in the person's home.
        builder.Services.AddDataProtection().AddKeyManagementOptions(keys => (keys.XmlRepository, keys.XmlEncryptor) = (new KeysInMemory(), new NullXmlEncryptor()));
        // The guard says who may show this app in a frame; nobody else has a word in it.
        builder.Services.AddAntiforgery(antiforgery => antiforgery.SuppressXFrameOptionsHeader = true);
        builder.Services.AddHostedService<BrowserSocket>();
        builder.Services.AddHostedService<LiveConnection>();
        builder.Services.AddAuthenticator(options);

        var app = builder.Build();
        var guard = app.Services.GetRequiredService<LoopbackGuard>();
        guard.Port = sockets.Port;
        app.Use(guard.InvokeAsync);
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapEmbeddedFiles();
        app.MapSignInCallback();
        app.MapOpen();
        // The guard says what is said of frames and sub-protocols. (What is set in the context of ConfigureWebSocketAcceptContext stays set for every
        // WebSocket of the process: it is one object.) On loopback there is nothing to gain by compression.
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => (server.ContentSecurityFrameAncestorsPolicy, server.DisableWebSocketCompression) = (null, true));

        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        SingleInstance.GuardSocket(options.DataDirectory);
        var root = new Uri($"http://127.0.0.1:{sockets.Port}/");
        var flow = app.Services.GetRequiredService<AddAccountFlow>();
        flow.CallbackRoot = root;
        var idle = app.Services.GetRequiredService<IdleLock>();
        idle.HoldWhile(() => flow.Step is not null);
        idle.HoldWhile(() => app.Services.GetRequiredService<ScanQrCodeFlow>().Step is ScanStep.Checking or ScanStep.Meeting);
        app.Services.GetRequiredService<AppWindow>().Root = root;
        return app;
    }
}
