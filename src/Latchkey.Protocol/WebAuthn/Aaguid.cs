namespace Latchkey.Protocol.WebAuthn;

/// <summary>
/// The AAGUID: 16 bytes, big-endian, naming the model of an authenticator; all zero when it does not say.
/// <see href="https://www.w3.org/TR/webauthn-3/#aaguid"/>
/// </summary>
public readonly record struct Aaguid(Guid Value)
{
    /// <summary>Length on the wire, in bytes.</summary>
    public const int Length = 16;

    /// <summary>All zero: the authenticator does not say.</summary>
    public static Aaguid None => default;

    /// <summary>Reads the 16 bytes of attested credential data.</summary>
    public static Aaguid Read(ReadOnlySpan<byte> bytes) => new(new Guid(bytes[..Length], bigEndian: true));

    /// <summary>The 16 bytes of attested credential data.</summary>
    public byte[] ToBytes() => Value.ToByteArray(bigEndian: true);

    /// <summary>The usual text, <c>8-4-4-4-12</c> in lower case.</summary>
    public override string ToString() => Value.ToString();
}
