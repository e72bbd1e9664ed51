using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Linking;

namespace Latchkey.Hybrid.Tunnel;

/// <summary>Addresses and headers of a tunnel service; hexadecimal in lower case, which services take as well as upper.</summary>
internal static class TunnelUrl
{
    /// <summary>The WebSocket subprotocol.</summary>
    public const string Subprotocol = "fido.cable";

    /// <summary>The header of a new tunnel's answer.</summary>
    public const string RoutingIdHeader = "X-caBLE-Routing-ID";

    /// <summary>The header of a state-assisted request.</summary>
    public const string ClientPayloadHeader = "X-caBLE-Client-Payload";

    public static Uri Of(TunnelDomain domain) => new($"wss://{domain.HostName}");

    public static Uri New(Uri service, TunnelId tunnelId) => Path(service, $"cable/new/{tunnelId.Bytes.ToHex()}");

    public static Uri Connect(Uri service, RoutingId routingId, TunnelId tunnelId) => Path(service, $"cable/connect/{routingId}/{tunnelId.Bytes.ToHex()}");

    public static Uri Contact(Uri service, ContactId contactId) => Path(service, $"cable/contact/{contactId}");

    private static Uri Path(Uri service, string path)
    {
        var scheme = service.Scheme switch
        {
            "https" => Uri.UriSchemeWss,
            "http" => Uri.UriSchemeWs,
            var other => other,
        };
        var prefix = service.AbsolutePath.TrimEnd('/');
        return new($"{scheme}://{service.Authority}{prefix}/{path}");
    }
}
