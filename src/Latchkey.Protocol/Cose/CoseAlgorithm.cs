namespace Latchkey.Protocol.Cose;

/// <summary>
/// COSE algorithm identifiers that WebAuthn uses for signatures. Other numbers are data: they parse, and are unsupported.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-alg-identifier"/>
/// </summary>
public enum CoseAlgorithm
{
    /// <summary>ECDSA on P-256 with SHA-256.</summary>
    ES256 = -7,

    /// <summary>EdDSA; in WebAuthn always on Ed25519.</summary>
    EdDSA = -8,

    /// <summary>ECDSA on P-256 with SHA-256, fully specified (RFC 9864).</summary>
    ESP256 = -9,

    /// <summary>EdDSA on Ed25519, fully specified (RFC 9864).</summary>
    Ed25519 = -19,

    /// <summary>ECDSA on P-384 with SHA-384.</summary>
    ES384 = -35,

    /// <summary>ECDSA on P-521 with SHA-512.</summary>
    ES512 = -36,

    /// <summary>RSASSA-PSS with SHA-256, salt as long as the hash.</summary>
    PS256 = -37,

    /// <summary>RSASSA-PSS with SHA-384, salt as long as the hash.</summary>
    PS384 = -38,

    /// <summary>RSASSA-PSS with SHA-512, salt as long as the hash.</summary>
    PS512 = -39,

    /// <summary>ECDSA on P-384 with SHA-384, fully specified (RFC 9864).</summary>
    ESP384 = -51,

    /// <summary>ECDSA on P-521 with SHA-512, fully specified (RFC 9864).</summary>
    ESP512 = -52,

    /// <summary>EdDSA on Ed448, fully specified (RFC 9864).</summary>
    Ed448 = -53,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-256.</summary>
    RS256 = -257,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-384.</summary>
    RS384 = -258,

    /// <summary>RSASSA-PKCS1-v1_5 with SHA-512.</summary>
    RS512 = -259,
}

/// <summary>COSE key types. <see href="https://www.iana.org/assignments/cose/cose.xhtml#key-type"/></summary>
public enum CoseKeyType
{
    /// <summary>Octet key pair: Ed25519, Ed448.</summary>
    Okp = 1,

    /// <summary>Elliptic curve with x and y.</summary>
    Ec2 = 2,

    /// <summary>RSA.</summary>
    Rsa = 3,
}

/// <summary>COSE elliptic curves. <see href="https://www.iana.org/assignments/cose/cose.xhtml#elliptic-curves"/></summary>
public enum CoseCurve
{
    /// <summary>None: the key is not on a curve.</summary>
    None = 0,

    /// <summary>NIST P-256.</summary>
    P256 = 1,

    /// <summary>NIST P-384.</summary>
    P384 = 2,

    /// <summary>NIST P-521.</summary>
    P521 = 3,

    /// <summary>Ed25519.</summary>
    Ed25519 = 6,

    /// <summary>Ed448.</summary>
    Ed448 = 7,
}
