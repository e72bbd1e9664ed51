namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// A credential ID: chosen by the authenticator, 1 to 1023 bytes.
/// <see href="https://www.w3.org/TR/webauthn-3/#credential-id"/>
/// </summary>
public readonly record struct CredentialId(ByteString Bytes)
{
    /// <summary>The longest a relying party accepts, in bytes.</summary>
    public const int MaxLength = 1023;

    /// <summary>32 fresh random bytes.</summary>
    public static CredentialId Random() => new(ByteString.Random(32));

    /// <summary>Reads the JSON form, base64url without padding.</summary>
    /// <exception cref="WireFormatException">Not base64url without padding.</exception>
    public static CredentialId Parse(ReadOnlySpan<char> base64Url) => new(ByteString.FromBase64Url(base64Url));

    /// <summary>The JSON form, base64url without padding.</summary>
    public override string ToString() => Bytes.ToBase64Url();
}
