using Latchkey.Hybrid.Handshake;
using Latchkey.Hybrid.Tunnel;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Channel;

/// <summary>
/// A tunnel after the handshake. Owns the tunnel. Senders wait for each other, so that messages arrive in the order of their counters; one receiver
/// at a time; giving up waiting for a message loses none, because the next call goes on waiting for the same one.
/// </summary>
internal sealed class EncryptedChannel : IAsyncDisposable
{
    private readonly ITunnel _tunnel;
    private readonly ChannelCipher _cipher;
    private readonly ChannelRevision _revision;
    private readonly CancellationTokenSource _life = new();
    private readonly SemaphoreSlim _oneSender = new(1);
    private Task<ByteString?>? _coming;
    private bool _isCut;

    private EncryptedChannel(ITunnel tunnel, ChannelCipher cipher, ChannelRevision revision, ByteString handshakeHash) =>
        (_tunnel, _cipher, _revision, HandshakeHash) = (tunnel, cipher, revision, handshakeHash);

    /// <summary>The same at both ends, and at nobody else's.</summary>
    public ByteString HandshakeHash { get; }

    /// <summary>The computer's way from a tunnel to a channel. The tunnel stays the caller's until this returns.</summary>
    /// <exception cref="HybridException">The handshake failed, or the phone's first message makes no sense.</exception>
    public static async Task<(EncryptedChannel Channel, PostHandshakeMessage First)> BeginAsync(ITunnel tunnel, HandshakeInitiator handshake, CancellationToken cancellationToken)
    {
        await tunnel.SendAsync(handshake.Message, cancellationToken);
        var reply = await tunnel.ReceiveAsync(cancellationToken) ?? throw Closed("before the handshake was over");
        var result = handshake.Complete(reply);
        var cipher = new ChannelCipher(writeKey: result.InitiatorKey, readKey: result.ResponderKey);
        try
        {
            var sealedFirst = await tunnel.ReceiveAsync(cancellationToken) ?? throw Closed("right after the handshake");
            var first = PostHandshakeMessage.Parse(cipher.Open(sealedFirst));
            return (new(tunnel, cipher, first.Revision, result.HandshakeHash), first);
        }
        catch (Exception e)
        {
            cipher.Dispose();
            throw e is WireFormatException malformed ? Misbehaved(malformed) : e;
        }
    }

    /// <summary>The phone's way from a tunnel to a channel, once the computer's message is there. The tunnel stays the caller's until this returns.</summary>
    /// <exception cref="HybridException">The handshake failed.</exception>
    public static async Task<EncryptedChannel> AnswerAsync(ITunnel tunnel, HandshakeResponder handshake, ByteString message, PostHandshakeMessage first, CancellationToken cancellationToken)
    {
        var (reply, result) = handshake.Respond(message);
        await tunnel.SendAsync(reply, cancellationToken);
        var cipher = new ChannelCipher(writeKey: result.ResponderKey, readKey: result.InitiatorKey);
        try
        {
            await tunnel.SendAsync(cipher.Seal(first.Encode()), cancellationToken);
            return new(tunnel, cipher, first.Revision, result.HandshakeHash);
        }
        catch
        {
            cipher.Dispose();
            throw;
        }
    }

    /// <summary>Sends; a message that this revision does not have is not sent. After one that was sealed and not sent, nothing can be sent any more.</summary>
    /// <exception cref="HybridException">The tunnel is closed, or the message too long.</exception>
    public async Task SendAsync(ChannelMessage message, CancellationToken cancellationToken)
    {
        if (message.Encode(_revision) is not { } bytes) return;
        await _oneSender.WaitAsync(cancellationToken);
        try
        {
            if (_isCut) throw Closed("after a message that did not leave");
            var sealedMessage = _cipher.Seal(bytes);
            _isCut = true; // until it has left: the other end opens nothing behind a gap
            await _tunnel.SendAsync(sealedMessage, cancellationToken);
            _isCut = false;
        }
        finally
        {
            _oneSender.Release();
        }
    }

    /// <summary>The next message; null when the tunnel was closed.</summary>
    /// <exception cref="HybridException">What came is not the other end's next message.</exception>
    public async Task<ChannelMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        _coming ??= _tunnel.ReceiveAsync(_life.Token).AsTask();
        await Task.WhenAny(_coming).WaitAsync(cancellationToken);
        var came = await _coming;
        _coming = null;
        if (came is not { } sealedMessage) return null;
        try { return ChannelMessage.Parse(_cipher.Open(sealedMessage), _revision); }
        catch (WireFormatException e) { throw Misbehaved(e); }
    }

    /// <summary>Closes the tunnel.</summary>
    public async ValueTask DisposeAsync()
    {
        // The tunnel says goodbye in its own way first; whatever is still being waited for ends with it.
        await _tunnel.DisposeAsync();
        await _life.CancelAsync();
        if (_coming is { } coming) await Task.WhenAny(coming);
        _ = _coming?.Exception;
        _cipher.Dispose();
        _life.Dispose();
    }

    private static HybridException Closed(string when) => new(HybridProblem.PeerClosed, $"The tunnel was closed {when}.");

    private static HybridException Misbehaved(WireFormatException e) => new(HybridProblem.PeerMisbehaved, e.Message, e);
}
