namespace Latchkey.Protocol.Ctap;

/// <summary>
/// An authenticator at the other end of a byte transport: calls in, command byte and CBOR out. The inverse of
/// <see cref="CtapDispatcher"/>.
/// </summary>
/// <param name="exchange">
/// Sends one message and gives the answer, status byte first. Cancelling its token sends the transport's cancel command.
/// </param>
public sealed class RemoteCtapAuthenticator(Func<ByteString, CancellationToken, Task<ByteString>> exchange) : ICtapAuthenticator
{
    /// <inheritdoc/>
    /// <exception cref="WireFormatException">The answer is none.</exception>
    public async Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) =>
        GetInfoResponse.Parse(await ExchangeAsync(CtapCommand.GetInfo, ByteString.Empty, cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="WireFormatException">The answer is none.</exception>
    public async Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken) =>
        MakeCredentialResponse.Parse(await ExchangeAsync(CtapCommand.MakeCredential, request.Encode(), cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="WireFormatException">The answer is none.</exception>
    public async Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken) =>
        GetAssertionResponse.Parse(await ExchangeAsync(CtapCommand.GetAssertion, request.Encode(), cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="WireFormatException">The answer is none.</exception>
    public async Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) =>
        GetAssertionResponse.Parse(await ExchangeAsync(CtapCommand.GetNextAssertion, ByteString.Empty, cancellationToken));

    /// <inheritdoc/>
    /// <exception cref="WireFormatException">The answer is none.</exception>
    public async Task SelectionAsync(CancellationToken cancellationToken) =>
        await ExchangeAsync(CtapCommand.Selection, ByteString.Empty, cancellationToken);

    private async Task<ByteString> ExchangeAsync(CtapCommand command, ByteString parameters, CancellationToken cancellationToken)
    {
        var message = new ByteWriter(1 + parameters.Length).Byte((byte)command).Bytes(parameters).ToByteString();
        var answer = await exchange(message, cancellationToken);
        if (answer.IsEmpty) throw new WireFormatException("CTAP response", 0, "has no status byte");
        var status = (CtapStatus)answer.Span[0];
        if (status == CtapStatus.KeepAliveCancel) cancellationToken.ThrowIfCancellationRequested();
        return status == CtapStatus.Success ? answer.Slice(1) : throw new CtapException(status);
    }
}
