using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Latchkey.Hybrid.Advert;

/// <summary>
/// The number an advert names a tunnel service by, and the host name it stands for. Numbers below 256 are assigned by FIDO; from 256 on
/// the name is a hash of the number, so that anybody can own one by registering the domain.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-tunnel-service-domains"/>
/// </summary>
public readonly record struct TunnelDomain
{
    /// <summary>The first number whose name is a hash.</summary>
    public const ushort FirstHashed = 256;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private static readonly string[] Assigned = ["cable.ua5v.com", "cable.auth.com"];
    private static readonly string[] TopLevel = ["com", "org", "net", "info"];
    private static readonly byte[] Prefix = Encoding.ASCII.GetBytes("caBLEv2 tunnel server domain");

    /// <summary>Takes a number that has a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An assigned number nobody has been given: ask <see cref="IsKnown"/> first.</exception>
    public TunnelDomain(ushort id)
    {
        if (!IsKnown(id)) throw new ArgumentOutOfRangeException(nameof(id), id, "No tunnel service has been assigned this number.");
        Id = id;
    }

    /// <summary>How many assigned numbers have a name.</summary>
    public static uint AssignedCount => (uint)Assigned.Length;

    /// <summary>The number.</summary>
    public ushort Id { get; }

    /// <summary>True for the vendors' own services.</summary>
    public bool IsAssigned => Id < FirstHashed;

    /// <summary>The service's public name; browsers meet it at port 443.</summary>
    public string HostName => IsAssigned ? Assigned[Id] : Hashed(Id);

    /// <summary>Whether a number has a name.</summary>
    public static bool IsKnown(ushort id) => id >= FirstHashed || id < Assigned.Length;

    /// <summary>The host name.</summary>
    public override string ToString() => HostName;

    private static string Hashed(ushort id)
    {
        Span<byte> input = stackalloc byte[Prefix.Length + 3];
        Prefix.CopyTo(input);
        BinaryPrimitives.WriteUInt16LittleEndian(input[Prefix.Length..], id);
        input[^1] = 0;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, digest);
        var number = BinaryPrimitives.ReadUInt64LittleEndian(digest);

        var name = new StringBuilder("cable.");
        var topLevel = TopLevel[number & 3];
        for (number >>= 2; number != 0; number >>= 5) name.Append(Alphabet[(int)(number & 31)]);
        return name.Append('.').Append(topLevel).ToString();
    }
}
