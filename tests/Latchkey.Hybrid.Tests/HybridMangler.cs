using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests;

/// <summary>Cuts and flips: whatever comes in, there is a value, a <see cref="WireFormatException"/> or a <see cref="HybridException"/>, and nothing else.</summary>
internal static class HybridMangler
{
    private static readonly byte[] Masks = [0x01, 0x20, 0x80, 0xff];

    /// <summary>Feeds every prefix and every single-byte change of a good input, and one byte more, to a parser.</summary>
    /// <returns>How many of the changed inputs were refused.</returns>
    public static int Mangle(ByteString good, Action<ByteString> parse)
    {
        parse(good);
        return Changes(good).Count(changed => Refuses(changed, parse));
    }

    public static IEnumerable<ByteString> Changes(ByteString good)
    {
        for (var length = 0; length < good.Length; length++) yield return good.Slice(0, length);
        for (var at = 0; at < good.Length; at++)
        {
            foreach (var mask in Masks)
            {
                var flipped = good.ToArray();
                flipped[at] ^= mask;
                yield return flipped;
            }
        }

        yield return (byte[])[.. good.Span, 0];
    }

    private static bool Refuses(ByteString input, Action<ByteString> parse)
    {
        try
        {
            parse(input);
            return false;
        }
        catch (Exception e) when (e is WireFormatException or HybridException)
        {
            return true;
        }
    }
}
