using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Latchkey.TunnelService;

/// <summary>Whom a tunnel is counted for: an IPv4 address, or the /64 network that one IPv6 customer has for itself.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AddressKey(AddressFamily Family, ulong Prefix)
{
    public static AddressKey Of(IPAddress? address)
    {
        if (address is null) return default; // a Unix socket
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return address.IsIPv4MappedToIPv6 || address.AddressFamily == AddressFamily.InterNetwork
            ? new(AddressFamily.InterNetwork, BitConverter.ToUInt32(bytes[12..]))
            : new(AddressFamily.InterNetworkV6, BitConverter.ToUInt64(bytes));
    }
}
