using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.RelyingParty.Ceremonies;

/// <summary>
/// Seals pending ceremonies into challenges and opens them again: AES-256-GCM under the server's key with a random
/// nonce, bound to the RP ID. What it opens was begun by this relying party and not changed since.
/// </summary>
/// <remarks>
/// Layout: version, key ID, nonce (12), ciphertext, tag (16). With random nonces a key is good for 2³² seals; replace
/// it long before, naming the old one with its ID until its last ceremony has expired. Safe for concurrent use.
/// </remarks>
public sealed class CeremonySeal : IDisposable
{
    /// <summary>Length of a key, in bytes.</summary>
    public const int KeyLength = 32;

    private const byte Version = 1;
    private const int HeaderLength = 2; // version, key ID
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int MaxContentLength = 384;
    private const int MaxSealedLength = HeaderLength + NonceLength + MaxContentLength + TagLength;
    private const int MaxSessionBindingLength = 64;
    private const int MaxAlgorithms = 32;

    [Flags]
    private enum Flag : byte
    {
        None = 0,
        UserVerificationRequired = 1,
        Conditional = 2,
    }

    private readonly byte _keyId;
    private readonly Dictionary<byte, ThreadLocal<AesGcm>> _ciphers = [];
    private readonly byte[] _rpId;

    /// <summary>A seal under one key.</summary>
    /// <param name="rpId">The RP ID every ceremony is bound to.</param>
    /// <param name="key">32 secret bytes.</param>
    /// <param name="keyId">Names the key inside the challenge.</param>
    /// <param name="older">Keys that still open, by their IDs, and seal no more.</param>
    public CeremonySeal(string rpId, ReadOnlySpan<byte> key, byte keyId = 1, IReadOnlyDictionary<byte, byte[]>? older = null)
    {
        _rpId = Encoding.UTF8.GetBytes(rpId);
        _keyId = keyId;
        foreach (var (id, olderKey) in older ?? new Dictionary<byte, byte[]>())
        {
            _ciphers[id] = Cipher(olderKey);
        }

        _ciphers[keyId] = Cipher(key);
    }

