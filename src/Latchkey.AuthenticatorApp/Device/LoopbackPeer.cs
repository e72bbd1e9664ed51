using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// Whose the program at the other end of a loopback connection is. On Linux the kernel lists every connection with its owner, so that another account
/// of this machine gains nothing by a ticket it has read in a list of processes, however quick it is. Elsewhere nobody can be asked, and everybody passes.
/// </summary>
internal static class LoopbackPeer
{
    /// <summary>Whether the other end belongs to this very account, or to root, who can do everything here anyway.</summary>
    public static bool IsOurs(ConnectionInfo connection)
    {
        if (!OperatingSystem.IsLinux()) return true;
        if (connection is not { RemoteIpAddress: { } remote, LocalIpAddress: { } local }) return false;
        var (from, to) = (new IPEndPoint(remote, connection.RemotePort), new IPEndPoint(local, connection.LocalPort));
        try
        {
            // The kernel's lists: of the two rows of a connection, the one of the other end has its address as the local one.
            var owner = OwnerOf(from, to, File.ReadLines("/proc/net/tcp")) ?? (File.Exists("/proc/net/tcp6") ? OwnerOf(from, to, File.ReadLines("/proc/net/tcp6")) : null);
            return owner is { } uid && (uid == 0 || uid == OwnUid());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The user ID of a connection's owner; null when it is not in the list.</summary>
    /// <param name="from">The owner's end.</param>
    /// <param name="to">The other end.</param>
    /// <param name="list">The lines of <c>/proc/net/tcp</c> or <c>tcp6</c>. <see href="https://docs.kernel.org/networking/proc_net_tcp.html"/></param>
    internal static uint? OwnerOf(IPEndPoint from, IPEndPoint to, IEnumerable<string> list)
    {
        foreach (var line in list)
        {
            // sl  local_address rem_address  st tx_queue:rx_queue tr:tm->when retrnsmt  uid …
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [_, var local, var remote, _, _, _, _, var owner, ..]) continue;
            if (Is(local, from) && Is(remote, to) && uint.TryParse(owner, NumberStyles.None, CultureInfo.InvariantCulture, out var uid)) return uid;
        }

        return null;
    }

    private static uint OwnUid()
    {
        // "Uid:	real	effective	saved	file system"
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("Uid:", StringComparison.Ordinal)) return uint.Parse(line.Split('\t')[2], CultureInfo.InvariantCulture);
        }

        throw new IOException("/proc/self/status names no user.");
    }

    /// <summary>An address is written as the words of 32 bits it has in memory, a port as a number.</summary>
    private static bool Is(string written, IPEndPoint end)
    {
        if (written.Split(':') is not [{ Length: 8 or 32 } address, var port]) return false;
        var bytes = new byte[address.Length / 2];
        for (var i = 0; i < bytes.Length; i += 4)
        {
            if (!uint.TryParse(address.AsSpan(2 * i, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var word)) return false;
            MemoryMarshal.Write(bytes.AsSpan(i), word);
        }

        return ushort.TryParse(port, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && number == end.Port
            && Plain(new IPAddress(bytes)).Equals(Plain(end.Address));
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
