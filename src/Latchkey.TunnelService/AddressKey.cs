using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Latchkey.TunnelService;

/// <summary>Whom an address is counted for: an IPv4 address, or the /64 network that one IPv6 customer has for itself.</summary>
/// <param name="Family">Which of the two; unspecified where there is no address.</param>
/// <param name="Prefix">The address, or the network, as a number in network order.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AddressKey(AddressFamily Family, ulong Prefix)
{
    /// <summary>The one whom an address belongs to. An IPv4 address written as IPv6 is that IPv4 address.</summary>
    public static AddressKey Of(IPAddress? address)
    {
        if (address is null) return default; // a Unix socket
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return address.IsIPv4MappedToIPv6 || address.AddressFamily == AddressFamily.InterNetwork
            ? new(AddressFamily.InterNetwork, BitConverter.ToUInt32(bytes[12..]))
            : new(AddressFamily.InterNetworkV6, BitConverter.ToUInt64(bytes));
    }

    /// <summary>The same from an address as text, as logs and counters keep it.</summary>
    public static AddressKey Of(string? address) => Of(IPAddress.TryParse(address, out var parsed) ? parsed : null);

    /// <summary>The address; an IPv6 network as <c>2001:db8::/64</c>; <c>unknown</c> where there is none.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        switch (Family)
        {
            case AddressFamily.InterNetwork:
                BitConverter.TryWriteBytes(bytes, (uint)Prefix);
                return new IPAddress(bytes[..4]).ToString();
            case AddressFamily.InterNetworkV6:
                BitConverter.TryWriteBytes(bytes, Prefix);
                return string.Create(CultureInfo.InvariantCulture, $"{new IPAddress(bytes)}/64");
            default:
                return "unknown";
        }
    }
}
