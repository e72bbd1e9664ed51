using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Latchkey.Server.Hosting;

/// <summary>
/// What tells one authorization request from another: a hash over every parameter it has. Each name and each value stands behind its length, so that
/// no two requests are written alike; the order of the names says nothing, that of one name's values does.
/// </summary>
internal static class FlowMark
{
    private const int Absent = -1;

    public static string Of(IEnumerable<KeyValuePair<string, string?>> parameters)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, value) in parameters.OrderBy(parameter => parameter.Key, StringComparer.Ordinal)) // a stable sort
        {
            Append(hash, name);
            Append(hash, value);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Append(IncrementalHash hash, string? text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, text is null ? Absent : Encoding.UTF8.GetByteCount(text));
        hash.AppendData(length);
        hash.AppendData(Encoding.UTF8.GetBytes(text ?? ""));
    }
}
