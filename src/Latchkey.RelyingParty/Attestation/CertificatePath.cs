using Latchkey.Protocol;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty.Attestation;

/// <summary>
/// Leads an attestation certificate to a configured anchor, and nowhere else: a root that came along in <c>x5c</c> is
/// worth nothing (GHSA-6hxq-p678-4hr2). No store of the system and no network: what is revoked, the anchor says. RFC 5280 §6, of
/// which policies and name constraints are left out: a certificate that has critical ones leads nowhere.
/// </summary>
internal static class CertificatePath
{
    /// <summary>The most certificates read in one <c>x5c</c>.</summary>
    public const int MaxLength = 8;

    /// <param name="x5c">The certificates as they came, the leaf first.</param>
    /// <param name="leaf">The first, parsed.</param>
    /// <param name="anchors">Where it may lead.</param>
    /// <param name="now">When it must.</param>
    /// <param name="validity">When everything on the way found is valid.</param>
    public static RegistrationError? Verify(ByteString[] x5c, AttestationCertificate leaf, TrustAnchors anchors, DateTimeOffset now, out Validity validity)
    {
        validity = leaf.Validity;
        var others = new List<AttestationCertificate>(x5c.Length);
        foreach (var der in x5c.AsSpan(1))
        {
            if (!AttestationCertificate.TryParse(der, out var other))
            {
                return RegistrationError.AttestationCertificateInvalid;
            }

            others.Add(other);
        }

        var current = leaf;
        for (var intermediates = 0; ; intermediates++)
        {
            if (!current.Validity.Contains(now))
            {
                return RegistrationError.AttestationCertificateExpired;
            }

            if (current.HasUnknownCriticalExtension)
            {
                return RegistrationError.AttestationUntrusted;
            }

            // "or is itself an acceptable certificate"
            if (anchors.Find(current) is { } itself && itself.VouchesFor(leaf.Aaguid))
            {
                return itself.IsRevoked ? RegistrationError.AttestationRevoked : null;
            }

            var expired = false;
            foreach (var anchor in anchors.IssuersOf(current))
            {
                if (!anchor.VouchesFor(leaf.Aaguid) || !MayIssue(anchor.Certificate, intermediates, isAnchor: true) || !current.IsSignedBy(anchor.Certificate))
                {
                    continue;
                }

                if (anchor.TookBack(current))
                {
                    return RegistrationError.AttestationRevoked;
                }

                if (anchor.Certificate.Validity.Contains(now))
                {
                    validity = validity.And(anchor.Certificate.Validity);
                    return null;
                }

                expired = true;
            }

            var issuer = others.Find(other => other.Subject == current.Issuer && MayIssue(other, intermediates, isAnchor: false) && current.IsSignedBy(other));
            if (issuer is null)
            {
                return expired ? RegistrationError.AttestationCertificateExpired : RegistrationError.AttestationUntrusted;
            }

            // Each is used once, so a self-signed one that came along cannot lead in circles.
            others.Remove(issuer);
            validity = validity.And(issuer.Validity);
            current = issuer;
        }
    }

    // Anchors from before version 3 have no extensions to say it with.
    private static bool MayIssue(AttestationCertificate issuer, int intermediates, bool isAnchor) =>
        (issuer.IsAuthority || (isAnchor && !issuer.HasBasicConstraints))
        && issuer.MaySignCertificates
        && !issuer.HasUnknownCriticalExtension
        && (issuer.PathLength is not { } pathLength || intermediates <= pathLength);
}
