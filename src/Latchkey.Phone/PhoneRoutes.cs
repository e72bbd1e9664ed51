using System.Net.Sockets;
using System.Reflection;
using System.Text.Json.Serialization;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms;
using Latchkey.Phone.Settings;
using Latchkey.Phone.Sheet;
using Microsoft.AspNetCore.Connections.Features;

namespace Latchkey.Phone;

/// <summary>
/// Two doors of the phone. The window's, on loopback, behind an address nobody can guess: what is shown, and what the person does. And the
/// system's, a socket for each profile: what an Authenticator asks of its phone.
/// </summary>
/// <param name="secret">What the window's address cannot be guessed by.</param>
/// <param name="settings">The settings.</param>
/// <param name="screen">The screen.</param>
/// <param name="sheet">The sheet.</param>
internal sealed class PhoneRoutes(string secret, PhoneSettings settings, PhoneScreen screen, SystemSheet sheet)
{
    // A browser is told its first page in its arguments, which every account of this machine can read: they hold a ticket, which is good once.
    private readonly WindowTickets _tickets = new(TimeProvider.System);

    /// <summary>Where the window's addresses begin.</summary>
    public string Root => "/" + secret;

    /// <summary>A path that leads to the window, once.</summary>
    public string NewEntry() => "/enter/" + _tickets.Issue();

    /// <summary>The program that answers.</summary>
    /// <param name="sockets">The profiles by their sockets.</param>
    /// <param name="profileOf">A profile by its name.</param>
    public WebApplication Build(IReadOnlyDictionary<string, string> sockets, Func<string, PhoneProfile> profileOf)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
            foreach (var socket in sockets.Keys) kestrel.ListenUnixSocket(socket);
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(System.Text.Json.JsonNamingPolicy.CamelCase)));
        var app = builder.Build();
        string? ProfileBySocket(HttpContext context) =>
            context.Features.Get<IConnectionSocketFeature>()?.Socket.LocalEndPoint is UnixDomainSocketEndPoint end ? sockets.GetValueOrDefault(end.ToString()!) : null;

        // Each door leads to its own rooms.
        app.Use((context, next) =>
        {
            if (context.Request.Path.StartsWithSegments("/system", StringComparison.Ordinal) == (ProfileBySocket(context) is not null)) return next(context);
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        app.UseWebSockets();
        app.MapGet("/enter/{ticket}", (string ticket, HttpContext context) =>
            LoopbackPeer.IsOurs(context.Connection) && _tickets.TryTake(ticket) ? Results.Redirect(Root + "/phone.html") : Results.NotFound());
        MapWindow(app.MapGroup(Root), profileOf);
        MapSystem(app.MapGroup("/system"), context => profileOf(ProfileBySocket(context)!));
        return app;
    }

    private void MapWindow(RouteGroupBuilder window, Func<string, PhoneProfile> profileOf)
    {
        window.MapGet("/view", (CancellationToken gone) => TypedResults.ServerSentEvents(screen.WatchAsync(gone)));
        window.MapPost("/show/{profile}/{name}", async (string profile, string name) =>
        {
            if (!Enum.TryParse<PhoneApp>(name, ignoreCase: true, out var app)) return Results.NotFound();
            screen.Show(app, profile);
            if (app is PhoneApp.Authenticator) screen.Started(profile, await profileOf(profile).AuthenticatorAsync());
            return Results.NoContent();
        });
        window.MapPost("/settings/{page}", (string page) => screen.ShowSettings(page));
        window.MapPost("/switch/{key}/{on:bool}", (string key, bool on) => SettingsPage.TrySwitch(settings, screen.Profile, key, on) ? Results.NoContent() : Results.NotFound());
        window.MapPost("/sheet", (SheetAnswer answer) => sheet.Answer(answer));
        window.MapDelete("/sheet", () => sheet.Answer(null));
        window.MapPost("/open", async (HttpRequest request) =>
        {
            await OpenLinkAsync(profileOf(screen.Profile), await ReadAsync(request));
        });
        window.MapGet("/browser/{profile}", async (string profile, HttpContext context) =>
        {
            if (!context.WebSockets.IsWebSocketRequest) return Results.BadRequest();
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await (await profileOf(profile).BrowserWithPageAsync(context.RequestAborted)).ShowAsync(socket, context.RequestAborted);
            return Results.Empty;
        });
        window.MapGet("/{name}", (string name) => Assembly.GetExecutingAssembly().GetManifestResourceStream("window/" + name) is { } file
            ? Results.Stream(file, Path.GetExtension(name) switch { ".html" => "text/html; charset=utf-8", ".css" => "text/css; charset=utf-8", ".svg" => "image/svg+xml", _ => "text/javascript; charset=utf-8" })
            : Results.NotFound());
    }

    private void MapSystem(RouteGroupBuilder system, Func<HttpContext, PhoneProfile> profileOf)
    {
        system.MapGet("/readiness", (HttpContext context) => settings.ReadinessOf(profileOf(context).Name).ToString());
        system.MapPost("/authenticator", (HttpContext context) => screen.Show(PhoneApp.Authenticator, profileOf(context).Name));
        system.MapPost("/settings", async (HttpContext context) =>
        {
            var asked = Enum.Parse<SystemReadiness>(await ReadAsync(context.Request));
            screen.ShowSettings(SettingsPage.ChangedOn(asked), profileOf(context).Name);
        });
        system.MapPost("/browser", async (HttpContext context) =>
        {
            var profile = profileOf(context);
            var address = new Uri(await ReadAsync(context.Request));
            await profile.OpenInBrowserAsync(address, context.RequestAborted);
            screen.Show(PhoneApp.Browser, profile.Name);
        });
    }

    /// <summary>A link that is an app's brings the app before the person.</summary>
    public async Task OpenLinkAsync(PhoneProfile profile, string link)
    {
        await profile.OpenLinkAsync(link);
        screen.Started(profile.Name, await profile.AuthenticatorAsync());
        screen.Show(PhoneApp.Authenticator, profile.Name);
    }

    private static async Task<string> ReadAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        return await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
    }
}
