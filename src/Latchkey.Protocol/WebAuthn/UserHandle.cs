namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// A user handle (<c>user.id</c>): 1 to 64 bytes that say nothing about the person, the same for all their passkeys.
/// <see href="https://www.w3.org/TR/webauthn-3/#user-handle"/>
/// </summary>
public readonly record struct UserHandle(ByteString Bytes)
{
    /// <summary>The longest the standard allows, in bytes.</summary>
    public const int MaxLength = 64;

    /// <summary>32 fresh random bytes.</summary>
    public static UserHandle Random() => new(ByteString.Random(32));

    /// <summary>Reads the JSON form, base64url without padding.</summary>
    /// <exception cref="WireFormatException">Not base64url without padding.</exception>
    public static UserHandle Parse(ReadOnlySpan<char> base64Url) => new(ByteString.FromBase64Url(base64Url));

    /// <summary>The JSON form, base64url without padding.</summary>
    public override string ToString() => Bytes.ToBase64Url();
}
