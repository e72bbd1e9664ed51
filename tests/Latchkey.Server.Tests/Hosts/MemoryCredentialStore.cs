using Latchkey.Authenticator;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Server.Tests.Hosts;

/// <summary>A vault without a disk and without a slow key derivation: the server cannot tell, and a hundred tests wait less.</summary>
internal sealed class MemoryCredentialStore(string pin) : ICredentialStore, IPinVerifier
{
    private readonly List<PublicKeyCredentialSource> _credentials = [];

    public IReadOnlyList<PublicKeyCredentialSource> Credentials => _credentials;

    public int PinAttemptsLeft => 8;

    public Task StageAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        _credentials.Insert(0, credential);
        return Task.CompletedTask;
    }

    public Task DeliverAsync(CredentialId id, CancellationToken cancellationToken) => MoveAsync(id, CredentialState.Delivered);

    public async Task<PublicKeyCredentialSource?> ConfirmAsync(CredentialId id, CancellationToken cancellationToken)
    {
        await MoveAsync(id, CredentialState.Confirmed);
        return null;
    }

    public Task RollBackAsync(CredentialId id, CancellationToken cancellationToken)
    {
        _credentials.RemoveAll(credential => credential.Id == id);
        return Task.CompletedTask;
    }

    public Task RecordUseAsync(CredentialId id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<PinCheck> CheckPinAsync(string given, CancellationToken cancellationToken) => Task.FromResult(given == pin ? PinCheck.Right : PinCheck.Wrong);

    private Task MoveAsync(CredentialId id, CredentialState state)
    {
        var index = _credentials.FindIndex(credential => credential.Id == id);
        _credentials[index] = _credentials[index] with { State = state };
        return Task.CompletedTask;
    }
}
