using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Ctap;

/// <summary>
/// The answer to authenticatorGetInfo: what the authenticator can do. Members this project has no use for are passed over.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#authenticatorGetInfo"/>
/// </summary>
/// <param name="Versions">0x01: protocol versions, such as <c>FIDO_2_0</c>.</param>
/// <param name="Aaguid">0x03: the model.</param>
public sealed record GetInfoResponse(IReadOnlyList<string> Versions, Aaguid Aaguid)
{
    /// <summary>0x02: extension identifiers.</summary>
    public IReadOnlyList<string> Extensions { get; init; } = [];

    /// <summary>0x04: options by name; use <see cref="Option"/>.</summary>
    public IReadOnlyDictionary<string, bool> Options { get; init; } = new Dictionary<string, bool>(StringComparer.Ordinal);

    /// <summary>0x05: the longest message, in bytes; absent means 1024.</summary>
    public uint? MaxMsgSize { get; init; }

    /// <summary>0x07: the most credential IDs in one list; absent means unknown.</summary>
    public uint? MaxCredentialCountInList { get; init; }

    /// <summary>0x08: the longest credential ID, in bytes; absent means unknown.</summary>
    public uint? MaxCredentialIdLength { get; init; }

    /// <summary>0x09: transports, such as <c>internal</c> or <c>hybrid</c>.</summary>
    public IReadOnlyList<string> Transports { get; init; } = [];

    /// <summary>0x0A: COSE algorithm numbers, the most liked first; empty when the authenticator does not say.</summary>
    public IReadOnlyList<int> Algorithms { get; init; } = [];

    /// <summary>0x16: attestation statement formats; empty when the authenticator does not say.</summary>
    public IReadOnlyList<string> AttestationFormats { get; init; } = [];

    /// <summary>Option <c>rk</c>: makes discoverable credentials. Default false.</summary>
    public bool Rk => Option("rk") ?? false;

    /// <summary>Option <c>up</c>: can test user presence. Default true.</summary>
    public bool Up => Option("up") ?? true;

    /// <summary>Option <c>uv</c>: true when built-in user verification is set up, false when it could be, null when there is none.</summary>
    public bool? Uv => Option("uv");

    /// <summary>Option <c>plat</c>: part of this machine. Default false.</summary>
    public bool Plat => Option("plat") ?? false;

    private const string Structure = "authenticatorGetInfo response";
    private const int KeyVersions = 0x01, KeyExtensions = 0x02, KeyAaguid = 0x03, KeyOptions = 0x04, KeyMaxMsgSize = 0x05,
        KeyMaxCredentialCountInList = 0x07, KeyMaxCredentialIdLength = 0x08, KeyTransports = 0x09, KeyAlgorithms = 0x0A, KeyAttestationFormats = 0x16;

    /// <summary>An option by its name; null when the authenticator does not name it, which the standard keeps apart from false.</summary>
    public bool? Option(string name) => Options.TryGetValue(name, out var value) ? value : null;

