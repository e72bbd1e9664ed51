using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Runtime.InteropServices;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>From when until when something is valid, both included.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Validity(DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    public bool Contains(DateTimeOffset time) => NotBefore <= time && time <= NotAfter;

    public Validity And(Validity other) =>
        new(NotBefore > other.NotBefore ? NotBefore : other.NotBefore, NotAfter < other.NotAfter ? NotAfter : other.NotAfter);
}

/// <summary>
/// A certificate as attestation looks at it (RFC 5280 §4): the few fields its rules name, as slices of the DER. Read
/// here and not by the BCL, whose key import costs several times what the whole check does.
/// </summary>
internal sealed class AttestationCertificate
{
    private const string BasicConstraintsOid = "2.5.29.19";
    private const string KeyUsageOid = "2.5.29.15";
    private const string AaguidOid = "1.3.6.1.4.1.45724.1.1.4"; // id-fido-gen-ce-aaguid
    private const string FirmwareVersionOid = "1.3.6.1.4.1.45724.1.1.5"; // id-fido-gen-ce-fw-version
    private const string CountryOid = "2.5.4.6";
    private const string OrganizationOid = "2.5.4.10";
    private const string OrganizationalUnitOid = "2.5.4.11";
    private const string CommonNameOid = "2.5.4.3";
    private const int KeyCertSignBit = 5;
    private const int LastTwoDigitYear = 2049; // RFC 5280 §4.1.2.5.1

    // Extensions that restrict nothing asked here, or that say where more is found.
    private static readonly string[] HarmlessOids = ["2.5.29.14", "2.5.29.17", "2.5.29.31", "2.5.29.32", "2.5.29.35", "2.5.29.37"];

    private static readonly Asn1Tag VersionTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag IssuerIdTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag SubjectIdTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag ExtensionsTag = new(TagClass.ContextSpecific, 3);

    private CertificateKey _key = null!;
    private string _signatureOid = "";
    private ReadOnlyMemory<byte> _toBeSigned;
    private byte[] _signature = [];

    private AttestationCertificate(ByteString raw) => Raw = raw;

    public ByteString Raw { get; }

    /// <summary>The serial number: the bytes of its DER integer.</summary>
    public ByteString Serial { get; private set; }

    /// <summary>1 or 3, as people count.</summary>
    public int Version { get; private set; } = 1;

    public ByteString Issuer { get; private set; }

    public ByteString Subject { get; private set; }

    public Validity Validity { get; private set; }

    public string? Country { get; private set; }

    public string? Organization { get; private set; }

    public List<string> OrganizationalUnits { get; } = [];

    public string? CommonName { get; private set; }

    public bool HasBasicConstraints { get; private set; }

    public bool IsAuthority { get; private set; }

    public int? PathLength { get; private set; }

    public bool MaySignCertificates { get; private set; } = true;

    /// <summary>The AAGUID of id-fido-gen-ce-aaguid; null when there is no such extension.</summary>
    public Aaguid? Aaguid { get; private set; }

    /// <summary>A FIDO extension is marked critical, which the standard forbids.</summary>
    public bool HasCriticalFidoExtension { get; private set; }

    /// <summary>There is a critical extension not understood here, or one twice.</summary>
    public bool HasUnknownCriticalExtension { get; private set; }

    public static bool TryParse(ByteString der, [NotNullWhen(true)] out AttestationCertificate? certificate)
    {
        certificate = new(der);
        try
        {
            certificate.Read(new AsnReader(der.Memory, AsnEncodingRules.DER));
            return true;
        }
        catch (Exception e) when (e is AsnContentException or OverflowException or ArgumentException or InvalidOperationException)
        {
            certificate = null; // ArgumentException: a time that no calendar has; InvalidOperationException: a tag no reader expects
            return false;
        }
    }

    /// <summary>The public key for use with a COSE algorithm; false when the key is not of its type, or unusable.</summary>
    public bool TryGetKey(CoseAlgorithm algorithm, out CoseKey key) => _key.TryGet(algorithm, out key);

    /// <summary>True when <paramref name="issuer"/>'s key signed this certificate.</summary>
    public bool IsSignedBy(AttestationCertificate issuer) => issuer._key.Signed(_signatureOid, _toBeSigned.Span, _signature);

