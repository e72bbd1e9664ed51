using Latchkey.Protocol.Ctap;

namespace Latchkey.Protocol.Tests.Ctap;

public sealed class CtapDispatcherTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_call_passes_through_bytes_and_back_unchanged()
    {
        var remote = Over(new EchoAuthenticator());

        Assert.Equal(CtapMessages.GetInfoResponse.Encode(), (await remote.GetInfoAsync(Token)).Encode());
        Assert.Equal(CtapMessages.MakeCredentialResponse, await remote.MakeCredentialAsync(CtapMessages.MakeCredentialRequest, Token));
        Assert.Equal(CtapMessages.GetAssertionResponse.Encode(), (await remote.GetAssertionAsync(CtapMessages.GetAssertionRequest, Token)).Encode());
        Assert.Equal(CtapMessages.GetAssertionResponse.Encode(), (await remote.GetNextAssertionAsync(Token)).Encode());
        await remote.SelectionAsync(Token);
    }

    [Fact]
    public async Task A_status_of_the_authenticator_arrives_as_that_status()
    {
        var refused = await Assert.ThrowsAsync<CtapException>(() => Over(new RefusingAuthenticator()).MakeCredentialAsync(CtapMessages.MakeCredentialRequest, Token));

        Assert.Equal(CtapStatus.OperationDenied, refused.Status);
    }

    [Fact]
    public async Task A_status_nobody_named_is_data()
    {
        var remote = new RemoteCtapAuthenticator((_, _) => Task.FromResult<ByteString>(new byte[] { 0xE7 }));

        Assert.Equal(0xE7, (byte)(await Assert.ThrowsAsync<CtapException>(() => remote.SelectionAsync(Token))).Status);
    }

    [Theory]
    [InlineData("", CtapStatus.InvalidLength)]
    [InlineData("7f", CtapStatus.InvalidCommand)]
    [InlineData("06a0", CtapStatus.InvalidCommand)] // authenticatorClientPIN
    [InlineData("02a0", CtapStatus.MissingParameter)]
    [InlineData("02a10101", CtapStatus.CborUnexpectedType)] // rpId that is a number
    [InlineData("02a2", CtapStatus.InvalidCbor)] // cut
    [InlineData("01", CtapStatus.InvalidCbor)]
    public async Task A_bad_message_has_the_status_that_says_why(string hex, CtapStatus status)
    {
        var answer = await new CtapDispatcher(new RefusingAuthenticator()).DispatchAsync(ByteString.FromHex(hex), Token);

        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task A_cancelled_operation_answers_KeepAliveCancel_and_arrives_as_a_cancellation()
    {
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await source.CancelAsync();

        var answer = await new CtapDispatcher(new RefusingAuthenticator()).DispatchAsync(new byte[] { (byte)CtapCommand.Selection }, source.Token);

        Assert.Equal(CtapStatus.KeepAliveCancel, answer.Status);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Over(new RefusingAuthenticator()).SelectionAsync(source.Token));
    }

    [Fact]
    public async Task The_answer_to_a_makeCredential_says_what_was_made_so_that_its_delivery_can_be_told()
    {
        var message = new ByteWriter().Byte((byte)CtapCommand.MakeCredential).Bytes(CtapMessages.MakeCredentialRequest.Encode()).ToByteString();

        var answer = await new CtapDispatcher(new EchoAuthenticator()).DispatchAsync(message, Token);

        Assert.Equal(CtapMessages.MakeCredentialResponse, answer.Created);
    }

    private static RemoteCtapAuthenticator Over(ICtapAuthenticator authenticator)
    {
        var dispatcher = new CtapDispatcher(authenticator);
        return new(async (message, token) => (await dispatcher.DispatchAsync(message, token)).Bytes);
    }
}

/// <summary>Says no to everything.</summary>
internal sealed class RefusingAuthenticator : ICtapAuthenticator
{
    public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => Refuse<GetInfoResponse>(cancellationToken);

    public Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken) => Refuse<MakeCredentialResponse>(cancellationToken);

    public Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken) => Refuse<GetAssertionResponse>(cancellationToken);

    public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => Refuse<GetAssertionResponse>(cancellationToken);

    public Task SelectionAsync(CancellationToken cancellationToken) => Refuse<GetInfoResponse>(cancellationToken);

    private static Task<T> Refuse<T>(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        throw new CtapException(CtapStatus.OperationDenied);
    }
}

/// <summary>Answers the messages of <see cref="CtapMessages"/>, and checks that the requests are those.</summary>
internal sealed class EchoAuthenticator : ICtapAuthenticator
{
    public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => Task.FromResult(CtapMessages.GetInfoResponse);

    public Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken)
    {
        Assert.Equal(CtapMessages.MakeCredentialRequest.Encode(), request.Encode());
        return Task.FromResult(CtapMessages.MakeCredentialResponse);
    }

    public Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken)
    {
        Assert.Equal(CtapMessages.GetAssertionRequest.Encode(), request.Encode());
        return Task.FromResult(CtapMessages.GetAssertionResponse);
    }

    public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => Task.FromResult(CtapMessages.GetAssertionResponse);

    public Task SelectionAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
