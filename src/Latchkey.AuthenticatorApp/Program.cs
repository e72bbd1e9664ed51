using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Browsers;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;
using Latchkey.AuthenticatorApp.Features.AddAccount;
using Latchkey.AuthenticatorApp.Features.ScanQrCode;
using Latchkey.AuthenticatorApp.Shell;
using Latchkey.Look;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

if (!AppOptions.TryParse(args, out var options, out var problem))
{
    await Console.Error.WriteLineAsync(problem);
    return 2;
}

if (options.TurnOnProvider is { } profile)
{
    return await BrowserProvider.TurnOnApartAsync(options, profile);
}

if (options.Installation is { } wish)
{
    return await Installation.RunAsync(options, wish);
}

// In the background nobody asked for a window: the one that runs shows none either.
if (options.InBackground
    ? await SingleInstance.IsRunningAsync(options.DataDirectory, CancellationToken.None)
    : await SingleInstance.HandOverAsync(options.DataDirectory, options.Open, CancellationToken.None))
{
    Console.WriteLine("The Authenticator that runs already has it.");
    return 0;
}

var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(App).Assembly.GetName().Name });
builder.WebHost.UseStaticWebAssets();
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Listen(System.Net.IPAddress.Loopback, options.Port);
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

await using var app = builder.Build();
var guard = app.Services.GetRequiredService<LoopbackGuard>();
app.Use(guard.InvokeAsync);
app.UseAntiforgery();
app.MapStaticAssets();
app.MapEmbeddedFiles();
app.MapSignInCallback();
app.MapOpen();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null);

try
{
    await app.StartAsync();
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"The Authenticator could not start: {e.Message} Choose another port with --port.");
    return 1;
}

SingleInstance.GuardSocket(options.DataDirectory);
var address = new Uri(app.Urls.First(url => url.StartsWith("http://127.", StringComparison.Ordinal)));
app.Services.GetRequiredService<AddAccountFlow>().CallbackRoot = address;
var idle = app.Services.GetRequiredService<IdleLock>();
idle.HoldWhile(() => app.Services.GetRequiredService<AddAccountFlow>().Step is not null);
idle.HoldWhile(() => app.Services.GetRequiredService<ScanQrCodeFlow>().Step is ScanStep.Checking or ScanStep.Meeting);
guard.Authority = address.Authority;
var window = app.Services.GetRequiredService<AppWindow>();
window.Address = new Uri(address, $"/?token={guard.LaunchToken}");
Console.WriteLine($"Listening on {window.Address}");
if (options.Open is { } link)
{
    app.Services.GetRequiredService<OpenedLinks>().Open(link);
}

if (!options.InBackground) window.Show();

await app.WaitForShutdownAsync();
return 0;
