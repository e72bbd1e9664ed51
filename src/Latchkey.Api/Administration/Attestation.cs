namespace Latchkey.Api.Administration;

/// <summary>One of the server's attestation authorities.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="State"><see cref="Active"/>, <see cref="Retired"/> or <see cref="Revoked"/>.</param>
/// <param name="CreatedDateTime">When it was made.</param>
/// <param name="RetiredDateTime">Since when it issues no more.</param>
/// <param name="RevokedDateTime">Since when nothing it vouched for is believed.</param>
/// <param name="Thumbprint">SHA-256 of its certificate, hexadecimal.</param>
/// <param name="Certificates">How many certificates it issued that are valid.</param>
/// <param name="Passkeys">How many passkeys it vouched for.</param>
public sealed record AttestationAuthorityInfo(
    string Id, string State, DateTimeOffset CreatedDateTime, DateTimeOffset? RetiredDateTime, DateTimeOffset? RevokedDateTime, string Thumbprint, int Certificates, int Passkeys)
{
    /// <summary>It issues certificates.</summary>
    public const string Active = "active";

    /// <summary>It issues no more; what it vouched for is still believed.</summary>
    public const string Retired = "retired";

    /// <summary>What it vouched for is believed no longer.</summary>
    public const string Revoked = "revoked";
}

/// <summary>The authorities, oldest first.</summary>
/// <param name="Value">The authorities.</param>
public sealed record AttestationAuthorityCollection(IReadOnlyList<AttestationAuthorityInfo> Value);

/// <summary>A certificate an authority issued to somebody's Authenticator.</summary>
/// <param name="Id">Its serial number, hexadecimal.</param>
/// <param name="Authority">The authority's ID.</param>
/// <param name="Person">The name its owner signs in with.</param>
/// <param name="Aaguid">The model it names.</param>
/// <param name="IssuedDateTime">When it was issued.</param>
/// <param name="ExpirationDateTime">Until when it is valid.</param>
/// <param name="RevokedDateTime">When it was revoked; absent while it was not.</param>
/// <param name="Passkeys">What the passkeys it vouched for are called.</param>
public sealed record AttestationCertificateInfo(
    string Id, string Authority, string Person, string Aaguid, DateTimeOffset IssuedDateTime, DateTimeOffset ExpirationDateTime, DateTimeOffset? RevokedDateTime,
    IReadOnlyList<string> Passkeys);

/// <summary>Certificates, oldest first.</summary>
/// <param name="Value">The certificates.</param>
public sealed record AttestationCertificateCollection(IReadOnlyList<AttestationCertificateInfo> Value);

/// <summary>What to revoke: exactly one member is given.</summary>
/// <param name="Authority">An authority with everything it issued: its ID, or the beginning of it.</param>
/// <param name="Certificate">One certificate: its serial number, or the beginning of it.</param>
/// <param name="Person">All certificates of one person: the name they sign in with.</param>
public sealed record AttestationRevocation(string? Authority = null, string? Certificate = null, string? Person = null);

/// <summary>What rotating or revoking brings, or would bring.</summary>
/// <param name="Certificates">How many valid certificates it is about: they stay good after a rotation, and are revoked by a revocation.</param>
/// <param name="Passkeys">How many passkeys they vouched for.</param>
/// <param name="Refused">The passkeys that people can sign in with now, and can't after it.</param>
/// <param name="Active">The authority that is active after it; absent in a dry run that would make a new one.</param>
public sealed record AttestationChange(int Certificates, int Passkeys, IReadOnlyList<RefusedPasskey> Refused, AttestationAuthorityInfo? Active);
