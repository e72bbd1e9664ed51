using Latchkey.Hybrid.Channel;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid;

/// <summary>
/// A phone at the other end of a channel, as an authenticator like any other. Besides <see cref="CtapException"/>, a call can end with a
/// <see cref="HybridException"/> when the connection is lost. Hybrid has no cancel command: cancelling a call ends the connection.
/// </summary>
public sealed class HybridAuthenticator : ICtapAuthenticator, IAsyncDisposable
{
    private readonly EncryptedChannel _channel;
    private readonly Func<ByteString, CancellationToken, Task> _update;
    private readonly HybridTimeouts _timeouts;
    private readonly Stage _stage;
    private readonly IProgress<HybridProgress>? _progress;
    private readonly RemoteCtapAuthenticator _phone;
    private int _busy;
    private int _closed;

    /// <param name="channel">Becomes this one's to close.</param>
    /// <param name="info">What the phone said it can do.</param>
    /// <param name="update">Hears the phone's update messages.</param>
    /// <param name="timeouts">How long each stage may take.</param>
    /// <param name="time">The clock.</param>
    /// <param name="progress">Hears where the meeting stands.</param>
    internal HybridAuthenticator(
        EncryptedChannel channel, GetInfoResponse info, Func<ByteString, CancellationToken, Task> update, HybridTimeouts timeouts, TimeProvider time, IProgress<HybridProgress>? progress)
    {
        (_channel, Info, _update, _timeouts, _stage, _progress) = (channel, info, update, timeouts, new(time), progress);
        _phone = new(ExchangeAsync);
    }

    /// <summary>What the phone said it can do, when it came. It is not asked again.</summary>
    public GetInfoResponse Info { get; }

    /// <inheritdoc/>
    public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => Task.FromResult(Info);

    /// <inheritdoc/>
    /// <exception cref="HybridException">The connection was lost.</exception>
    public Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken) =>
        _phone.MakeCredentialAsync(request, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="HybridException">The connection was lost.</exception>
    public Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken) =>
        _phone.GetAssertionAsync(request, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="HybridException">The connection was lost.</exception>
    public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => _phone.GetNextAssertionAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="HybridException">The connection was lost.</exception>
    public Task SelectionAsync(CancellationToken cancellationToken) => _phone.SelectionAsync(cancellationToken);

    /// <summary>Says goodbye and closes the tunnel.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        try
        {
            await _stage.RunAsync(_timeouts.Send, HybridProblem.PeerSilent, token => _channel.SendAsync(new(ChannelMessageType.Shutdown, ByteString.Empty), token), CancellationToken.None);
        }
        catch (HybridException)
        {
            // The other end is gone already, which is what a goodbye is for.
        }

        await _channel.DisposeAsync();
    }

    internal async Task<ByteString> ExchangeAsync(ByteString message, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_closed != 0, this);
        if (Interlocked.Exchange(ref _busy, 1) != 0) throw new CtapException(CtapStatus.ChannelBusy);
        try
        {
            await _stage.RunAsync(_timeouts.Send, HybridProblem.PeerSilent, token => _channel.SendAsync(new(ChannelMessageType.Ctap, message), token), cancellationToken);
            _progress?.Report(HybridProgress.Asking);
            var answer = await _stage.RunAsync(_timeouts.Person, HybridProblem.PeerSilent, ReceiveAnswerAsync, cancellationToken);
            _progress?.Report(HybridProgress.Done);
            return answer;
        }
        catch (Exception e) when (e is HybridException or OperationCanceledException)
        {
            await DisposeAsync();
            throw;
        }
        finally
        {
            _busy = 0;
        }
    }

    private async Task<ByteString> ReceiveAnswerAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var message = await _channel.ReceiveAsync(cancellationToken) ?? throw new HybridException(HybridProblem.PeerClosed, "The tunnel was closed before the phone answered.");
            switch (message.Type)
            {
                case ChannelMessageType.Ctap: return message.Payload;
                case ChannelMessageType.Update: await _update(message.Payload, cancellationToken); break;
                case ChannelMessageType.Shutdown: throw new HybridException(HybridProblem.PeerClosed, "The phone said goodbye before it answered.");
                default: throw new HybridException(HybridProblem.NotSupported, $"The phone sent a message of type {(byte)message.Type}.");
            }
        }
    }
}