    private void Read(AsnReader outer)
    {
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        _toBeSigned = certificate.PeekEncodedValue();
        var body = certificate.ReadSequence();
        var signatureAlgorithm = certificate.PeekEncodedValue();
        _signatureOid = certificate.ReadSequence().ReadObjectIdentifier();
        _signature = CertificateKey.ReadWholeBytes(certificate);
        certificate.ThrowIfNotEmpty();

        if (body.PeekTag().HasSameClassAndValue(VersionTag))
        {
            Version = (int)body.ReadSequence(VersionTag).ReadInteger() + 1;
        }

        Serial = new(body.ReadIntegerBytes());
        if (!body.ReadEncodedValue().Span.SequenceEqual(signatureAlgorithm.Span))
        {
            throw new AsnContentException("The two signature algorithms differ.");
        }

        Issuer = new(body.ReadEncodedValue());
        var validity = body.ReadSequence();
        Validity = new(ReadTime(validity), ReadTime(validity));
        validity.ThrowIfNotEmpty();
        Subject = new(body.PeekEncodedValue());
        ReadSubject(body.ReadSequence());
        _key = CertificateKey.Read(body.ReadSequence());
        while (body.HasData)
        {
            var tag = body.PeekTag();
            if (tag.HasSameClassAndValue(ExtensionsTag))
            {
                ReadExtensions(body.ReadSequence(ExtensionsTag).ReadSequence());
            }
            else if (tag.HasSameClassAndValue(IssuerIdTag) || tag.HasSameClassAndValue(SubjectIdTag))
            {
                body.ReadEncodedValue();
            }
            else
            {
                throw new AsnContentException("There is a member no certificate has.");
            }
        }
    }

    private void ReadSubject(AsnReader names)
    {
        while (names.HasData)
        {
            var set = names.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                var attribute = set.ReadSequence();
                var oid = attribute.ReadObjectIdentifier();
                if (oid is CountryOid or OrganizationOid or OrganizationalUnitOid or CommonNameOid)
                {
                    var text = attribute.ReadCharacterString((UniversalTagNumber)attribute.PeekTag().TagValue);
                    _ = oid switch
                    {
                        CountryOid => Country = text,
                        OrganizationOid => Organization = text,
                        CommonNameOid => CommonName = text,
                        _ => Add(OrganizationalUnits, text),
                    };
                }
            }
        }

        static string Add(List<string> list, string text)
        {
            list.Add(text);
            return text;
        }
    }

    private void ReadExtensions(AsnReader extensions)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical = IsTrue(extension);
            var value = extension.ReadOctetString();
            extension.ThrowIfNotEmpty();
            if (!seen.Add(oid))
            {
                throw new AsnContentException("There is an extension twice.");
            }

            switch (oid)
            {
                case BasicConstraintsOid:
                    ReadBasicConstraints(new AsnReader(value, AsnEncodingRules.DER));
                    break;
                case KeyUsageOid:
                    var usage = new AsnReader(value, AsnEncodingRules.DER).ReadBitString(out _);
                    MaySignCertificates = usage.Length > 0 && (usage[0] & (0x80 >> KeyCertSignBit)) != 0;
                    break;
                case AaguidOid:
                    // "the AAGUID MUST be wrapped in two OCTET STRINGS to be valid"
                    var aaguid = new AsnReader(value, AsnEncodingRules.DER);
                    var bytes = aaguid.ReadOctetString();
                    aaguid.ThrowIfNotEmpty();
                    Aaguid = bytes.Length == Protocol.WebAuthn.Aaguid.Length
                        ? Protocol.WebAuthn.Aaguid.Read(bytes)
                        : throw new AsnContentException("The AAGUID is not 16 bytes long.");
                    HasCriticalFidoExtension |= critical;
                    break;
                case FirmwareVersionOid:
                    HasCriticalFidoExtension |= critical;
                    break;
                default:
                    HasUnknownCriticalExtension |= critical && !HarmlessOids.Contains(oid);
                    break;
            }
        }
    }

    private void ReadBasicConstraints(AsnReader outer)
    {
        var constraints = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        HasBasicConstraints = true;
        IsAuthority = constraints.HasData && IsTrue(constraints);
        if (constraints.HasData)
        {
            PathLength = constraints.TryReadInt32(out var length) && length >= 0 ? length : 0;
        }

        constraints.ThrowIfNotEmpty();
    }

    // DER writes TRUE as FF, some makers' roots as 01. Its bytes are what was signed, so that nobody gains by how it is read.
    private static bool IsTrue(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean)
        && AsnDecoder.ReadBoolean(reader.ReadEncodedValue().Span, AsnEncodingRules.BER, out _);

    private static DateTimeOffset ReadTime(AsnReader validity) =>
        validity.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? validity.ReadUtcTime(LastTwoDigitYear) : validity.ReadGeneralizedTime();
}
