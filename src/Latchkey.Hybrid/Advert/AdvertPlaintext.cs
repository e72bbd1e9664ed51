using System.Buffers.Binary;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Advert;

/// <summary>
/// What an advert says to the one who can open it (the standard's EID): where the phone waits.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-ble-advert"/>
/// </summary>
/// <param name="Nonce">10 random bytes, so that no advert is like another.</param>
/// <param name="RoutingId">What the tunnel service gave the phone.</param>
/// <param name="Domain">Which tunnel service.</param>
public sealed record AdvertPlaintext(ByteString Nonce, RoutingId RoutingId, TunnelDomain Domain)
{
    /// <summary>Length, in bytes: one block.</summary>
    public const int Length = 16;

    private const string Structure = "advert";
    private const byte Reserved = 0;
    private const int NonceLength = 10;

    /// <summary>A fresh one.</summary>
    public static AdvertPlaintext Create(RoutingId routingId, TunnelDomain domain) => new(ByteString.Random(NonceLength), routingId, domain);

    /// <summary>Reads the 16 bytes.</summary>
    /// <exception cref="WireFormatException">Another length, reserved bits in use, or an assigned tunnel domain nobody has been given.</exception>
    public static AdvertPlaintext Parse(ByteString bytes)
    {
        var reader = new ByteReader(bytes, Structure);
        // "Ensure that reserved bits are zero": they stand for features the QR code would have to offer first
        if (reader.ReadByte() != Reserved) throw reader.Wrong("uses reserved bits");
        var nonce = reader.ReadBytes(NonceLength);
        var routingId = new RoutingId(reader.ReadBytes(RoutingId.Length));
        var domain = BinaryPrimitives.ReadUInt16LittleEndian(reader.ReadBytes(sizeof(ushort)));
        reader.ExpectEnd();
        return TunnelDomain.IsKnown(domain) ? new(nonce, routingId, new(domain)) : throw reader.Wrong("names a tunnel domain nobody has been given");
    }

    /// <summary>Writes the 16 bytes.</summary>
    public ByteString Encode()
    {
        Span<byte> domain = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(domain, Domain.Id);
        return new ByteWriter(Length).Byte(Reserved).Bytes(Nonce).Bytes(RoutingId.Bytes).Bytes(domain).ToByteString();
    }
}
