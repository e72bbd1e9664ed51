using System.Net;
using System.Security.Cryptography.X509Certificates;
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
        if (options.CertificateFile is { } certificate)
        {
            var identity = X509Certificate2.CreateFromPemFile(certificate, options.KeyFile);
            var issuers = new X509Certificate2Collection();
            issuers.ImportFromPemFile(certificate); // those of an authority between stand in the same file, and clients need them
            kestrel.ListenAnyIP(options.Port, listen => listen.UseHttps(https => (https.ServerCertificate, https.ServerCertificateChain) = (identity, issuers)));
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

    /// <summary>Answers only to its own name (DNS rebinding); a person who typed 127.0.0.1 is sent to the right address.</summary>
    public static void UseOwnAddress(this IApplicationBuilder app, ServerOptions options) => app.Use(async (context, next) =>
    {
        if (options.IsHttps)
        {
            context.Request.Scheme = Uri.UriSchemeHttps; // behind a proxy that ends TLS
        }

        var host = context.Request.Host.Host;
        if (string.Equals(host, options.RpId, StringComparison.OrdinalIgnoreCase) || context.Request.Path == "/health"
            || (options.HasTunnel && context.Request.Path.StartsWithSegments(TunnelEndpoints.PathPrefix, StringComparison.Ordinal)) // devices call it by its tunnel domain
            || context.Features.Get<LocalAdministrator>() is not null) // the socket has no name of its own
        {
            await next(context);
        }
        else if (HttpMethods.IsGet(context.Request.Method) && IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address))
        {
            context.Response.Redirect(options.OriginText + context.Request.Path + context.Request.QueryString);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        }
    });
}
