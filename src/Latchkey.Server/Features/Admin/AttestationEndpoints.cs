using System.Security.Cryptography;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Admin;

/// <summary>The attestation authorities and what they issued: shown, rotated, revoked; tried out before it holds.</summary>
internal static class AttestationEndpoints
{
    public static async Task<IResult> AuthoritiesAsync(AttestationAuthorities authorities, LatchkeyDb db, TimeProvider time, CancellationToken cancellation)
    {
        var shown = new List<AttestationAuthorityInfo>();
        foreach (var authority in await authorities.ListAsync(cancellation))
        {
            shown.Add(await ViewAsync(authority, db, time, cancellation));
        }

        return Results.Json(new AttestationAuthorityCollection(shown), ApiJson.Default.AttestationAuthorityCollection);
    }

    public static async Task<IResult> CertificatesAsync(string? person, LatchkeyDb db, People people, CancellationToken cancellation)
    {
        var owner = person is null ? null : await people.FindAsync(person);
        if (person is not null && owner is null)
        {
            return LocalProblems.NoPerson(person);
        }

        var certificates = await db.AttestationCertificates.AsNoTracking().Where(c => owner == null || c.UserId == owner.Id)
            .Join(db.Users, c => c.UserId, u => u.Id, (certificate, user) => new { certificate, user.UserName }).OrderBy(c => c.certificate.IssuedAt).ToListAsync(cancellation);
        var passkeys = (await db.Passkeys.AsNoTracking().Where(p => p.AttestationCertificateId != null && (owner == null || p.UserId == owner.Id)).ToListAsync(cancellation))
            .ToLookup(p => p.AttestationCertificateId!.Value, p => p.DisplayName);
        return Results.Json(
            new AttestationCertificateCollection([.. certificates.Select(c => new AttestationCertificateInfo(
                c.certificate.Name, c.certificate.AuthorityId.ToString(), c.UserName!, c.certificate.Aaguid.ToString(), c.certificate.IssuedAt, c.certificate.ExpiresAt,
                c.certificate.RevokedAt, [.. passkeys[c.certificate.Id]]))]),
            ApiJson.Default.AttestationCertificateCollection);
    }

    public static async Task<IResult> RotateAsync(HttpContext context, AttestationAuthorities authorities, LatchkeyDb db, AuditLog audit, TimeProvider time, CancellationToken cancellation)
    {
        var (now, active) = (time.GetUtcNow(), (await authorities.ListAsync(cancellation)).Where(authority => authority.IsActive).Select(authority => authority.Id).ToList());
        var certificates = await db.AttestationCertificates.Where(c => active.Contains(c.AuthorityId) && c.RevokedAt == null && c.ExpiresAt > now).Select(c => c.Id).ToHashSetAsync(cancellation);
        AttestationAuthorityInfo? successor = null;
        if (!IsDryRun(context))
        {
            var made = await authorities.RotateAsync(cancellation);
            audit.Add("attestation.rotated", userId: null, made.Id.ToString(), actor: AuditLog.Local);
            await db.SaveChangesAsync(cancellation);
            successor = await ViewAsync(made, db, time, cancellation);
        }

        return Answer(certificates.Count, await VouchedForAsync(certificates, db, cancellation), [], successor);
    }

