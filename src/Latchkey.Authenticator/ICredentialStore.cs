using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

/// <summary>
/// Where credentials live. Each change is on disk when its task completes: the authenticator answers only afterwards.
/// Staged → delivered → confirmed; or rolled back.
/// </summary>
public interface ICredentialStore
{
    /// <summary>All credentials in every state, newest first.</summary>
    IReadOnlyList<PublicKeyCredentialSource> Credentials { get; }

    /// <summary>Keeps a new credential with its response, before the answer leaves.</summary>
    Task StageAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken);

    /// <summary>The client has the answer: from now on the credential is offered. No change when it already is.</summary>
    Task DeliverAsync(CredentialId id, CancellationToken cancellationToken);

    /// <summary>
    /// The relying party keeps the credential; the one it replaces moves to <see cref="CredentialState.RecentlyDeleted"/> and
    /// is returned, so that it can be deleted on the server too.
    /// </summary>
    Task<PublicKeyCredentialSource?> ConfirmAsync(CredentialId id, CancellationToken cancellationToken);

    /// <summary>
    /// The answer never arrived or was refused for good: a staged credential disappears, a delivered one moves to
    /// <see cref="CredentialState.RecentlyDeleted"/>; the one it would have replaced stays as it was.
    /// </summary>
    Task RollBackAsync(CredentialId id, CancellationToken cancellationToken);

    /// <summary>Remembers that a credential signed with the person present.</summary>
    Task RecordUseAsync(CredentialId id, CancellationToken cancellationToken);
}
