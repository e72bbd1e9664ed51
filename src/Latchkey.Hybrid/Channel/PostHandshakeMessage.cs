using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid.Channel;

/// <summary>
/// The phone's first message after the handshake: what it can do. How it is padded tells the revision.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#hybrid-post-handshake"/>
/// </summary>
/// <param name="GetInfo">1: the answer to authenticatorGetInfo, without its status byte.</param>
internal sealed record PostHandshakeMessage(ByteString GetInfo)
{
    /// <summary>3 (CTAP 2.3): what can be asked, such as <c>ctap</c> and <c>dc</c>; empty when absent, which means CTAP.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];

    /// <summary>How everything after this message is written.</summary>
    public ChannelRevision Revision { get; init; } = ChannelRevision.Typed;

    /// <summary>The feature that everybody has.</summary>
    public const string FeatureCtap = "ctap";

    private const string Structure = "post-handshake message";
    private const int KeyGetInfo = 1, KeyFeatures = 3;
    private const int MaxFeatures = 32, MaxFeatureLength = 64;

    /// <summary>Reads what came out of the channel. Unknown members are passed over.</summary>
    /// <exception cref="WireFormatException">In neither form CBOR of this shape.</exception>
    public static PostHandshakeMessage Parse(ByteString bytes)
    {
        try
        {
            return ParseCbor(bytes);
        }
        catch (WireFormatException e)
        {
            // The older form has padding of its own after the map. It is tried second, and the first one's failure is told.
            try { return ParseCbor(MessagePadding.UnpadFirst(bytes)) with { Revision = ChannelRevision.Untyped }; }
            catch (WireFormatException) { throw e; }
        }
    }

    /// <summary>Writes what goes into the channel.</summary>
    public ByteString Encode()
    {
        var writer = new CanonicalCborWriter();
        writer.StartMap(1 + (Features.Count == 0 ? 0 : 1));
        writer.Integer(KeyGetInfo).Bytes(GetInfo);
        if (Features.Count != 0)
        {
            writer.Integer(KeyFeatures).StartArray(Features.Count);
            foreach (var feature in Features) writer.Text(feature);
            writer.EndArray();
        }

        var cbor = writer.EndMap().Encode();
        return Revision == ChannelRevision.Typed ? cbor : MessagePadding.PadFirst(cbor);
    }

    /// <summary>What the phone can do.</summary>
    /// <exception cref="WireFormatException">Not what getInfo answers.</exception>
    public GetInfoResponse ParseGetInfo() => GetInfoResponse.Parse(GetInfo);

    private static PostHandshakeMessage ParseCbor(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, WireCborReader.CtapMaxDepth);
        ByteString? getInfo = null;
        List<string> features = [];
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadInt64())
            {
                case KeyGetInfo: getInfo = reader.ReadByteString(); break;
                case KeyFeatures: features = ReadFeatures(reader); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        return new(getInfo ?? throw reader.Malformed("has no getInfo")) { Features = features };
    }

    private static List<string> ReadFeatures(WireCborReader reader)
    {
        var count = reader.ReadStartArray();
        if (count > MaxFeatures) throw reader.Malformed($"has more than {MaxFeatures} features");
        List<string> features = [];
        while (features.Count < count) features.Add(reader.ReadText(MaxFeatureLength));
        reader.ReadEndArray();
        return features;
    }
}
