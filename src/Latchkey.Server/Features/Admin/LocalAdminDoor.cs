using System.Net.Sockets;
using System.Runtime.InteropServices;
using Latchkey.Api.Administration;
using Latchkey.Server.Hosting;
using Microsoft.AspNetCore.Connections.Features;

namespace Latchkey.Server.Features.Admin;

/// <summary>Keeps the two doors apart: the socket leads to the administration and nowhere else, the network never there.</summary>
internal static partial class LocalAdminDoor
{
    private const int SolSocket = 1, SoPeerCred = 17; // Linux

    public static void UseLocalAdminDoor(this IApplicationBuilder app, ServerOptions options) => app.Use((context, next) =>
    {
        var local = context.Request.Path.StartsWithSegments("/" + AdministrationClient.Root, StringComparison.Ordinal);
        if (context.Features.Get<IConnectionSocketFeature>()?.Socket is not { LocalEndPoint: UnixDomainSocketEndPoint end } socket || end.ToString() != options.AdminSocket)
        {
            return local ? Refuse(context, StatusCodes.Status404NotFound) : next(context);
        }

        return IsOwnAccount(socket) ? local ? InAsync(context, next) : Refuse(context, StatusCodes.Status404NotFound) : Refuse(context, StatusCodes.Status403Forbidden);
    });

    /// <summary>A name that no path can carry (<c>..</c>, or with a slash) comes escaped once more, and the header says so.</summary>
    public static void UseEscapedNames(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Features.Get<LocalAdministrator>() is not null && context.Request.Headers.ContainsKey(AdministrationClient.EscapedNamesHeader))
        {
            foreach (var (name, value) in context.Request.RouteValues.ToList())
            {
                if (value is string text) context.Request.RouteValues[name] = Uri.UnescapeDataString(text);
            }
        }

        return next(context);
    });

    /// <summary>Whether the program at the other end runs under the server's own account.</summary>
    private static bool IsOwnAccount(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true; // the socket file's mode, and that of its folder, are what is left
        }

        Span<byte> credentials = stackalloc byte[12]; // struct ucred: pid, uid, gid
        return socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials) == credentials.Length
            && MemoryMarshal.Read<uint>(credentials[4..]) == geteuid();
    }

    private static Task InAsync(HttpContext context, RequestDelegate next)
    {
        context.Features.Set(new LocalAdministrator());
        return next(context);
    }

    private static Task Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    [LibraryImport("libc")]
    private static partial uint geteuid();
}

/// <summary>Marks a request that came through the socket, from the server's own account.</summary>
internal sealed record LocalAdministrator;
