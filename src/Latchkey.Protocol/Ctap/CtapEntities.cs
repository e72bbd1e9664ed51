using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Protocol.Ctap;

/// <summary>The relying party as a client names it to an authenticator (<c>PublicKeyCredentialRpEntity</c>).</summary>
/// <param name="Id">The RP ID, which the client checked against the origin.</param>
/// <param name="Name">What a person reads, if anything.</param>
public sealed record CtapRelyingParty(string Id, string? Name)
{
    internal const string KeyId = "id";
    internal const string KeyName = "name";

    /// <summary>The longest text of an entity, in bytes.</summary>
    internal const int MaxTextLength = 4096;

    internal static CtapRelyingParty Parse(WireCborReader reader)
    {
        string? id = null, name = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadText())
            {
                case KeyId: id = reader.ReadText(MaxTextLength); break;
                case KeyName: name = reader.ReadText(MaxTextLength); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        return new(id ?? throw CtapCbor.Missing(reader, "rp.id"), name);
    }

    internal void Encode(CanonicalCborWriter writer)
    {
        writer.StartMap(1 + (Name is null ? 0 : 1)).Text(KeyId).Text(Id);
        if (Name is not null) writer.Text(KeyName).Text(Name);
        writer.EndMap();
    }
}

/// <summary>The account as a client names it to an authenticator, and back (<c>PublicKeyCredentialUserEntity</c>).</summary>
/// <param name="Id">The user handle, 1 to 64 bytes.</param>
/// <param name="Name">The account's name; an authenticator gives it only after user verification.</param>
/// <param name="DisplayName">The person's name; an authenticator gives it only after user verification.</param>
public sealed record CtapUser(UserHandle Id, string? Name = null, string? DisplayName = null)
{
    internal const string KeyId = "id";
    internal const string KeyName = "name";
    internal const string KeyDisplayName = "displayName";

    internal static CtapUser Parse(WireCborReader reader)
    {
        UserHandle? id = null;
        string? name = null, displayName = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadText())
            {
                case KeyId: id = new(reader.ReadByteString(UserHandle.MaxLength)); break;
                case KeyName: name = reader.ReadText(CtapRelyingParty.MaxTextLength); break;
                case KeyDisplayName: displayName = reader.ReadText(CtapRelyingParty.MaxTextLength); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        return new(id ?? throw CtapCbor.Missing(reader, "user.id"), name, displayName);
    }

    internal void Encode(CanonicalCborWriter writer)
    {
        writer.StartMap(1 + (Name is null ? 0 : 1) + (DisplayName is null ? 0 : 1)).Text(KeyId).Bytes(Id.Bytes);
        if (Name is not null) writer.Text(KeyName).Text(Name);
        if (DisplayName is not null) writer.Text(KeyDisplayName).Text(DisplayName);
        writer.EndMap();
    }
}

/// <summary>The pieces of CTAP's CBOR that several messages share.</summary>
internal static class CtapCbor
{
    private const string KeyAlgorithm = "alg";
    private const string KeyId = "id";
    private const string KeyTransports = "transports";
    private const string KeyType = "type";
    private const string PublicKey = "public-key";

    /// <summary>The most items read in a list, and the longest plain text, in bytes.</summary>
    private const int MaxItems = 1024, MaxText = 256;

    /// <summary>A required parameter is not there: the inner exception tells <see cref="CtapDispatcher"/> the status.</summary>
    public static WireFormatException Missing(WireCborReader reader, string name)
    {
        var problem = reader.Malformed($"lacks {name}");
        return new(problem.Structure, problem.Offset, $"lacks {name}", new CtapException(CtapStatus.MissingParameter));
    }

    public static ClientDataHash ReadClientDataHash(WireCborReader reader)
    {
        var hash = reader.ReadByteString(ClientDataHash.Length);
        return hash.Length == ClientDataHash.Length ? new(hash) : throw reader.Malformed($"has a clientDataHash shorter than {ClientDataHash.Length} bytes");
    }

    public static List<T> ReadList<T>(WireCborReader reader, Func<WireCborReader, T> read)
    {
        var count = reader.ReadStartArray();
        if (count > MaxItems) throw reader.Malformed($"has a list of more than {MaxItems}");
        var items = new List<T>(count);
        for (; count > 0; count--) items.Add(read(reader));
        reader.ReadEndArray();
        return items;
    }

    public static void WriteList<T>(CanonicalCborWriter writer, IReadOnlyList<T> items, Action<CanonicalCborWriter, T> write)
    {
        writer.StartArray(items.Count);
        foreach (var item in items) write(writer, item);
        writer.EndArray();
    }

    public static IReadOnlyList<string> ReadTexts(WireCborReader reader) => ReadList(reader, r => r.ReadText(MaxText));

    public static void WriteTexts(CanonicalCborWriter writer, IReadOnlyList<string> texts) => WriteList(writer, texts, (w, text) => w.Text(text));

    /// <summary>Descriptors; those of another type than <c>public-key</c> are passed over.</summary>
    public static IReadOnlyList<PublicKeyCredentialDescriptor> ReadDescriptors(WireCborReader reader) =>
        [.. ReadList(reader, ReadDescriptor).OfType<PublicKeyCredentialDescriptor>()];

    public static PublicKeyCredentialDescriptor? ReadDescriptor(WireCborReader reader)
    {
        string? type = null;
        CredentialId? id = null;
        IReadOnlyList<string> transports = [];
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadText())
            {
                case KeyId: id = new(reader.ReadByteString()); break;
                case KeyType: type = reader.ReadText(MaxText); break;
                case KeyTransports: transports = ReadTexts(reader); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        var found = new PublicKeyCredentialDescriptor(id ?? throw Missing(reader, "a descriptor's id"), transports);
        return (type ?? throw Missing(reader, "a descriptor's type")) == PublicKey ? found : null;
    }

    public static void WriteDescriptor(CanonicalCborWriter writer, PublicKeyCredentialDescriptor descriptor)
    {
        writer.StartMap(2 + (descriptor.Transports.Count == 0 ? 0 : 1)).Text(KeyId).Bytes(descriptor.Id.Bytes).Text(KeyType).Text(PublicKey);
        if (descriptor.Transports.Count != 0)
        {
            writer.Text(KeyTransports);
            WriteTexts(writer, descriptor.Transports);
        }

        writer.EndMap();
    }

    /// <summary>COSE algorithm numbers; entries of another type than <c>public-key</c> are passed over.</summary>
    public static IReadOnlyList<int> ReadAlgorithms(WireCborReader reader) => [.. ReadList(reader, ReadAlgorithm).OfType<int>()];

    public static void WriteAlgorithms(CanonicalCborWriter writer, IReadOnlyList<int> algorithms) => WriteList(writer, algorithms, (w, algorithm) =>
        w.StartMap(2).Text(KeyAlgorithm).Integer(algorithm).Text(KeyType).Text(PublicKey).EndMap());

    private static int? ReadAlgorithm(WireCborReader reader)
    {
        int? algorithm = null;
        string? type = null;
        for (var entries = reader.ReadStartMap(); entries > 0; entries--)
        {
            switch (reader.ReadText())
            {
                case KeyAlgorithm: algorithm = reader.ReadInt32(); break;
                case KeyType: type = reader.ReadText(MaxText); break;
                default: reader.SkipValue(); break;
            }
        }

        reader.ReadEndMap();
        var found = algorithm ?? throw Missing(reader, "an algorithm's alg");
        return (type ?? throw Missing(reader, "an algorithm's type")) == PublicKey ? found : null;
    }
}
