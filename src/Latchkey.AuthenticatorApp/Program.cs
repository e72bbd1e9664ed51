using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Features.AddAccount;
using Latchkey.AuthenticatorApp.Shell;
using Latchkey.Look;

if (!AppOptions.TryParse(args, out var options, out var problem))
{
    await Console.Error.WriteLineAsync(problem);
    return 2;
}

var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(App).Assembly.GetName().Name });
builder.WebHost.UseStaticWebAssets();
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, options.Port));
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
builder.Services.AddHttpClient(VaultSession.ServerHttp, http => http.Timeout = TimeSpan.FromSeconds(30));
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(options);
builder.Services.AddSingleton<LoopbackGuard>();
builder.Services.AddSingleton<PinWindow>();
builder.Services.AddSingleton<VaultSession>();
builder.Services.AddSingleton<AddAccountFlow>();

await using var app = builder.Build();
var guard = app.Services.GetRequiredService<LoopbackGuard>();
app.Use(guard.InvokeAsync);
app.UseAntiforgery();
app.MapStaticAssets();
app.MapEmbeddedFiles();
app.MapSignInCallback();
app.MapRazorComponents<App>().AddInteractiveServerRenderMode();

try
{
    await app.StartAsync();
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"The Authenticator could not start: {e.Message} Choose another port with --port.");
    return 1;
}

var address = new Uri(app.Urls.First());
app.Services.GetRequiredService<AddAccountFlow>().CallbackRoot = address;
guard.Authority = address.Authority;
Console.WriteLine($"Listening on {new Uri(address, $"/?token={guard.LaunchToken}")}");
if (options.OpensBrowser)
{
    SystemBrowser.Open(new Uri(address, $"/?token={guard.LaunchToken}"));
}

await app.WaitForShutdownAsync();
return 0;
