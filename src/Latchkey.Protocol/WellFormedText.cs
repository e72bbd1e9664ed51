using System.Buffers;
using System.Text;

namespace Latchkey.Protocol;

/// <summary>Whether a text is one at all: half a surrogate pair is in none, has no UTF-8 and no normal form.</summary>
public static class WellFormedText
{
    /// <summary>True when every surrogate has its other half.</summary>
    public static bool IsWellFormed(this string text)
    {
        for (ReadOnlySpan<char> rest = text; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var read) != OperationStatus.Done) return false;
            rest = rest[read..];
        }

        return true;
    }
}
