using Latchkey.AuthenticatorApp;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms.Desktop;

if (args.Any(arg => arg is "--help" or "-h"))
{
    Console.WriteLine(AppOptions.Usage);
    return 0;
}

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

if (DataDirectory.WhyNotIn(options.DataDirectory) is { } reason)
{
    await Console.Error.WriteLineAsync(reason);
    return 1;
}

// In the background nobody asked for a window: the one that runs shows none either.
var running = !options.InBackground ? await SingleInstance.HandOverAsync(options.DataDirectory, options.Open, CancellationToken.None)
    : await SingleInstance.IsRunningAsync(options.DataDirectory, CancellationToken.None) ? HandedOver.Taken
    : null;
if (running is { } taken)
{
    Console.WriteLine("The Authenticator that runs already has it.");
    if (taken.Window is not { } address) return 0;
    // It was started not to open any itself.
    Console.WriteLine($"Open {address}");
    if (options.OpensBrowser) SystemBrowser.Open(address);
    return 0;
}

WebApplication app;
try
{
    app = await AppHost.StartAsync(options);
}
catch (IOException e)
{
    await Console.Error.WriteLineAsync($"The Authenticator could not start: {e.Message} Choose another port with --port.");
    return 1;
}

await using (app)
{
    var window = app.Services.GetRequiredService<AppWindow>();
    // Nobody reads it in the background, and a log is no place for what lets a window in.
    Console.WriteLine($"Listening on {(options.InBackground ? window.Root : window.NewAddress())}");
    if (options.Open is { } link)
    {
        app.Services.GetRequiredService<OpenedLinks>().Open(link);
    }

    if (!options.InBackground) window.Show();

    await app.WaitForShutdownAsync();
    return 0;
}
