using System.Security.Cryptography.X509Certificates;

namespace Latchkey.Server.Storage;

/// <summary>
/// A certificate authority of this server's own: it vouches for passkeys in its own Authenticators and for nothing else. One is active; retired
/// ones issue no more and are still believed; what a revoked one vouched for is believed no longer.
/// </summary>
public sealed class AttestationAuthority
{
    public Guid Id { get; set; }

    /// <summary>The certificate, DER, signed by its own key.</summary>
    public byte[] Certificate { get; set; } = [];

    /// <summary>The private key (PKCS #8), sealed by data protection: the database alone does not open it.</summary>
    public byte[] SealedKey { get; set; } = [];

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? RetiredAt { get; set; }

    public DateTimeOffset? RevokedAt { get; set; }

    public bool IsActive => RetiredAt is null && RevokedAt is null;
}

/// <summary>A certificate an authority issued to one person's Authenticator. Passkeys made with it say so.</summary>
public sealed class AttestationCertificate
{
    /// <summary>How many Authenticators a person can have certified at a time.</summary>
    public const int MaxPerUser = 20;

    public Guid Id { get; set; }

    public Guid AuthorityId { get; set; }

    public Guid UserId { get; set; }

    /// <summary>The model it names.</summary>
    public Guid Aaguid { get; set; }

    /// <summary>The serial number, as its bytes stand in the certificate.</summary>
    public byte[] Serial { get; set; } = [];

    /// <summary>SHA-256 of the public key: one Authenticator, one key for each account.</summary>
    public byte[] KeyHash { get; set; } = [];

    /// <summary>SHA-256 of the certificate.</summary>
    public byte[] Thumbprint { get; set; } = [];

    /// <summary>The certificate, DER.</summary>
    public byte[] Certificate { get; set; } = [];

    public DateTimeOffset IssuedAt { get; set; }

    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>When it was revoked, alone or with its authority.</summary>
    public DateTimeOffset? RevokedAt { get; set; }

    /// <summary>Its name on the outside: the serial number.</summary>
    public string Name => Convert.ToHexStringLower(Serial);

    /// <summary>SHA-1, as Graph lists certificates.</summary>
    public string GraphThumbprint
    {
        get
        {
            using var certificate = X509CertificateLoader.LoadCertificate(Certificate);
            return certificate.Thumbprint;
        }
    }

    public bool IsValid(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt;
}
