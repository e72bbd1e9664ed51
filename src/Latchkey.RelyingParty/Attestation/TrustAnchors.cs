using System.Security.Cryptography;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>A certificate an attestation may lead to, what it may vouch for, and what it no longer stands for.</summary>
/// <param name="Certificate">The certificate, DER: a root, an intermediate, or an attestation certificate itself.</param>
public sealed record TrustAnchor(ByteString Certificate)
{
    /// <summary>
    /// The models it may vouch for: what leads to it counts only with one of these AAGUIDs in its certificate. Null for a maker whose
    /// certificates say what they like.
    /// </summary>
    public IReadOnlySet<Aaguid>? Models { get; init; }

    /// <summary>Whether it was revoked: what leads to it is refused as revoked, and not as unknown.</summary>
    public bool IsRevoked { get; init; }

    /// <summary>The serial numbers of certificates it issued and took back: the bytes of their DER integers.</summary>
    public IReadOnlySet<ByteString> RevokedSerials { get; init; } = new HashSet<ByteString>();
}

/// <summary>The certificates an attestation may lead to, parsed once.</summary>
public sealed class TrustAnchors
{
    private const string Structure = "trust anchor";
    private const string PemLabel = "CERTIFICATE";

    private readonly ParsedAnchor[] _anchors;

    private TrustAnchors(IEnumerable<ParsedAnchor> anchors, int unreadable) => (_anchors, Unreadable) = ([.. anchors], unreadable);

    /// <summary>What these anchors have vouched for before; other anchors are another object with another memory.</summary>
    internal KnownPaths KnownPaths { get; } = new();

    /// <summary>No anchors: no attestation by certificates is trusted.</summary>
    public static TrustAnchors None { get; } = new([], 0);

    /// <summary>How many of those given are no certificates: nothing leads to them, and the others stand all the same.</summary>
    public int Unreadable { get; }

    /// <summary>Anchors, each with what it may vouch for.</summary>
    public static TrustAnchors Of(IEnumerable<TrustAnchor> anchors)
    {
        var parsed = anchors.Select(anchor => AttestationCertificate.TryParse(anchor.Certificate, out var certificate) ? new ParsedAnchor(anchor, certificate) : null).ToList();
        return new(parsed.OfType<ParsedAnchor>(), parsed.Count(anchor => anchor is null));
    }

    /// <summary>Anchors from certificates in DER, which vouch for any model.</summary>
    public static TrustAnchors FromDer(IEnumerable<ByteString> certificates) => Of(certificates.Select(der => new TrustAnchor(der)));

    /// <summary>Anchors from texts with one or more certificates in PEM each.</summary>
    /// <exception cref="WireFormatException">There are texts, and not one certificate in them.</exception>
    public static TrustAnchors FromPem(IReadOnlyCollection<string> texts)
    {
        var anchors = FromDer(texts.SelectMany(ReadPem));
        return anchors._anchors.Length > 0 || texts.Count == 0 ? anchors : throw new WireFormatException(Structure, 0, "is not a certificate in PEM");
    }

    /// <summary>Whether one of them can vouch for a model that is as asked.</summary>
    internal bool VouchForAny(Func<Aaguid, bool> isAsked) => Array.Exists(_anchors, anchor => !anchor.IsRevoked && (anchor.Models is null || anchor.Models.Any(isAsked)));

    internal IEnumerable<ParsedAnchor> IssuersOf(AttestationCertificate certificate) =>
        _anchors.Where(anchor => anchor.Certificate.Subject == certificate.Issuer);

    /// <summary>The anchor that is this certificate itself.</summary>
    internal ParsedAnchor? Find(AttestationCertificate certificate) => Array.Find(_anchors, anchor => anchor.Certificate.Raw == certificate.Raw);

    // What is damaged comes back as nothing, and counts as one that cannot be read.
    private static List<ByteString> ReadPem(string text)
    {
        var certificates = new List<ByteString>();
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label].SequenceEqual(PemLabel))
            {
                var der = new byte[fields.DecodedDataLength];
                certificates.Add(Convert.TryFromBase64Chars(rest[fields.Base64Data], der, out var length) && length == der.Length ? der : default(ByteString));
            }

            rest = rest[fields.Location.End..];
        }

        return certificates.Count > 0 ? certificates : [default];
    }
}

/// <summary>An anchor with its certificate read.</summary>
internal sealed class ParsedAnchor(TrustAnchor anchor, AttestationCertificate certificate)
{
    public AttestationCertificate Certificate => certificate;

    public IReadOnlySet<Aaguid>? Models => anchor.Models;

    public bool IsRevoked => anchor.IsRevoked;

    /// <summary>Whether it may vouch for the model an attestation certificate names; one that is bound to models, for none that is not named.</summary>
    public bool VouchesFor(Aaguid? model) => anchor.Models is null || (model is { } named && anchor.Models.Contains(named));

    /// <summary>Whether it no longer stands for a certificate it issued.</summary>
    public bool TookBack(AttestationCertificate issued) => anchor.IsRevoked || anchor.RevokedSerials.Contains(issued.Serial);
}
