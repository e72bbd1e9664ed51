using System.Net;
using Latchkey.Server.Features.Admin;
using Latchkey.TunnelService;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Latchkey.Server.Hosting;

/// <summary>Where the server can be reached, and by which names.</summary>
internal static class Listening
{
    public static void ListenFor(this KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 256 * 1024;
        if (options.ProxySocket is { } socket)
        {
            DeleteLeftOver(socket);
            kestrel.ListenUnixSocket(socket);
        }
        else if (options.CertificateFile is { } certificate)
        {
            var (identity, chain) = ServerCertificate.Load(certificate, options.KeyFile!, TimeProvider.System.GetUtcNow());
            if (!identity.MatchesHostname(options.RpId))
            {
                throw new StartException(
                    $"The certificate {certificate} is not for {options.RpId}, so no browser would believe it: take the one for that name, or give the name it is for with --url.");
            }

            if (options.Bind is { } address) kestrel.Listen(address, options.Port, UseHttps);
            else kestrel.ListenAnyIP(options.Port, UseHttps);

            void UseHttps(ListenOptions listen) => listen.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = (identity, chain));
        }
        else if (options.Bind is { } plain)
        {
            kestrel.Listen(plain, options.Port);
        }
        else
        {
            kestrel.ListenLocalhost(options.Port);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.Delete(options.AdminSocket); // of a server that was killed: the lock on the directory says that none is running
            kestrel.ListenUnixSocket(options.AdminSocket);
        }
    }

    /// <summary>The proxy's account opens the socket by its group: that of the folder it stands in, where the folder hands it on (<c>chmod g+s</c>).</summary>
    public static void OpenSocketForGroup(ServerOptions options)
    {
        if (!OperatingSystem.IsWindows() && options.ProxySocket is { } socket)
        {
            File.SetUnixFileMode(socket, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        }
    }

    /// <summary>Behind a proxy that ends TLS people speak https all the same; what is answered first of all is written for it too.</summary>
    public static void UseOwnScheme(this IApplicationBuilder app, ServerOptions options) => app.Use((context, next) =>
    {
        context.Request.Scheme = options.Origin.Scheme;
        return next(context);
    });

    /// <summary>Answers only to its own name (DNS rebinding); a person who typed 127.0.0.1, or the name with a dot at its end, is sent to the right address.</summary>
    public static void UseOwnAddress(this IApplicationBuilder app, ServerOptions options) => app.Use(async (context, next) =>
    {
        var host = new HostString(context.Request.Host.ToUriComponent()).Host; // in ASCII, as it was sent
        if (string.Equals(host, options.RpId, StringComparison.OrdinalIgnoreCase) || context.Request.Path == "/health"
            || (options.HasTunnel && context.Request.Path.StartsWithSegments(TunnelEndpoints.PathPrefix, StringComparison.Ordinal)) // devices call it by its tunnel domain
            || context.Features.Get<LocalAdministrator>() is not null) // the socket has no name of its own
        {
            await next(context);
        }
        else if (HttpMethods.IsGet(context.Request.Method) && ((IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address))
            || string.Equals(host, options.RpId + ".", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Redirect(options.OriginText + context.Request.Path + context.Request.QueryString);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        }
    });

    private static void DeleteLeftOver(string socket)
    {
        // Anything else is not ours to delete.
        if (File.Exists(socket) && new FileInfo(socket) is { Length: 0, Attributes: var attributes } && !attributes.HasFlag(FileAttributes.ReparsePoint))
        {
            File.Delete(socket);
        }
    }
}
