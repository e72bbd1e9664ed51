using Latchkey.Protocol.Cbor;

namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// The attestation object: authenticator data and what vouches for it, as it travels to the relying party. (CTAP has a
/// form of its own, with numbers for keys; the client translates.)
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-generating-an-attestation-object"/>
/// </summary>
/// <param name="Format"><c>fmt</c>: the attestation statement format identifier.</param>
/// <param name="AttStmt">The attestation statement, a CBOR map (in compound an array) as it was encoded; its format says how to read it.</param>
/// <param name="AuthData">The authenticator data as it was signed.</param>
public readonly record struct AttestationObject(string Format, ByteString AttStmt, ByteString AuthData)
{
    /// <summary>The format of an attestation object that vouches for nothing.</summary>
    public const string FormatNone = "none";

    /// <summary>The format of most authenticators.</summary>
    public const string FormatPacked = "packed";

    /// <summary>The longest format identifier read, in bytes, as the registry limits it.</summary>
    public const int MaxFormatLength = 32;

    /// <summary>An attestation object with format <c>none</c>.</summary>
    public static AttestationObject None(ByteString authData) => new(FormatNone, EmptyMap, authData);

    /// <summary>Reads an attestation object; members of other names are passed over.</summary>
    /// <param name="bytes">What was received; the result is slices of it.</param>
    /// <param name="cbor">A reader to use again, so that nothing is allocated; one that takes keys in any order when absent.</param>
    /// <exception cref="WireFormatException">Not CBOR in the reader's form, a member missing or of another type, or bytes behind its end.</exception>
    public static AttestationObject Parse(ByteString bytes, WireCborReader? cbor = null)
    {
        cbor ??= new WireCborReader(Structure, default, form: CborForm.AnyOrder);
        cbor.Reset(Structure, bytes.Memory);
        string? format = null;
        ByteString? attStmt = null, authData = null;

        var members = cbor.ReadStartMap();
        for (var i = 0; i < members; i++)
        {
            var name = cbor.ReadUtf8().Span;
            if (name.SequenceEqual("fmt"u8))
            {
                format = format is null ? ReadFormat(cbor) : throw cbor.Malformed("has fmt twice");
            }
            else if (name.SequenceEqual("attStmt"u8))
            {
                if (attStmt is not null) throw cbor.Malformed("has attStmt twice");
                // A map in every format but compound, where it is an array: that is the format's to judge.
                attStmt = cbor.Peek() is System.Formats.Cbor.CborReaderState.StartMap or System.Formats.Cbor.CborReaderState.StartArray
                    ? cbor.ReadEncodedValue()
                    : throw cbor.Malformed("has an attStmt that is neither map nor array");
            }
            else if (name.SequenceEqual("authData"u8))
            {
                authData = authData is null ? cbor.ReadByteString() : throw cbor.Malformed("has authData twice");
            }
            else
            {
                cbor.SkipValue();
            }
        }

        cbor.ReadEndMap();
        cbor.ExpectEnd();
        return format is not null && attStmt is { } statement && authData is { } data
            ? new(format, statement, data)
            : throw cbor.Malformed("lacks fmt, attStmt or authData");
    }

    /// <summary>Writes the attestation object.</summary>
    public ByteString Encode() => new CanonicalCborWriter()
        .StartMap(3)
        .Text("fmt").Text(Format)
        .Text("attStmt").Encoded(AttStmt)
        .Text("authData").Bytes(AuthData)
        .EndMap()
        .Encode();

    private const string Structure = "attestation object";

    private static readonly ByteString EmptyMap = new byte[] { 0xa0 };

    private static string ReadFormat(WireCborReader cbor)
    {
        var format = cbor.ReadUtf8(MaxFormatLength).Span;
        return format.SequenceEqual("none"u8) ? FormatNone
            : format.SequenceEqual("packed"u8) ? FormatPacked
            : System.Text.Encoding.UTF8.GetString(format);
    }
}
