namespace Latchkey.Protocol.Ctap;

/// <summary>
/// The authenticator's end of every byte transport: command byte and CBOR in, call, status byte and CBOR out. The inverse
/// is <see cref="RemoteCtapAuthenticator"/>.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#message-encoding"/>
/// </summary>
/// <param name="authenticator">Who answers.</param>
public sealed class CtapDispatcher(ICtapAuthenticator authenticator)
{
    /// <summary>
    /// Answers one message; never throws for what the message holds. A cancelled operation answers
    /// <see cref="CtapStatus.KeepAliveCancel"/>, as CTAP says.
    /// </summary>
    /// <param name="message">A command byte, and its CBOR if the command has parameters.</param>
    /// <param name="cancellationToken">The transport's cancel command.</param>
    public async Task<CtapAnswer> DispatchAsync(ByteString message, CancellationToken cancellationToken)
    {
        if (message.IsEmpty) return CtapAnswer.Failed(CtapStatus.InvalidLength);
        var parameters = message.Slice(1);
        try
        {
            switch ((CtapCommand)message.Span[0])
            {
                case CtapCommand.GetInfo:
                    return CtapAnswer.Of((await authenticator.GetInfoAsync(cancellationToken)).Encode());
                case CtapCommand.MakeCredential:
                    var created = await authenticator.MakeCredentialAsync(MakeCredentialRequest.Parse(parameters), cancellationToken);
                    return CtapAnswer.Of(created.Encode()) with { Created = created };
                case CtapCommand.GetAssertion:
                    return CtapAnswer.Of((await authenticator.GetAssertionAsync(GetAssertionRequest.Parse(parameters), cancellationToken)).Encode());
                case CtapCommand.GetNextAssertion:
                    return CtapAnswer.Of((await authenticator.GetNextAssertionAsync(cancellationToken)).Encode());
                case CtapCommand.Selection:
                    await authenticator.SelectionAsync(cancellationToken);
                    return CtapAnswer.Of(ByteString.Empty);
                default:
                    return CtapAnswer.Failed(CtapStatus.InvalidCommand);
            }
        }
        catch (CtapException e)
        {
            return CtapAnswer.Failed(e.Status);
        }
        catch (WireFormatException e)
        {
            return CtapAnswer.Failed(StatusOf(e));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return CtapAnswer.Failed(CtapStatus.KeepAliveCancel);
        }
    }

    private static CtapStatus StatusOf(WireFormatException malformed) => malformed.InnerException switch
    {
        CtapException { Status: var status } => status,
        // the CBOR reader's way to say that the value has another type
        InvalidOperationException => CtapStatus.CborUnexpectedType,
        _ => CtapStatus.InvalidCbor,
    };
}

/// <summary>One answer for the wire.</summary>
/// <param name="Status">Its first byte.</param>
/// <param name="Bytes">All of it, the status byte included.</param>
public sealed record CtapAnswer(CtapStatus Status, ByteString Bytes)
{
    /// <summary>
    /// The answer to a makeCredential: whoever writes it to the wire then says in the store whether it was delivered, or
    /// drops the staged credential when it was not.
    /// </summary>
    public MakeCredentialResponse? Created { get; init; }

    internal static CtapAnswer Of(ByteString cbor) => new(CtapStatus.Success, new ByteWriter(1 + cbor.Length).Byte((byte)CtapStatus.Success).Bytes(cbor).ToByteString());

    internal static CtapAnswer Failed(CtapStatus status) => new(status, new byte[] { (byte)status });
}
