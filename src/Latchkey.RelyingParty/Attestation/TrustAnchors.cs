using System.Security.Cryptography;
using Latchkey.Protocol;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>The certificates an attestation may lead to, parsed once. An anchor may be a root, an intermediate, or an attestation certificate itself.</summary>
public sealed class TrustAnchors
{
    private const string Structure = "trust anchor";
    private const string PemLabel = "CERTIFICATE";

    private readonly AttestationCertificate[] _anchors;

    private TrustAnchors(IEnumerable<AttestationCertificate> anchors) => _anchors = [.. anchors];

    /// <summary>What these anchors have vouched for before; other anchors are another object with another memory.</summary>
    internal KnownPaths KnownPaths { get; } = new();

    /// <summary>No anchors: no attestation by certificates is trusted.</summary>
    public static TrustAnchors None { get; } = new([]);

    /// <summary>How many there are.</summary>
    public int Count => _anchors.Length;

    /// <summary>Anchors from certificates in DER.</summary>
    /// <exception cref="WireFormatException">One of them is no certificate.</exception>
    public static TrustAnchors FromDer(IEnumerable<ByteString> certificates) => new(certificates.Select(der =>
        AttestationCertificate.TryParse(der, out var anchor) ? anchor : throw new WireFormatException(Structure, 0, "is not a certificate")));

    /// <summary>Anchors from texts with one or more certificates in PEM each.</summary>
    /// <exception cref="WireFormatException">A text holds no certificate, or something that is none.</exception>
    public static TrustAnchors FromPem(IEnumerable<string> texts) => FromDer(texts.SelectMany(ReadPem));

    internal IEnumerable<AttestationCertificate> IssuersOf(AttestationCertificate certificate) =>
        _anchors.Where(anchor => anchor.Subject == certificate.Issuer);

    internal bool Contains(AttestationCertificate certificate) => Array.Exists(_anchors, anchor => anchor.Raw == certificate.Raw);

    private static List<ByteString> ReadPem(string text)
    {
        var certificates = new List<ByteString>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label].SequenceEqual(PemLabel))
            {
                var der = new byte[fields.DecodedDataLength];
                certificates.Add(Convert.TryFromBase64Chars(rest[fields.Base64Data], der, out var length) && length == der.Length
                    ? der
                    : throw new WireFormatException(Structure, 0, "is not base64 inside its PEM"));
            }

            rest = rest[fields.Location.End..];
        }

        return certificates.Count > 0 ? certificates : throw new WireFormatException(Structure, 0, "is not PEM");
    }
}
