using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty;
using Latchkey.RelyingParty.Attestation;

namespace Latchkey.Server.Storage;

/// <summary>A credential record (WebAuthn §4) and what the person and the portal know of it.</summary>
public sealed class Passkey
{
    public const int MaxDisplayName = 64, MaxPerUser = 10;

    /// <summary>What a form's field lets through, in UTF-16: a character as people count them can be several of these.</summary>
    public const int MaxTyped = 512;

    public Guid Id { get; set; }

    public Guid UserId { get; set; }

    public byte[] CredentialId { get; set; } = [];

    /// <summary>The public key, as the COSE_Key bytes that arrived.</summary>
    public byte[] PublicKey { get; set; } = [];

    public long SignCount { get; set; }

    public bool UvInitialized { get; set; }

    public bool BackupEligible { get; set; }

    public bool BackupState { get; set; }

    public Guid Aaguid { get; set; }

    /// <summary>Transports as the client named them, separated by blanks.</summary>
    public string Transports { get; set; } = "";

    /// <summary>The COSE number of the key's algorithm.</summary>
    public int Algorithm { get; set; }

    public string AttestationFormat { get; set; } = "none";

    public AttestationType AttestationType { get; set; }

    public bool AttestationTrusted { get; set; }

    /// <summary>The certificate of ours that vouched for it; null when none did.</summary>
    public Guid? AttestationCertificateId { get; set; }

    public AttestationCertificate? AttestationCertificate { get; set; }

    /// <summary>Whether what vouched for it was revoked since.</summary>
    public bool IsAttestationRevoked => AttestationCertificate?.RevokedAt is not null;

    /// <summary>Whether its model is proven, as of now.</summary>
    public bool IsAttested => AttestationTrusted && !IsAttestationRevoked;

    public bool? Discoverable { get; set; }

    public string? AuthenticatorAttachment { get; set; }

    public string DisplayName { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }

    /// <summary>How browsers may reach it. The Authenticator answers QR codes too, whichever way the passkey was made there.</summary>
    public PublicKeyCredentialDescriptor ToDescriptor() => new(
        new CredentialId(new ByteString(CredentialId)),
        [.. Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries).Union(PasskeyNames.IsAuthenticator(Aaguid) ? ["hybrid"] : [])]);

    /// <summary>The credential record, as the ceremonies know it.</summary>
    public CredentialRecord ToRecord(User owner) => new()
    {
        Id = new CredentialId(new ByteString(CredentialId)),
        PublicKey = new ByteString(PublicKey),
        SignCount = (uint)SignCount,
        UvInitialized = UvInitialized,
        Transports = Transports.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        BackupEligible = BackupEligible,
        BackupState = BackupState,
        User = new UserHandle(new ByteString(owner.UserHandle)),
        Algorithm = (CoseAlgorithm)Algorithm,
        Aaguid = new Aaguid(Aaguid),
        AttestationFormat = AttestationFormat,
        AttestationType = AttestationType,
        AttestationTrusted = AttestationTrusted,
        AttestationRevoked = IsAttestationRevoked,
        Discoverable = Discoverable,
        AuthenticatorAttachment = AuthenticatorAttachment,
    };

    public static Passkey Of(CredentialRecord record, Guid userId, string displayName, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        UserId = userId,
        CredentialId = record.Id.Bytes.ToArray(),
        PublicKey = record.PublicKey.ToArray(),
        SignCount = record.SignCount,
        UvInitialized = record.UvInitialized,
        BackupEligible = record.BackupEligible,
        BackupState = record.BackupState,
        Aaguid = record.Aaguid.Value,
        Transports = string.Join(' ', record.Transports.Where(t => t.Length is > 0 and <= 24 && !t.Contains(' ', StringComparison.Ordinal)).Take(5)),
        Algorithm = (int)record.Algorithm,
        AttestationFormat = record.AttestationFormat,
        AttestationType = record.AttestationType,
        AttestationTrusted = record.AttestationTrusted,
        Discoverable = record.Discoverable,
        AuthenticatorAttachment = record.AuthenticatorAttachment is "platform" or "cross-platform" ? record.AuthenticatorAttachment : null,
        DisplayName = displayName,
        CreatedAt = now,
    };
}
