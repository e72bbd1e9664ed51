using Latchkey.Hybrid.Channel;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid;

/// <summary>The phone's end of one channel: answers requests, one at a time, until the computer says goodbye.</summary>
internal sealed class HybridConversation(
    EncryptedChannel channel,
    CtapDispatcher dispatcher,
    HybridTimeouts timeouts,
    TimeProvider time,
    IProgress<HybridProgress>? progress,
    Func<MakeCredentialResponse, bool, Task>? made)
{
    private readonly Stage _stage = new(time);

    /// <summary>What was asked last, and what was answered to it.</summary>
    public HybridOperation? Operation { get; private set; }

    /// <inheritdoc cref="Operation"/>
    public CtapStatus? Status { get; private set; }

    /// <summary>Sent just before the first good answer, if there is something to send.</summary>
    public Func<CancellationToken, Task>? BeforeFirstSuccess { get; set; }

    /// <exception cref="HybridException">It ended before a request was answered.</exception>
    public async Task ServeAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await NextRequestAsync(cancellationToken) is { } request) await AnswerAsync(request, cancellationToken);
        }
        catch (HybridException) when (Status is not null)
        {
            // The answer is with the computer. How it hangs up does not change that.
        }
    }

    /// <summary>The next request; null after the computer's goodbye.</summary>
    private async Task<ByteString?> NextRequestAsync(CancellationToken cancellationToken)
    {
        var limit = Status is null ? timeouts.Request : timeouts.AfterAnswer;
        return await _stage.RunAsync<ByteString?>(
            limit,
            HybridProblem.PeerSilent,
            async token =>
            {
                while (true)
                {
                    switch (await channel.ReceiveAsync(token))
                    {
                        case { Type: ChannelMessageType.Ctap } message: return message.Payload;
                        case { Type: ChannelMessageType.Update }: continue;
                        case { Type: ChannelMessageType.Shutdown } when Status is not null: return null;
                        case { Type: ChannelMessageType.Shutdown }: throw new HybridException(HybridProblem.PeerClosed, "The computer said goodbye without a request.");
                        case { } other: throw new HybridException(HybridProblem.NotSupported, $"The computer sent a message of type {(byte)other.Type}.");
                        case null when Status is not null: return null;
                        case null: throw new HybridException(HybridProblem.PeerClosed, "The tunnel was closed before a request came.");
                    }
                }
            },
            cancellationToken);
    }

    private async Task AnswerAsync(ByteString request, CancellationToken cancellationToken)
    {
        progress?.Report(HybridProgress.Asking);
        var operation = OperationOf(request);
        Operation = operation ?? Operation;
        if (operation is not null) Status = null;

        // The person is asked while the channel is watched: when the computer goes, the question goes.
        HybridException? interrupted = null;
        CtapAnswer answer;
        using (var patience = new CancellationTokenSource(timeouts.Person, time))
        {
            using var question = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            var answering = dispatcher.DispatchAsync(request, question.Token);
            var watching = WatchAsync(question.Token);
            if (await Task.WhenAny(answering, watching) == watching) interrupted = await watching;
            var tookTooLong = patience.IsCancellationRequested;
            await question.CancelAsync();
            answer = await answering;
            interrupted ??= await watching;
            if (tookTooLong && answer.Status == CtapStatus.KeepAliveCancel) answer = new(CtapStatus.UserActionTimeout, new byte[] { (byte)CtapStatus.UserActionTimeout });
        }

        await SendAsync(answer, operation, interrupted, cancellationToken);
    }

    /// <summary>Nothing may come before the answer; whatever does is the end.</summary>
    /// <returns>What came; null when nothing did until the token said stop.</returns>
    private async Task<HybridException?> WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                switch (await channel.ReceiveAsync(cancellationToken))
                {
                    case { Type: ChannelMessageType.Update }: continue;
                    case { Type: ChannelMessageType.Shutdown } or null: return new(HybridProblem.PeerClosed, "The computer went before it had the answer.");
                    case { } other: return new(HybridProblem.PeerMisbehaved, $"The computer sent a message of type {(byte)other.Type} before it had the answer.");
                }
            }
        }
        catch (HybridException e)
        {
            return e;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task SendAsync(CtapAnswer answer, HybridOperation? operation, HybridException? interrupted, CancellationToken cancellationToken)
    {
        var written = false;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (interrupted is not null) throw interrupted;
            progress?.Report(HybridProgress.Saving);

            // From here on only time ends it: a person's cancel halfway would leave nobody knowing whether the answer went out.
            await _stage.RunAsync(timeouts.Send, HybridProblem.PeerSilent, token => HandOverAsync(answer, operation, token), CancellationToken.None);
            written = true;
        }
        finally
        {
            if (answer.Created is { } created && made is not null) await made(created, written);
        }

        if (operation is null) return;
        Status = answer.Status;
        progress?.Report(HybridProgress.Done);
    }

    private async Task HandOverAsync(CtapAnswer answer, HybridOperation? operation, CancellationToken cancellationToken)
    {
        if (answer.Status == CtapStatus.Success && operation is not null && BeforeFirstSuccess is { } before)
        {
            BeforeFirstSuccess = null;
            await before(cancellationToken);
        }

        await channel.SendAsync(new(ChannelMessageType.Ctap, answer.Bytes), cancellationToken);
    }

    private static HybridOperation? OperationOf(ByteString request) => request.IsEmpty ? null : (CtapCommand)request.Span[0] switch
    {
        CtapCommand.MakeCredential => HybridOperation.MakeCredential,
        CtapCommand.GetAssertion or CtapCommand.GetNextAssertion => HybridOperation.GetAssertion,
        _ => null,
    };
}
