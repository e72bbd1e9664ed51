using Latchkey.Protocol.Ctap;

namespace Latchkey.Hybrid;

/// <summary>
/// A phone at the other end of a channel, as an authenticator like any other. Besides <see cref="CtapException"/>, a call can end with a
/// <see cref="HybridException"/> when the connection is lost. Hybrid has no cancel command: cancelling a call ends the connection.
/// </summary>
public sealed class HybridAuthenticator : ICtapAuthenticator, IAsyncDisposable
{
    internal HybridAuthenticator(GetInfoResponse info) => Info = info;

    /// <summary>What the phone said it can do, when it came.</summary>
    public GetInfoResponse Info { get; }

    /// <inheritdoc/>
    public Task<GetInfoResponse> GetInfoAsync(CancellationToken cancellationToken) => Task.FromResult(Info);

    /// <inheritdoc/>
    public Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <inheritdoc/>
    public Task SelectionAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Says goodbye and closes the tunnel.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
