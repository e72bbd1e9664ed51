using Latchkey.Authenticator;
using Latchkey.Phone.Settings;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Phone.Sheet;

/// <summary>What the system's own place for passkeys keeps: until the phone is switched off, behind the passcode.</summary>
internal sealed class BuiltInStore : ICredentialStore, IPinVerifier
{
    /// <summary>The model it says it is of; drawn once at random.</summary>
    public static readonly Aaguid Model = new(new Guid("8821a63e-d066-4774-ab0f-42db98579725"));

    private readonly Lock _gate = new();
    private readonly List<PublicKeyCredentialSource> _credentials = [];

    public IReadOnlyList<PublicKeyCredentialSource> Credentials
    {
        get
        {
            lock (_gate) return [.. _credentials];
        }
    }

    // A rehearsal locks nobody out.
    public int PinAttemptsLeft => 8;

    public Task StageAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        lock (_gate) _credentials.Insert(0, credential);
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
        lock (_gate) _credentials.RemoveAll(credential => credential.Id == id);
        return Task.CompletedTask;
    }

    public Task RecordUseAsync(CredentialId id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<PinCheck> CheckPinAsync(string pin, CancellationToken cancellationToken) => Task.FromResult(pin == PhoneSettings.Passcode ? PinCheck.Right : PinCheck.Wrong);

    private Task MoveAsync(CredentialId id, CredentialState state)
    {
        lock (_gate)
        {
            if (_credentials.FindIndex(credential => credential.Id == id) is var index and >= 0) _credentials[index] = _credentials[index] with { State = state };
        }

        return Task.CompletedTask;
    }
}
