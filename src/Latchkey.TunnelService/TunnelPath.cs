using System.Globalization;

namespace Latchkey.TunnelService;

/// <summary>What the two addresses name: a tunnel by its 16-byte ID, and the 3 bytes an advert carries to lead to it.</summary>
internal static class TunnelPath
{
    public const int RoutingIds = 1 << 24;

    private const int TunnelIdHex = 32, RoutingIdHex = 6;

    public static bool TryReadTunnelId(object? text, out UInt128 id)
    {
        id = default;
        return text is string { Length: TunnelIdHex } hex && UInt128.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id);
    }

    public static bool TryReadRoutingId(object? text, out int id)
    {
        id = default;
        return text is string { Length: RoutingIdHex } hex && int.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id);
    }

    public static string WriteRoutingId(int id) => id.ToString("x6", CultureInfo.InvariantCulture);
}
