using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.AttestationCertificates;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Server.Features.Problems;
using Latchkey.Server.Hosting;
using Latchkey.Server.Shell;
using Latchkey.Server.Storage;
using Microsoft.EntityFrameworkCore;

namespace Latchkey.Server.Features.Attestation;

/// <summary>
/// An Authenticator proves that it has a key, its person that they are there, and gets a certificate over it. What that proves to the policy
/// later is who had the key certified, and when; not that the program is ours, nor that the key is in hardware.
/// </summary>
internal static class EnrolmentEndpoints
{
    /// <summary>How long before its end a key gets another certificate.</summary>
    private static readonly TimeSpan RenewedBefore = TimeSpan.FromDays(30);

    private const int MaxRequestLength = 4096;

    private const string P256 = "1.2.840.10045.3.1.7";

    public static async Task<IResult> EnrolAsync(
        HttpContext context, AttestationAuthorities authorities, SessionStore sessions, LatchkeyDb db, AuditLog audit, ServerOptions options, TimeProvider time,
        CancellationToken cancellation)
    {
        var signedIn = SignedIn.Required(context);
        if (Read(await context.ReadBodyAsync(cancellation)) is not var (aaguid, request))
        {
            return Refusal.Graph(context, "request_malformed");
        }

        if (!AttestationAuthorities.Models.Contains(new Aaguid(aaguid)))
        {
            return await RefusedAsync("attestation_model_not_ours");
        }

        if (KeyOf(request) is not { } key)
        {
            return await RefusedAsync("attestation_request_invalid");
        }

        var now = time.GetUtcNow();
        var keyHash = SHA256.HashData(key.ExportSubjectPublicKeyInfo());
        var valid = await db.AttestationCertificates.Where(c => c.UserId == signedIn.User.Id && c.RevokedAt == null && c.ExpiresAt > now).ToListAsync(cancellation);
        var isRevoked = await db.AttestationCertificates.AnyAsync(c => c.KeyHash == keyHash && c.RevokedAt != null, cancellation);
        var known = isRevoked ? null : valid.Where(c => c.Aaguid == aaguid && c.KeyHash.AsSpan().SequenceEqual(keyHash)).MaxBy(c => c.ExpiresAt);
        if (known is not null && known.ExpiresAt - now > RenewedBefore)
        {
            return View(known, signedIn.User, options); // asked again, as after an answer that was lost
        }

        // Whoever has the key of a valid certificate may have it renewed; anybody else shows that the person is there.
        if (known is null && !sessions.IsFresh(signedIn.Session))
        {
            return Refusal.Graph(context, "step_up_required");
        }

        // What was revoked was in doubt, and the key with it: nobody's second factor makes it good again.
        if (isRevoked)
        {
            return await RefusedAsync("attestation_key_revoked");
        }

        AttestationCertificate? issued;
        try
        {
            issued = await authorities.IssueAsync(signedIn.User.Id, aaguid, key, keyHash, cancellation);
        }
        catch (CryptographicException)
        {
            return Refusal.Graph(context, "attestation_authority_unusable"); // what sealed the key is gone: another data directory's keys
        }

        return issued is null ? await RefusedAsync("attestation_certificate_limit_reached") : View(issued, signedIn.User, options);

        async Task<IResult> RefusedAsync(string code)
        {
            audit.Add("attestation.issued", signedIn.User.Id, code);
            await db.SaveChangesAsync(cancellation);
            return Refusal.Graph(context, code);
        }
    }

    /// <summary>Whether a certificate of the person's is one the server stands for.</summary>
    public static async Task<IResult> GetAsync(string id, HttpContext context, LatchkeyDb db, ServerOptions options, TimeProvider time, CancellationToken cancellation)
    {
        var user = SignedIn.Required(context).User;
        var certificates = await db.AttestationCertificates.AsNoTracking().Where(c => c.UserId == user.Id).ToListAsync(cancellation);
        return certificates.Find(certificate => certificate.Name == id && certificate.IsValid(time.GetUtcNow())) is { } found
            ? View(found, user, options)
            : Refusal.Graph(context, AttestationCertificatesClient.NotFound);
    }

    private static IResult View(AttestationCertificate certificate, User user, ServerOptions options) => Results.Json(
        new IssuedAttestationCertificate(
            certificate.Name, certificate.Aaguid.ToString(), options.RpId, new ByteString(user.UserHandle).ToBase64Url(), certificate.ExpiresAt,
            [new ByteString(certificate.Certificate).ToBase64Url()]),
        ApiJson.Default.IssuedAttestationCertificate);

    /// <summary>The key a request is for, if its signature is that key's and it is one this server takes: P-256.</summary>
    private static PublicKey? KeyOf(byte[] request)
    {
        try
        {
            var key = CertificateRequest.LoadSigningRequest(request, HashAlgorithmName.SHA256).PublicKey; // checks the signature
            using var ecdsa = key.GetECDsaPublicKey();

            // A curve spelled out in numbers has no name, and is none of ours even where the numbers are P-256's.
            return ecdsa?.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true, Oid.Value: P256 } ? key : null;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException or NotSupportedException or OverflowException)
        {
            return null;
        }
    }

    private static (Guid Aaguid, byte[] Request)? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize(body.Span, ApiJson.Default.NewAttestationCertificate) is { AaGuid: { } aaguid, CertificationRequest: { Length: <= MaxRequestLength } request }
                && Guid.TryParseExact(aaguid, "D", out var model)
                    ? (model, ByteString.FromBase64Url(request).ToArray())
                    : null;
        }
        catch (Exception e) when (e is JsonException or WireFormatException)
        {
            return null;
        }
    }
}