    public static async Task<IResult> RevokeAsync(
        AttestationRevocation wanted, HttpContext context, AttestationAuthorities authorities, PolicyStore policies, PolicyImpact impact, People people, LatchkeyDb db,
        AuditLog audit, TimeProvider time, CancellationToken cancellation)
    {
        AttestationAuthority? authority = null;
        User? owner = null;
        List<AttestationCertificate> certificates;
        switch (wanted)
        {
            case { Authority: { } id, Certificate: null, Person: null }:
                if ((authority = One(await authorities.ListAsync(cancellation), one => one.Id.ToString(), id)) is null)
                {
                    return LocalProblems.NoAuthority(id);
                }

                certificates = await db.AttestationCertificates.Where(c => c.AuthorityId == authority.Id).ToListAsync(cancellation);
                break;
            case { Certificate: { } serial, Authority: null, Person: null }:
                if (One(await db.AttestationCertificates.ToListAsync(cancellation), one => one.Name, serial) is not { } certificate)
                {
                    return LocalProblems.NoCertificate(serial);
                }

                certificates = [certificate];
                break;
            case { Person: { } name, Authority: null, Certificate: null }:
                if ((owner = await people.FindAsync(name)) is null)
                {
                    return LocalProblems.NoPerson(name);
                }

                certificates = await db.AttestationCertificates.Where(c => c.UserId == owner.Id).ToListAsync(cancellation);
                break;
            default:
                return LocalProblems.Problem(StatusCodes.Status400BadRequest, "request_invalid", AdminTexts.RevokeOne);
        }

        var now = time.GetUtcNow();
        certificates.RemoveAll(certificate => certificate.RevokedAt is not null);
        var ids = certificates.Select(certificate => certificate.Id).ToHashSet();
        var refused = await impact.OfRevokingAsync((await policies.GetAsync(cancellation)).Policy, ids, cancellation);
        var passkeys = await VouchedForAsync(ids, db, cancellation);
        var valid = certificates.Count(certificate => certificate.IsValid(now));
        AttestationAuthorityInfo? active = null;
        if (!IsDryRun(context))
        {
            if (authority is not null)
            {
                await authorities.RevokeAsync(authority, cancellation);
                audit.Add("attestation.authority_revoked", userId: null, authority.Id.ToString(), actor: AuditLog.Local);
            }

            authorities.Revoke(certificates);
            foreach (var certificate in certificates)
            {
                audit.Add("attestation.revoked", certificate.UserId, certificate.Name, actor: AuditLog.Local);
            }

            await db.SaveChangesAsync(cancellation);
            active = await ViewAsync((await authorities.ListAsync(cancellation)).Last(one => one.IsActive), db, time, cancellation);
        }

        return Answer(valid, passkeys, refused, active);
    }

    private static IResult Answer(int certificates, int passkeys, IReadOnlyList<RefusedPasskey> refused, AttestationAuthorityInfo? active) =>
        Results.Json(new AttestationChange(certificates, passkeys, refused, active), ApiJson.Default.AttestationChange);

    private static bool IsDryRun(HttpContext context) => context.Request.Query.ContainsKey("dryRun");

    /// <summary>The one that is meant by its name or the beginning of it; null when it is none or several.</summary>
    private static T? One<T>(IEnumerable<T> all, Func<T, string> name, string text)
        where T : class
    {
        var found = all.Where(one => text.Length > 0 && name(one).StartsWith(text, StringComparison.OrdinalIgnoreCase)).Take(2).ToList();
        return found is [var one] ? one : null;
    }

    private static Task<int> VouchedForAsync(IReadOnlyCollection<Guid> certificates, LatchkeyDb db, CancellationToken cancellation) =>
        db.Passkeys.CountAsync(passkey => passkey.AttestationCertificateId != null && certificates.Contains(passkey.AttestationCertificateId.Value), cancellation);

    private static async Task<AttestationAuthorityInfo> ViewAsync(AttestationAuthority authority, LatchkeyDb db, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        return new AttestationAuthorityInfo(
            authority.Id.ToString(),
            authority.RevokedAt is not null ? AttestationAuthorityInfo.Revoked : authority.RetiredAt is not null ? AttestationAuthorityInfo.Retired : AttestationAuthorityInfo.Active,
            authority.CreatedAt,
            authority.RetiredAt,
            authority.RevokedAt,
            Convert.ToHexStringLower(SHA256.HashData(authority.Certificate)),
            await db.AttestationCertificates.CountAsync(c => c.AuthorityId == authority.Id && c.RevokedAt == null && c.ExpiresAt > now, cancellation),
            await db.Passkeys.CountAsync(p => p.AttestationCertificate!.AuthorityId == authority.Id, cancellation));
    }
}
