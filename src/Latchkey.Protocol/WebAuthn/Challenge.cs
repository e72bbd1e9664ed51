namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// A challenge: at least 16 bytes nobody can guess, used once.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-cryptographic-challenges"/>
/// </summary>
public readonly record struct Challenge(ByteString Bytes)
{
    /// <summary>The least a relying party may send, in bytes.</summary>
    public const int MinLength = 16;

    /// <summary>32 fresh random bytes.</summary>
    public static Challenge Random() => new(ByteString.Random(32));

    /// <summary>The length only; a challenge is never printed.</summary>
    public override string ToString() => $"challenge of {Bytes}";
}
