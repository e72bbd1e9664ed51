using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Accounts;

/// <summary>How a deletion ended, or stands; one of the types below.</summary>
public abstract record DeletionOutcome
{
    private DeletionOutcome()
    {
    }

    /// <summary>Gone on the server, and here.</summary>
    public sealed record Deleted : DeletionOutcome;

    /// <summary>The server has not been told, or has not answered: the passkey is not offered, and the server is told as soon as it can be.</summary>
    /// <param name="Problem">What kept it; <see cref="AccountBook.IsSignInNeeded"/> when the person has to sign in again.</param>
    public sealed record Pending(ApiException Problem) : DeletionOutcome;

    /// <summary>The server would not: the passkey is on both sides as before.</summary>
    /// <param name="Problem">Its words.</param>
    public sealed record Refused(ApiException Problem) : DeletionOutcome;
}

/// <summary>
/// Deletes a passkey: on the server first, then here. What the server has not acknowledged is owed to it, across restarts, and the passkey is
/// not offered meanwhile; the person can still keep it.
/// </summary>
/// <param name="vault">Where the key is kept.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="time">The clock.</param>
public sealed class PasskeyDeletion(FileCredentialStore vault, AccountBook accounts, TimeProvider time)
{
    /// <summary>Deletes a passkey of an account.</summary>
    /// <param name="account">Whose it is.</param>
    /// <param name="credential">The passkey.</param>
    /// <param name="cancellationToken">Gives up; the deletion is owed all the same.</param>
    /// <param name="evenIfLast">The person was warned that it is their last way to sign in, and means it; else the server refuses, with <see cref="LastMethod.Code"/>.</param>
    public async Task<DeletionOutcome> DeleteAsync(VaultAccount account, PublicKeyCredentialSource credential, CancellationToken cancellationToken, bool evenIfLast = false)
    {
        var work = new OutstandingDeletion(account.Id, credential.Id, time.GetUtcNow()) { EvenIfLast = evenIfLast };
        await vault.DeleteAsync(work, cancellationToken);
        return await SendAsync(account, work, cancellationToken);
    }

    /// <summary>Deletes a passkey whose key is not here, another device's or a lost vault's: there is nothing but the server's record of it.</summary>
    /// <exception cref="ApiException">The server refused (<see cref="AccountBook.IsSignInNeeded"/> among others), or did not answer.</exception>
    public async Task DeleteElsewhereAsync(VaultAccount account, CredentialId id, CancellationToken cancellationToken, bool evenIfLast = false)
    {
        using var http = await accounts.ConnectAsync(account, cancellationToken);
        await new Fido2MethodsClient(http).DeleteAsync(id, cancellationToken, evenIfLast);
    }

    /// <summary>
    /// Keeps a passkey after all whose deletion the server has not acknowledged. It may have acted all the same, with its answer lost: then it
    /// says so when it is asked next, and the passkey goes as any that was deleted there.
    /// </summary>
    public Task KeepAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken) => vault.KeepAsync(credential.Id, refused: null, cancellationToken);

    /// <summary>Sends a deletion the server has not acknowledged.</summary>
    public async Task<DeletionOutcome> SendAsync(VaultAccount account, OutstandingDeletion work, CancellationToken cancellationToken)
    {
        try
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            await new Fido2MethodsClient(http).DeleteAsync(work.CredentialId, cancellationToken, work.EvenIfLast);
        }
        catch (ApiException e) when (e.IsTransient || AccountBook.IsSignInNeeded(e))
        {
            return new DeletionOutcome.Pending(e);
        }
        catch (ApiException e)
        {
            await vault.KeepAsync(work.CredentialId, e.Message, CancellationToken.None);
            return new DeletionOutcome.Refused(e);
        }

        await vault.DeletedAsync(work.CredentialId, CancellationToken.None);
        return new DeletionOutcome.Deleted();
    }
}
