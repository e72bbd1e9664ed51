using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>Writes a small database of places in the MaxMind DB format 2.0: an IPv6 search tree with records of 24 bits, in which IPv4 lies below ::/96.</summary>
public static class PlacesFile
{
    private const int Map = 7, Text = 2, UInt16 = 5, UInt32 = 6;

    public static void Write(string file, params (string Network, string? City, string Country)[] places)
    {
        var nodes = new List<int?[]> { new int?[2] };
        var data = new List<byte>();
        foreach (var (network, city, country) in places)
        {
            var entry = data.Count;
            data.AddRange(Entry(city, country));
            Insert(nodes, IPNetwork.Parse(network), -1 - entry);
        }

        var written = new List<byte>();
        foreach (var node in nodes)
        {
            foreach (var record in node)
            {
                // A record names a node, or "nothing" by the number of nodes, or what lies in the data by all that is greater.
                var value = record switch { null => nodes.Count, >= 0 => record.Value, _ => nodes.Count + 16 + (-1 - record.Value) };
                written.AddRange([(byte)(value >> 16), (byte)(value >> 8), (byte)value]);
            }
        }

        written.AddRange(new byte[16]);
        written.AddRange(data);
        written.AddRange([0xAB, 0xCD, 0xEF, .. "MaxMind.com"u8]);
        written.AddRange(MapOf(
            ("node_count", Number(UInt32, (uint)nodes.Count)), ("record_size", Number(UInt16, 24)), ("ip_version", Number(UInt16, 6)), ("database_type", TextOf("Test-City")),
            ("binary_format_major_version", Number(UInt16, 2)), ("binary_format_minor_version", Number(UInt16, 0)), ("build_epoch", [0x04, 0x02, .. Big(1_780_000_000)]),
            ("languages", [0x01, 0x04, .. TextOf("en")]), ("description", MapOf(("en", TextOf("Places of a test"))))));
        File.WriteAllBytes(file, [.. written]);
    }

    private static void Insert(List<int?[]> nodes, IPNetwork network, int leaf)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        var isIPv4 = bytes.Length == 4;
        byte[] address = isIPv4 ? [.. new byte[12], .. bytes] : bytes;
        var length = network.PrefixLength + (isIPv4 ? 96 : 0);
        var at = 0;
        for (var bit = 0; bit < length; bit++)
        {
            var side = (address[bit / 8] >> (7 - (bit % 8))) & 1;
            if (bit == length - 1)
            {
                nodes[at][side] = leaf;
                return;
            }

            if (nodes[at][side] is not { } next)
            {
                nodes[at][side] = next = nodes.Count;
                nodes.Add(new int?[2]);
            }

            at = next;
        }
    }

    private static byte[] Entry(string? city, string country)
    {
        (string, byte[])[] named = [("country", Named(country)), .. city is null ? Array.Empty<(string, byte[])>() : [("city", Named(city))]];
        return MapOf(named);
    }

    private static byte[] Named(string name) => MapOf(("names", MapOf(("en", TextOf(name)))));

    private static byte[] MapOf(params (string Key, byte[] Value)[] members) =>
        [(byte)((Map << 5) | members.Length), .. members.SelectMany(member => TextOf(member.Key).Concat(member.Value))];

    private static byte[] TextOf(string text) =>
        Encoding.UTF8.GetBytes(text) is { Length: < 29 } bytes ? [(byte)((Text << 5) | bytes.Length), .. bytes] : throw new ArgumentException("too long for these tests", nameof(text));

    private static byte[] Number(int type, uint value) => [(byte)((type << 5) | 4), .. Big(value)];

    private static byte[] Big(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