    /// <summary>Seals a ceremony; the result is its challenge.</summary>
    /// <exception cref="ArgumentException">The session binding or the user handle is too long, or there are too many algorithms.</exception>
    public Challenge Seal(PendingCeremony pending)
    {
        Span<byte> content = stackalloc byte[MaxContentLength];
        var length = Write(pending, content);
        var sealedBytes = new byte[HeaderLength + NonceLength + length + TagLength];
        sealedBytes[0] = Version;
        sealedBytes[1] = _keyId;
        var nonce = sealedBytes.AsSpan(HeaderLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> associated = stackalloc byte[HeaderLength + _rpId.Length];
        Associate(sealedBytes, associated);
        _ciphers[_keyId].Value!.Encrypt(
            nonce, content[..length], sealedBytes.AsSpan(HeaderLength + NonceLength, length), sealedBytes.AsSpan(^TagLength..), associated);
        return new(sealedBytes);
    }

    /// <summary>Opens a challenge; null when this relying party did not seal it or a byte was changed.</summary>
    public PendingCeremony? Open(ReadOnlySpan<byte> challenge)
    {
        var length = challenge.Length - HeaderLength - NonceLength - TagLength;
        if (length <= 0 || challenge.Length > MaxSealedLength || challenge[0] != Version || !_ciphers.TryGetValue(challenge[1], out var cipher))
        {
            return null;
        }

        // The tag is checked by an exception; only a forged challenge pays for it.
        Span<byte> content = stackalloc byte[length];
        Span<byte> associated = stackalloc byte[HeaderLength + _rpId.Length];
        Associate(challenge, associated);
        try
        {
            cipher.Value!.Decrypt(
                challenge.Slice(HeaderLength, NonceLength), challenge.Slice(HeaderLength + NonceLength, length), challenge[^TagLength..], content, associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        return Read(content);
    }

    /// <summary>Lets go of the ciphers.</summary>
    public void Dispose()
    {
        foreach (var cipher in _ciphers.Values)
        {
            cipher.Dispose();
        }
    }

    private static int Write(PendingCeremony pending, Span<byte> content)
    {
        var user = pending.User is { } handle ? handle.Bytes.Span : default;
        var algorithms = pending is PendingRegistration registration ? registration.Algorithms : [];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(user.Length, UserHandle.MaxLength, nameof(pending));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pending.SessionBinding.Length, MaxSessionBindingLength, nameof(pending));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(algorithms.Count, MaxAlgorithms, nameof(pending));

        var writer = new SpanWriter(content);
        pending.Id.Value.TryWriteBytes(writer.Take(CeremonyId.Length), bigEndian: true, out _);
        writer.Take(1)[0] = (byte)pending.Kind;
        writer.Take(1)[0] = (byte)((pending.UserVerificationRequired ? Flag.UserVerificationRequired : 0)
            | (pending is PendingRegistration { Conditional: true } ? Flag.Conditional : 0));
        BinaryPrimitives.WriteInt64BigEndian(writer.Take(sizeof(long)), pending.Expires.ToUnixTimeMilliseconds());
        writer.Take(1)[0] = (byte)user.Length;
        user.CopyTo(writer.Take(user.Length));
        writer.Take(1)[0] = (byte)pending.SessionBinding.Length;
        pending.SessionBinding.Span.CopyTo(writer.Take(pending.SessionBinding.Length));
        writer.Take(1)[0] = (byte)algorithms.Count;
        foreach (var algorithm in algorithms)
        {
            BinaryPrimitives.WriteInt32BigEndian(writer.Take(sizeof(int)), (int)algorithm);
        }

        return writer.Written;
    }

    // Reads only what Write wrote: the seal was intact, so nothing here can be hostile.
    private static PendingCeremony Read(ReadOnlySpan<byte> content)
    {
        var reader = new SpanReader(content);
        var id = new CeremonyId(new Guid(reader.Take(CeremonyId.Length), bigEndian: true));
        var kind = (CeremonyKind)reader.Take(1)[0];
        var flags = (Flag)reader.Take(1)[0];
        var expires = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(reader.Take(sizeof(long))));
        var user = reader.Take(reader.Take(1)[0]);
        var session = reader.Take(reader.Take(1)[0]);
        var algorithms = new CoseAlgorithm[reader.Take(1)[0]];
        for (var i = 0; i < algorithms.Length; i++)
        {
            algorithms[i] = (CoseAlgorithm)BinaryPrimitives.ReadInt32BigEndian(reader.Take(sizeof(int)));
        }

        UserHandle? handle = user.IsEmpty ? null : new UserHandle(ByteString.CopyOf(user));
        return kind is CeremonyKind.Registration
            ? new PendingRegistration
            {
                Id = id,
                Kind = kind,
                User = handle,
                SessionBinding = ByteString.CopyOf(session),
                Expires = expires,
                UserVerificationRequired = flags.HasFlag(Flag.UserVerificationRequired),
                Conditional = flags.HasFlag(Flag.Conditional),
                Algorithms = algorithms,
            }
            : new PendingAuthentication
            {
                Id = id,
                Kind = kind,
                User = handle,
                SessionBinding = ByteString.CopyOf(session),
                Expires = expires,
                UserVerificationRequired = flags.HasFlag(Flag.UserVerificationRequired),
            };
    }

    private void Associate(ReadOnlySpan<byte> sealedBytes, Span<byte> associated)
    {
        sealedBytes[..HeaderLength].CopyTo(associated);
        _rpId.CopyTo(associated[HeaderLength..]);
    }

    // One cipher a thread: the BCL's is not made for concurrent use.
    private static ThreadLocal<AesGcm> Cipher(ReadOnlySpan<byte> key)
    {
        if (key.Length != KeyLength)
        {
            throw new ArgumentException($"A seal's key has {KeyLength} bytes.", nameof(key));
        }

        var copy = key.ToArray();
        return new(() => new AesGcm(copy, TagLength));
    }

    private ref struct SpanWriter(Span<byte> bytes)
    {
        private readonly Span<byte> _bytes = bytes;

        public int Written { get; private set; }

        public Span<byte> Take(int length)
        {
            var slice = _bytes.Slice(Written, length);
            Written += length;
            return slice;
        }
    }

    private ref struct SpanReader(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public ReadOnlySpan<byte> Take(int length)
        {
            var slice = _rest[..length];
            _rest = _rest[length..];
            return slice;
        }
    }
}
