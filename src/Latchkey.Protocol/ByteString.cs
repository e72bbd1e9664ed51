using System.Security.Cryptography;

namespace Latchkey.Protocol;

/// <summary>
/// An immutable run of bytes: equal by content, and sliced without copying.
/// The bytes belong to whoever made it; <see cref="CopyOf"/> takes its own, <see cref="ByteString(ReadOnlyMemory{byte})"/> borrows.
/// </summary>
public readonly struct ByteString : IEquatable<ByteString>
{
    /// <summary>Borrows memory that nobody changes afterwards: the path from the wire copies nothing.</summary>
    public ByteString(ReadOnlyMemory<byte> memory) => Memory = memory;

    /// <summary>No bytes at all; the default value.</summary>
    public static ByteString Empty => default;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>How many bytes.</summary>
    public int Length => Memory.Length;

    /// <summary>True when there are no bytes.</summary>
    public bool IsEmpty => Memory.IsEmpty;

    /// <summary>Takes a copy of its own.</summary>
    public static ByteString CopyOf(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>As many fresh random bytes from the system's generator.</summary>
    public static ByteString Random(int length) => new(RandomNumberGenerator.GetBytes(length));

    /// <summary>Reads lower- or upper-case hexadecimal.</summary>
    /// <exception cref="WireFormatException">The text is not hexadecimal.</exception>
    public static ByteString FromHex(string hex)
    {
        try
        {
            return new(Convert.FromHexString(hex));
        }
        catch (FormatException e)
        {
            throw new WireFormatException("hex", 0, "is not hexadecimal", e);
        }
    }

    /// <summary>Reads base64url without padding (RFC 4648 §5).</summary>
    /// <exception cref="WireFormatException">Padding, a character outside the alphabet, or an impossible length.</exception>
    public static ByteString FromBase64Url(ReadOnlySpan<char> text) => new(Base64Url.Decode(text));

    /// <summary>Bytes from <paramref name="start"/> on, sharing this memory.</summary>
    public ByteString Slice(int start) => new(Memory[start..]);

    /// <summary><paramref name="length"/> bytes from <paramref name="start"/> on, sharing this memory.</summary>
    public ByteString Slice(int start, int length) => new(Memory.Slice(start, length));

    /// <summary>A copy as an array.</summary>
    public byte[] ToArray() => Memory.ToArray();

    /// <summary>Lower-case hexadecimal.</summary>
    public string ToHex() => Convert.ToHexStringLower(Span);

    /// <summary>Base64url without padding (RFC 4648 §5).</summary>
    public string ToBase64Url() => Base64Url.Encode(Span);

    /// <summary>Compares in a time that depends on the length only.</summary>
    public bool FixedTimeEquals(ReadOnlySpan<byte> other) => CryptographicOperations.FixedTimeEquals(Span, other);

    /// <inheritdoc/>
    public bool Equals(ByteString other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ByteString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>The length only: bytes may be secret, and what is printed ends in logs.</summary>
    public override string ToString() => $"{Length} bytes";

    /// <summary>Same bytes.</summary>
    public static bool operator ==(ByteString left, ByteString right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(ByteString left, ByteString right) => !left.Equals(right);

    /// <summary>Borrows an array that nobody changes afterwards.</summary>
    public static implicit operator ByteString(byte[] bytes) => new(bytes);

    /// <summary>The bytes.</summary>
    public static implicit operator ReadOnlySpan<byte>(ByteString bytes) => bytes.Span;
}
