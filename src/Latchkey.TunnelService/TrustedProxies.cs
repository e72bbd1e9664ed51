using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Latchkey.TunnelService;

/// <summary>
/// Who a client is, decided in one place: the peer, or, where the peer is a proxy that was named, whom the proxy says it speaks for. From here on
/// <see cref="ConnectionInfo.RemoteIpAddress"/> is right. Host and scheme are never taken from a header.
/// </summary>
public static class TrustedProxies
{
    /// <summary>Where a proxy says whom it speaks for.</summary>
    public const string Header = "X-Forwarded-For";

    /// <summary>Reads an address or a network (<c>10.1.0.0/16</c>) of proxies.</summary>
    /// <param name="text">As typed.</param>
    /// <param name="network">The network; of one address where that was given.</param>
    /// <param name="why">What is wrong with it, to stand after the text.</param>
    public static bool TryParse(string text, out IPNetwork network, [NotNullWhen(false)] out string? why)
    {
        why = null;
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || address.ScopeIdOf() != 0
            || (address.AddressFamily == AddressFamily.InterNetwork && text.Count(c => c == '.') != 3))
        {
            why = "is no IP address, and no network such as 10.1.0.0/16";
            return false;
        }

        if (slash < 0)
        {
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            network = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
            return true;
        }

        if (address.IsIPv4MappedToIPv6 || !IPNetwork.TryParse(text, out network) || !network.BaseAddress.Equals(address))
        {
            why = "is no network: the bits after the prefix must be 0, as in 10.1.0.0/16";
            return false;
        }

        if (network.PrefixLength == 0)
        {
            why = "would believe everybody: name the proxy";
            return false;
        }

        return true;
    }

    /// <summary>Makes the client's address right for everything after it.</summary>
    /// <param name="app">The program.</param>
    /// <param name="proxies">The proxies that are believed; none: no header is.</param>
    /// <param name="isBehindSocket">Whether clients come through a Unix socket, whose other end has no address and is believed.</param>
    /// <param name="log">Where it is said that a proxy does not say whom it speaks for.</param>
    public static void UseTrustedProxies(this IApplicationBuilder app, IReadOnlyList<IPNetwork> proxies, bool isBehindSocket, ILogger log)
    {
        if (proxies.Count > 0 || isBehindSocket)
        {
            var hasSaidSo = false;
            app.Use((context, next) =>
            {
                if (!hasSaidSo && !context.Request.Headers.ContainsKey(Header) && IsProxy(context.Connection.RemoteIpAddress) && context.Request.Path != "/health")
                {
                    hasSaidSo = true;
                    log.LogWarning("A trusted proxy sent no {Header}: until it does, all its clients are counted as one", Header);
                }

                return next(context);
            });
            var options = new ForwardedHeadersOptions
            {
                ForwardedHeaders = ForwardedHeaders.XForwardedFor,
                // From the last entry backwards, for as long as the one before was written by a proxy that was named: a chain may be as long as it is,
                // and what a client sent itself is never reached. A socket alone vouches for one entry.
                ForwardLimit = proxies.Count > 0 ? null : 1,
            };
            options.KnownProxies.Clear(); // a program on this machine is no proxy unless it is named
            options.KnownIPNetworks.Clear();
            foreach (var network in proxies) options.KnownIPNetworks.Add(network);
            app.UseForwardedHeaders(options);
        }

        app.Use((context, next) =>
        {
            if (context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped) context.Connection.RemoteIpAddress = mapped.MapToIPv4();
            return next(context);
        });

        bool IsProxy(IPAddress? peer) => peer is null ? isBehindSocket : Contains(proxies, peer);
    }

    /// <summary>Whether an address is one of the proxies.</summary>
    public static bool Contains(IReadOnlyList<IPNetwork> proxies, IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return proxies.Any(network => network.Contains(plain));
    }

    private static long ScopeIdOf(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;
}
