namespace Latchkey.Protocol.Tests;

/// <summary>Cuts and flips: whatever comes in, a parser gives a value or a <see cref="WireFormatException"/>, and nothing else.</summary>
internal static class Mangler
{
    /// <summary>Feeds every prefix and every single-byte change of a good input to a parser.</summary>
    /// <returns>How many of the changed inputs were refused, so that a test can see that it tested something.</returns>
    public static int Mangle(ReadOnlySpan<byte> good, Action<byte[]> parse)
    {
        parse(good.ToArray());
        var refused = 0;
        for (var length = 0; length < good.Length; length++)
        {
            refused += Refuses(good[..length].ToArray(), parse);
        }

        for (var at = 0; at < good.Length; at++)
        {
            foreach (var mask in (byte[])[0x01, 0x20, 0x80, 0xff])
            {
                var flipped = good.ToArray();
                flipped[at] ^= mask;
                refused += Refuses(flipped, parse);
            }
        }

        return refused + Refuses([.. good, 0], parse);
    }

    private static int Refuses(byte[] input, Action<byte[]> parse)
    {
        try
        {
            parse(input);
            return 0;
        }
        catch (WireFormatException e)
        {
            Assert.InRange(e.Offset, 0, Math.Max(input.Length, 1));
            return 1;
        }
    }
}
