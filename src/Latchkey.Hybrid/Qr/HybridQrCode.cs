using System.Formats.Cbor;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;

namespace Latchkey.Hybrid.Qr;

/// <summary>
/// What a computer's QR code says to a phone: <c>FIDO:/</c> and digits.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-qr-initiated"/>
/// </summary>
/// <param name="IdentityKey">0: the computer's key, fresh for this code.</param>
/// <param name="Secret">1: 16 random bytes; everything else is derived from them.</param>
public sealed record HybridQrCode(P256Point IdentityKey, ByteString Secret)
{
    /// <summary>What every code begins with; read in either case, because schemes have none.</summary>
    public const string Scheme = "FIDO:/";

    /// <summary>Length of <see cref="Secret"/>, in bytes.</summary>
    public const int SecretLength = 16;

    /// <summary>2: how many of the assigned tunnel domains the computer knows; absent means none.</summary>
    public uint KnownTunnelDomains { get; init; }

    /// <summary>3: when the code was drawn, to the second; older computers do not say.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>4: whether the computer would keep linking information; null when it does not say, which means no.</summary>
    public bool? SupportsStateAssisted { get; init; }

    /// <summary>5: the operation as it is written, such as <c>mc</c>; null when the computer does not say.</summary>
    public string? OperationHint { get; init; }

    /// <summary>6 (CTAP 2.3): the channels the computer can meet on; null when it does not say.</summary>
    public IReadOnlyList<uint>? TransportChannels { get; init; }

    /// <summary>What the computer is about to ask. A hint only: what is asked in the channel counts. Unknown hints mean a sign-in.</summary>
    public HybridOperation Operation => OperationHint == HybridOperationHints.MakeCredential ? HybridOperation.MakeCredential : HybridOperation.GetAssertion;

    private const string Structure = "FIDO:/ code";
    private const int KeyIdentityKey = 0, KeySecret = 1, KeyKnownTunnelDomains = 2, KeyTimestamp = 3, KeySupportsStateAssisted = 4, KeyOperation = 5, KeyTransportChannels = 6;
    private const int MaxLength = 4096;
    private const int MaxHintLength = 64;
    private const int MaxChannels = 64;

    /// <summary>Reads the text of a QR code. Unknown members are passed over.</summary>
    /// <exception cref="WireFormatException">Another scheme, no digits, no CBOR of this shape, or an identity key that is no point of P-256.</exception>
    public static HybridQrCode Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) throw new WireFormatException(Structure, 0, $"does not begin with {Scheme}");
        if (text.Length > MaxLength) throw new WireFormatException(Structure, MaxLength, $"is longer than {MaxLength} characters");

        var reader = new WireCborReader(Structure, DigitEncoding.Decode(text.AsSpan(Scheme.Length)).Memory, WireCborReader.CtapMaxDepth);
        P256Point? identityKey = null;
        ByteString? secret = null;
        uint knownTunnelDomains = 0;
        DateTimeOffset? timestamp = null;
        bool? supportsStateAssisted = null;
        string? operation = null;
        IReadOnlyList<uint>? channels = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            if (reader.Peek() is not (CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger))
            {
                reader.SkipValue();
                reader.SkipValue();
                continue;
            }

            switch (reader.ReadInt64())
            {
                case KeyIdentityKey: identityKey = P256Point.ParseCompressed(reader.ReadByteString(P256Point.CompressedLength)); break;
                case KeySecret: secret = reader.ReadByteString(SecretLength); break;
                case KeyKnownTunnelDomains: knownTunnelDomains = reader.ReadUInt32(); break;
                case KeyTimestamp: timestamp = ReadTimestamp(reader); break;
                case KeySupportsStateAssisted: supportsStateAssisted = reader.ReadBoolean(); break;
                case KeyOperation: operation = reader.ReadText(MaxHintLength); break;
                case KeyTransportChannels: channels = ReadChannels(reader); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        if (identityKey is null) throw reader.Malformed("has no identity key");
        if (secret is not { Length: SecretLength } whole) throw reader.Malformed($"has no secret of {SecretLength} bytes");
        return new(identityKey, whole)
        {
            KnownTunnelDomains = knownTunnelDomains,
            Timestamp = timestamp,
            SupportsStateAssisted = supportsStateAssisted,
            OperationHint = operation,
            TransportChannels = channels,
        };
    }

    /// <summary>Writes the text to draw.</summary>
    public string Encode()
    {
        var writer = new CanonicalCborWriter();
        writer.StartMap(3 + (Timestamp is null ? 0 : 1) + (SupportsStateAssisted is null ? 0 : 1) + (OperationHint is null ? 0 : 1) + (TransportChannels is null ? 0 : 1));
        writer.Integer(KeyIdentityKey).Bytes(IdentityKey.Compressed);
        writer.Integer(KeySecret).Bytes(Secret);
        writer.Integer(KeyKnownTunnelDomains).Unsigned(KnownTunnelDomains);
        if (Timestamp is { } timestamp) writer.Integer(KeyTimestamp).Integer(timestamp.ToUnixTimeSeconds());
        if (SupportsStateAssisted is { } stateAssisted) writer.Integer(KeySupportsStateAssisted).Boolean(stateAssisted);
        if (OperationHint is { } operation) writer.Integer(KeyOperation).Text(operation);
        if (TransportChannels is { } channels)
        {
            writer.Integer(KeyTransportChannels).StartArray(channels.Count);
            foreach (var channel in channels) writer.Unsigned(channel);
            writer.EndArray();
        }

        return Scheme + DigitEncoding.Encode(writer.EndMap().Encode());
    }

    private static DateTimeOffset ReadTimestamp(WireCborReader reader)
    {
        var seconds = reader.ReadUInt64();
        return seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds((long)seconds)
            : throw reader.Malformed("has a timestamp past the year 9999");
    }

    private static uint[] ReadChannels(WireCborReader reader)
    {
        var count = reader.ReadStartArray();
        if (count > MaxChannels) throw reader.Malformed($"has more than {MaxChannels} channels");
        var channels = new uint[count];
        for (var i = 0; i < count; i++) channels[i] = reader.ReadUInt32();
        reader.ReadEndArray();
        return channels;
    }
}
