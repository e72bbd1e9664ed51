using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Storage;

/// <summary>
/// The server's attestation authorities and what they issued. An authority and its key are one row, the key sealed: a rotation is whole or not
/// at all, every server on this database sees it at once, and a back-up of the data directory brings keys, certificates and their state back together.
/// </summary>
public sealed class AttestationAuthorities(LatchkeyDb db, AuditLog audit, IDataProtectionProvider protection, TimeProvider time)
{
    /// <summary>The models it vouches for: our own Authenticator, and the same on a virtual phone. Never another maker's.</summary>
    public static readonly IReadOnlySet<Aaguid> Models = new HashSet<Aaguid> { new(PasskeyNames.Authenticator), new(PasskeyNames.VirtualPhone) };

    private readonly IDataProtector protector = protection.CreateProtector("Latchkey.AttestationAuthority.v1");

    /// <summary>At a start: makes the first one.</summary>
    public async Task CreateOnceAsync(CancellationToken cancellation)
    {
        if (!await db.AttestationAuthorities.AnyAsync(cancellation))
        {
            AddNew();
            await db.SaveChangesAsync(cancellation);
        }
    }

    public async Task<IReadOnlyList<AttestationAuthority>> ListAsync(CancellationToken cancellation) =>
        await db.AttestationAuthorities.OrderBy(authority => authority.CreatedAt).ThenBy(authority => authority.Id).ToListAsync(cancellation);

    /// <summary>Where attestations may lead as of now: active and retired authorities, bound to our own models, without what was revoked.</summary>
    public async Task<TrustAnchors> AnchorsAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var authorities = await db.AttestationAuthorities.AsNoTracking().Select(authority => new { authority.Id, authority.Certificate, authority.RevokedAt }).ToListAsync(cancellation);
        var revoked = (await db.AttestationCertificates.AsNoTracking().Where(certificate => certificate.RevokedAt != null && certificate.ExpiresAt > now)
            .Select(certificate => new { certificate.AuthorityId, certificate.Serial }).ToListAsync(cancellation)).ToLookup(certificate => certificate.AuthorityId, certificate => new ByteString(certificate.Serial));
        return TrustAnchors.Of(authorities.Select(authority => new TrustAnchor(authority.Certificate)
        {
            Models = Models,
            IsRevoked = authority.RevokedAt is not null,
            RevokedSerials = revoked[authority.Id].ToHashSet(),
        }));
    }

    /// <summary>The certificate of ours that is this one; null when we never issued it, or no longer know it.</summary>
    public Task<AttestationCertificate?> FindAsync(ReadOnlySpan<byte> der, CancellationToken cancellation)
    {
        var thumbprint = SHA256.HashData(der);
        return db.AttestationCertificates.FirstOrDefaultAsync(certificate => certificate.Thumbprint == thumbprint, cancellation);
    }

    /// <summary>Has the active authority certify a person's Authenticator, and writes it down.</summary>
    /// <returns>Null when the person has as many certified as they may; a key that is certified already is none more.</returns>
    public async Task<AttestationCertificate?> IssueAsync(Guid userId, Guid aaguid, PublicKey key, byte[] keyHash, CancellationToken cancellation)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        await db.LockPersonAsync(userId, cancellation);
        var at = time.GetUtcNow();
        var held = (await db.AttestationCertificates.Where(c => c.UserId == userId && c.RevokedAt == null && c.ExpiresAt > at).Select(c => c.KeyHash).ToListAsync(cancellation))
            .Select(Convert.ToHexString).ToHashSet(StringComparer.Ordinal);
        if (!held.Contains(Convert.ToHexString(keyHash)) && held.Count >= AttestationCertificate.MaxPerUser)
        {
            return null;
        }

        var authority = (await ListAsync(cancellation)).Last(one => one.IsActive);
        using var issuer = X509CertificateLoader.LoadCertificate(authority.Certificate);
        using var issuerKey = ECDsa.Create();
        issuerKey.ImportPkcs8PrivateKey(protector.Unprotect(authority.SealedKey), out _);
        var now = time.GetUtcNow();
        using var issued = AuthorityCertificates.Attestation(issuer, issuerKey, key, aaguid, now);
        var certificate = new AttestationCertificate
        {
            Id = Guid.CreateVersion7(now),
            AuthorityId = authority.Id,
            UserId = userId,
            Aaguid = aaguid,
            Serial = issued.SerialNumberBytes.ToArray(),
            KeyHash = keyHash,
            Thumbprint = SHA256.HashData(issued.RawData),
            Certificate = issued.RawData,
            IssuedAt = now,
            ExpiresAt = new DateTimeOffset(issued.NotAfter),
        };
        db.AttestationCertificates.Add(certificate);
        audit.Add("attestation.issued", userId, certificate.Name);
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return certificate;
    }

    /// <summary>Retires the active authority and puts a new one in its place, in the unit of work at hand: what the old one issued stays good.</summary>
    public async Task<AttestationAuthority> RotateAsync(CancellationToken cancellation)
    {
        foreach (var authority in (await ListAsync(cancellation)).Where(one => one.IsActive))
        {
            authority.RetiredAt = time.GetUtcNow();
        }

        return AddNew();
    }

    /// <summary>Revokes an authority with everything it issued, in the unit of work at hand; there is always an active one.</summary>
    public async Task RevokeAsync(AttestationAuthority authority, CancellationToken cancellation)
    {
        authority.RevokedAt ??= time.GetUtcNow();
        Revoke(await db.AttestationCertificates.Where(certificate => certificate.AuthorityId == authority.Id).ToListAsync(cancellation));
        if (!(await ListAsync(cancellation)).Any(one => one.IsActive))
        {
            AddNew();
        }
    }

    /// <summary>Revokes certificates, in the unit of work at hand.</summary>
    public void Revoke(IEnumerable<AttestationCertificate> certificates)
    {
        foreach (var certificate in certificates)
        {
            certificate.RevokedAt ??= time.GetUtcNow();
        }
    }

    private AttestationAuthority AddNew()
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new AttestationAuthority
        {
            Id = id,
            Certificate = AuthorityCertificates.Authority(id, key, now),
            SealedKey = protector.Protect(key.ExportPkcs8PrivateKey()),
            CreatedAt = now,
        };
        db.AttestationAuthorities.Add(authority);
        return authority;
    }
}
