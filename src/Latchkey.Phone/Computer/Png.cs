using System.Buffers.Binary;
using System.IO.Compression;

namespace Latchkey.Phone.Computer;

/// <summary>Writes a picture as PNG, 8 bits a channel, no alpha. <see href="https://www.w3.org/TR/png-3/"/></summary>
internal static class Png
{
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) == 0 ? c >> 1 : 0xEDB88320 ^ (c >> 1)))];

    public static byte[] Encode(Picture picture)
    {
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        (header[8], header[9]) = (8, 2); // bit depth, truecolour
        Chunk(png, "IHDR"u8, header);
        Chunk(png, "IDAT"u8, Compress(picture));
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static byte[] Compress(Picture picture)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            // Each row says how far each byte is from the one above it ("Up"), which suits screens: most rows repeat the last.
            var row = new byte[1 + (picture.Width * 3)];
            row[0] = 2;
            for (var y = 0; y < picture.Height; y++)
            {
                for (var x = 0; x < picture.Width; x++)
                {
                    for (var channel = 0; channel < 3; channel++)
                    {
                        var at = (((y * picture.Width) + x) * 4) + channel;
                        var above = y == 0 ? 0 : picture.Rgba[at - (picture.Width * 4)];
                        row[1 + (x * 3) + channel] = (byte)(picture.Rgba[at] - above);
                    }
                }

                zlib.Write(row);
            }
        }

        return compressed.ToArray();
    }

    private static void Chunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(type);
        png.Write(data);
        var crc = uint.MaxValue;
        foreach (var b in type) crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        foreach (var b in data) crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        png.Write(number);
    }
}
