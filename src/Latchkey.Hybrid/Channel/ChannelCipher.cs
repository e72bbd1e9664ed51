using System.Buffers.Binary;
using System.Security.Cryptography;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Channel;

/// <summary>
/// Encryption after the handshake: AES-256-GCM with one key and one counter for each direction. A message that is lost, repeated, altered
/// or out of order does not open, and nothing opens after it.
/// </summary>
internal sealed class ChannelCipher : IDisposable
{
    /// <summary>The longest message, before padding: a CTAP message of 64 KiB with its type.</summary>
    public const int MaxMessageLength = 1 + 64 * 1024;

    private const int TagLength = 16, NonceLength = 12;

    // What Chromium counts to; no meeting comes near it.
    private const uint MaxCounter = (1 << 24) - 1;

    private readonly AesGcm _write, _read;
    private readonly Lock _writing = new();
    private bool _broken;

    public ChannelCipher(ByteString writeKey, ByteString readKey)
    {
        _write = new AesGcm(writeKey.Span, TagLength);
        _read = new AesGcm(readKey.Span, TagLength);
    }

    /// <summary>How many messages went each way; settable for tests.</summary>
    internal uint Written { get; set; }

    /// <inheritdoc cref="Written"/>
    internal uint Read { get; set; }

    /// <exception cref="HybridException">The message is too long, or one too many.</exception>
    public ByteString Seal(ByteString message)
    {
        if (message.Length > MaxMessageLength) throw new HybridException(HybridProblem.NotSupported, $"A message of {message.Length} bytes is longer than the channel carries.");
        var padded = MessagePadding.Pad(message);
        var sealedMessage = new byte[padded.Length + TagLength];
        lock (_writing)
        {
            // Counted before it is used: whatever becomes of this message, no other one is sealed with its nonce.
            var nonce = Nonce(Written);
            Written++;
            _write.Encrypt(nonce, padded, sealedMessage.AsSpan(0, padded.Length), sealedMessage.AsSpan(padded.Length));
        }

        return sealedMessage;
    }

    /// <exception cref="HybridException">It is not the next message of the other end.</exception>
    public ByteString Open(ByteString sealedMessage)
    {
        if (_broken) throw Wrong("The channel ended with a message that was not right.");
        _broken = true; // until it turns out well
        if (sealedMessage.Length is < TagLength or > ITunnel.MaxMessageLength) throw Wrong($"A message of {sealedMessage.Length} bytes is none.");
        var padded = new byte[sealedMessage.Length - TagLength];
        try
        {
            _read.Decrypt(Nonce(Read), sealedMessage.Span[..padded.Length], sealedMessage.Span[padded.Length..], padded);
            var message = MessagePadding.Unpad(padded);
            Read++;
            _broken = false;
            return message;
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw Wrong("A message was altered, repeated, lost or brought out of order.", e);
        }
        catch (WireFormatException e)
        {
            throw Wrong(e.Message, e);
        }
    }

    public void Dispose()
    {
        _write.Dispose();
        _read.Dispose();
    }

    private static byte[] Nonce(uint counter)
    {
        if (counter > MaxCounter) throw Wrong("The channel has carried more messages than one key is good for.");
        var nonce = new byte[NonceLength];
        BinaryPrimitives.WriteUInt32BigEndian(nonce.AsSpan(NonceLength - sizeof(uint)), counter);
        return nonce;
    }

    private static HybridException Wrong(string message, Exception? inner = null) => new(HybridProblem.PeerMisbehaved, message, inner);
}
