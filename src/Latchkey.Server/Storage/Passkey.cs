namespace Latchkey.Server.Storage;

/// <summary>A credential record (WebAuthn §4) and what the person and the portal know of it.</summary>
public sealed class Passkey
{
    public const int MaxDisplayName = 64, MaxPerUser = 10;

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

    public string AttestationFormat { get; set; } = "none";

    public bool IsAttested { get; set; }

    public string DisplayName { get; set; } = "";

    public DateTimeOffset CreatedAt { get; set; }

    public DateTimeOffset? LastUsedAt { get; set; }
}