    /// <summary>Reads the CBOR after the status byte. Unknown members are passed over.</summary>
    /// <exception cref="WireFormatException">Not canonical CBOR of this shape, or a required member is missing.</exception>
    public static GetInfoResponse Parse(ByteString bytes)
    {
        var reader = new WireCborReader(Structure, bytes.Memory, WireCborReader.CtapMaxDepth);
        IReadOnlyList<string>? versions = null;
        IReadOnlyList<string> extensions = [], transports = [], formats = [];
        Aaguid? aaguid = null;
        IReadOnlyDictionary<string, bool> options = new Dictionary<string, bool>(StringComparer.Ordinal);
        uint? maxMsgSize = null, maxCount = null, maxIdLength = null;
        IReadOnlyList<int> algorithms = [];
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadInt64())
            {
                case KeyVersions: versions = CtapCbor.ReadTexts(reader); break;
                case KeyExtensions: extensions = CtapCbor.ReadTexts(reader); break;
                case KeyAaguid: aaguid = ReadAaguid(reader); break;
                case KeyOptions: options = ReadOptions(reader); break;
                case KeyMaxMsgSize: maxMsgSize = reader.ReadUInt32(); break;
                case KeyMaxCredentialCountInList: maxCount = reader.ReadUInt32(); break;
                case KeyMaxCredentialIdLength: maxIdLength = reader.ReadUInt32(); break;
                case KeyTransports: transports = CtapCbor.ReadTexts(reader); break;
                case KeyAlgorithms: algorithms = CtapCbor.ReadAlgorithms(reader); break;
                case KeyAttestationFormats: formats = CtapCbor.ReadTexts(reader); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        reader.ExpectEnd();
        return new(versions ?? throw CtapCbor.Missing(reader, "versions"), aaguid ?? throw CtapCbor.Missing(reader, "aaguid"))
        {
            Extensions = extensions,
            Options = options,
            MaxMsgSize = maxMsgSize,
            MaxCredentialCountInList = maxCount,
            MaxCredentialIdLength = maxIdLength,
            Transports = transports,
            Algorithms = algorithms,
            AttestationFormats = formats,
        };
    }

    /// <summary>Writes the CBOR after the status byte.</summary>
    public ByteString Encode()
    {
        var writer = new CanonicalCborWriter();
        writer.StartMap(2 + (Extensions.Count == 0 ? 0 : 1) + (Options.Count == 0 ? 0 : 1) + (MaxMsgSize is null ? 0 : 1) + (MaxCredentialCountInList is null ? 0 : 1)
            + (MaxCredentialIdLength is null ? 0 : 1) + (Transports.Count == 0 ? 0 : 1) + (Algorithms.Count == 0 ? 0 : 1) + (AttestationFormats.Count == 0 ? 0 : 1));
        WriteTexts(writer, KeyVersions, Versions, always: true);
        WriteTexts(writer, KeyExtensions, Extensions);
        writer.Integer(KeyAaguid).Bytes(Aaguid.ToBytes());
        if (Options.Count != 0)
        {
            writer.Integer(KeyOptions).StartMap(Options.Count);
            foreach (var (name, value) in Options) writer.Text(name).Boolean(value);
            writer.EndMap();
        }

        if (MaxMsgSize is { } size) writer.Integer(KeyMaxMsgSize).Unsigned(size);
        if (MaxCredentialCountInList is { } count) writer.Integer(KeyMaxCredentialCountInList).Unsigned(count);
        if (MaxCredentialIdLength is { } length) writer.Integer(KeyMaxCredentialIdLength).Unsigned(length);
        WriteTexts(writer, KeyTransports, Transports);
        if (Algorithms.Count != 0)
        {
            writer.Integer(KeyAlgorithms);
            CtapCbor.WriteAlgorithms(writer, Algorithms);
        }

        WriteTexts(writer, KeyAttestationFormats, AttestationFormats);
        return writer.EndMap().Encode();
    }

    private static Aaguid ReadAaguid(WireCborReader reader)
    {
        var bytes = reader.ReadByteString(Aaguid.Length);
        return bytes.Length == Aaguid.Length ? Aaguid.Read(bytes) : throw reader.Malformed($"has an aaguid shorter than {Aaguid.Length} bytes");
    }

    private static Dictionary<string, bool> ReadOptions(WireCborReader reader)
    {
        var options = new Dictionary<string, bool>(StringComparer.Ordinal);
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            options[reader.ReadText()] = reader.ReadBoolean();
        }

        reader.ReadEndMap();
        return options;
    }

    private static void WriteTexts(CanonicalCborWriter writer, int key, IReadOnlyList<string> texts, bool always = false)
    {
        if (texts.Count == 0 && !always) return;
        writer.Integer(key);
        CtapCbor.WriteTexts(writer, texts);
    }
}
