using Latchkey.Authenticator;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Hybrid.Tests.Meetings;

/// <summary>A real authenticator with its vault in memory and a person who says yes, unless a test says otherwise.</summary>
internal sealed class Phone : IDisposable
{
    public Phone(TimeProvider time) => Authenticator = new(Store, Person, Person, time);

    public MemoryStore Store { get; } = new();

    public Person Person { get; } = new();

    public CtapAuthenticator Authenticator { get; }

    /// <summary>What the host of a responder does with a passkey that was made.</summary>
    public Task DeliverOrDropAsync(MakeCredentialResponse response, bool written)
    {
        var id = AuthenticatorData.Parse(response.AuthData).AttestedCredentialData!.Value.CredentialId;
        return written ? Store.DeliverAsync(id, CancellationToken.None) : Store.RollBackAsync(id, CancellationToken.None);
    }

    public void Dispose() => Authenticator.Dispose();
}

internal sealed class Person : IAuthorizationGesture, IPinVerifier
{
    public const string Pin = "correct pin";

    public List<AuthorizationRequest> Asked { get; } = [];

    public Func<AuthorizationRequest, CancellationToken, Task<AuthorizationAnswer>> Answer { get; set; } = (request, _) => Task.FromResult(Yes(request));

    public bool CanChoose { get; set; } = true;

    public int PinAttemptsLeft => 8;

    public static AuthorizationAnswer Yes(AuthorizationRequest request) => new AuthorizationAnswer.Granted { Pin = request.Pin is null ? null : Pin };

    public Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        Asked.Add(request);
        return Answer(request, cancellationToken);
    }

    public Task<PinCheck> CheckPinAsync(string pin, CancellationToken cancellationToken) => Task.FromResult(pin == Pin ? PinCheck.Right : PinCheck.Wrong);
}

/// <summary>The states a vault keeps, without the file.</summary>
internal sealed class MemoryStore : ICredentialStore
{
    private readonly List<PublicKeyCredentialSource> _credentials = [];

    public IReadOnlyList<PublicKeyCredentialSource> Credentials => _credentials;

    /// <summary>Happens while the disk would write.</summary>
    public Func<Task> BeforeStage { get; set; } = () => Task.CompletedTask;

    public async Task StageAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        await BeforeStage();
        _credentials.Insert(0, credential);
    }

    public Task DeliverAsync(CredentialId id, CancellationToken cancellationToken) => Change(id, credential => credential with { State = CredentialState.Delivered });

    public async Task<PublicKeyCredentialSource?> ConfirmAsync(CredentialId id, CancellationToken cancellationToken)
    {
        await Change(id, credential => credential with { State = CredentialState.Confirmed });
        return null;
    }

    public Task RollBackAsync(CredentialId id, CancellationToken cancellationToken)
    {
        Assert.Equal(1, _credentials.RemoveAll(credential => credential.Id == id && credential.State == CredentialState.Staged));
        return Task.CompletedTask;
    }

    public Task RecordUseAsync(CredentialId id, CancellationToken cancellationToken) => Change(id, credential => credential with { LastUsedAt = credential.CreatedAt });

    private Task Change(CredentialId id, Func<PublicKeyCredentialSource, PublicKeyCredentialSource> change)
    {
        var at = _credentials.FindIndex(credential => credential.Id == id);
        _credentials[at] = change(_credentials[at]);
        return Task.CompletedTask;
    }
}
