using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>An Authenticator that runs took what a second start handed it.</summary>
/// <param name="Window">An address that lets one window in, once, when the person is to see one and the running Authenticator opens none itself.</param>
internal sealed record HandedOver(Uri? Window)
{
    /// <summary>There is nothing more to do.</summary>
    public static readonly HandedOver Taken = new(Window: null);
}

/// <summary>
/// One Authenticator a data directory: the running one listens on a Unix socket there, which only its owner can reach, and a second start
/// hands its link over by it. Nothing but <see cref="Path"/> can be reached by the socket, and <see cref="Path"/> by nothing else.
/// </summary>
internal static class SingleInstance
{
    /// <summary>The one route: the body is the link, or nothing to have the window shown.</summary>
    public const string Path = "/open";

    // sockaddr_un holds 108 bytes on Linux, 104 elsewhere, with the closing zero.
    private const int MaxPathBytes = 103;

    /// <summary>Where the socket is.</summary>
    public static string SocketOf(string dataDirectory) => System.IO.Path.Combine(dataDirectory, "app.sock");

    /// <summary>Hands a link to the Authenticator that runs on a data directory, or has it show its window. Null when none runs, or it won't take the link.</summary>
    public static async Task<HandedOver?> HandOverAsync(string dataDirectory, string? link, CancellationToken cancellationToken)
    {
        var path = SocketOf(dataDirectory);
        if (!File.Exists(path) || !Fits(path))
        {
            return null;
        }

        using var http = SocketHttp.Connect(path, TimeSpan.FromSeconds(5));
        try
        {
            using var content = new StringContent(link ?? "", Encoding.UTF8, "text/plain");
            using var answer = await http.PostAsync(new Uri(Path, UriKind.Relative), content, cancellationToken);
            if (!answer.IsSuccessStatusCode) return null;
            return Uri.TryCreate(await answer.Content.ReadAsStringAsync(cancellationToken), UriKind.Absolute, out var window) ? new HandedOver(window) : HandedOver.Taken;
        }
        catch (HttpRequestException)
        {
            // One that was killed leaves its socket behind.
            return null;
        }
    }

    /// <summary>Whether an Authenticator runs on a data directory; it notices nothing of the question.</summary>
    public static async Task<bool> IsRunningAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        var path = SocketOf(dataDirectory);
        if (!File.Exists(path) || !Fits(path)) return false;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Listens on the socket, besides the loopback port. False when the directory's name is too long for one.</summary>
    public static bool ListenForLinks(this KestrelServerOptions kestrel, string dataDirectory)
    {
        var path = SocketOf(dataDirectory);
        if (!Fits(path))
        {
            return false;
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(dataDirectory);
        }
        else
        {
            Directory.CreateDirectory(dataDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        File.Delete(path);
        kestrel.ListenUnixSocket(path);
        return true;
    }

    /// <summary>Once it listens: the socket is its owner's alone, whatever the directory lets in.</summary>
    public static void GuardSocket(string dataDirectory)
    {
        if (!OperatingSystem.IsWindows() && SocketOf(dataDirectory) is var path && File.Exists(path))
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Whether a request came by the socket.</summary>
    public static bool CameBySocket(HttpContext context) =>
        context.Features.Get<IConnectionSocketFeature>()?.Socket.LocalEndPoint is UnixDomainSocketEndPoint;

    /// <summary>The route of <see cref="Path"/>.</summary>
    public static void MapOpen(this IEndpointRouteBuilder app) => app.MapPost(Path, async (HttpRequest request, OpenedLinks links, AppWindow window) =>
    {
        if (request.ContentLength is not (>= 0 and <= OpenedLinks.MaxLength))
        {
            return Results.BadRequest();
        }

        using var reader = new StreamReader(request.Body);
        var link = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        if (link.Length > 0 && !OpenedLinks.IsLink(link))
        {
            return Results.BadRequest();
        }

        if (link.Length > 0)
        {
            links.Open(link);
        }

        if ((link.Length > 0 && links.HasWindow) || window.Show() || window.NewAddress() is not { } address)
        {
            return Results.NoContent();
        }

        // Started to open no browser itself, it leaves that to the start that asks: the same person's, who has a terminal at least.
        return Results.Text(address.AbsoluteUri);
    });

    private static bool Fits(string path) => Encoding.UTF8.GetByteCount(path) <= MaxPathBytes;
}
