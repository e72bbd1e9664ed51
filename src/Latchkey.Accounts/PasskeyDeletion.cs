using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;

namespace Latchkey.Accounts;

/// <summary>Deletes a passkey: on the server first, then here; what the server has not acknowledged is owed to it, across restarts.</summary>
/// <param name="vault">Where the key is kept.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="time">The clock.</param>
public sealed class PasskeyDeletion(FileCredentialStore vault, AccountBook accounts, TimeProvider time)
{
    /// <summary>Deletes a passkey of an account. Null when it is gone on both sides; else what kept the server from answering.</summary>
    public async Task<ApiException?> DeleteAsync(VaultAccount account, PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        var work = new OutstandingDeletion(account.Id, credential.Id, time.GetUtcNow());
        await vault.UpdateAsync(
            contents => contents.Work.Exists(known => known is OutstandingDeletion && known.CredentialId == credential.Id) ? contents : contents with { Work = contents.Work.Add(work) },
            cancellationToken);
        return await SendAsync(account, work, cancellationToken);
    }

    /// <summary>Whether a deletion is still owed to the server.</summary>
    public bool IsOutstanding(PublicKeyCredentialSource credential) =>
        vault.Contents.Work.Exists(work => work is OutstandingDeletion && work.CredentialId == credential.Id);

    /// <summary>Sends a deletion the server has not acknowledged. Null when it is done.</summary>
    public async Task<ApiException?> SendAsync(VaultAccount account, OutstandingDeletion work, CancellationToken cancellationToken)
    {
        try
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            await new Fido2MethodsClient(http).DeleteAsync(work.CredentialId, cancellationToken);
        }
        catch (ApiException e)
        {
            return e;
        }

        // One that a new passkey replaced has moved to the recently deleted already; then only the debt goes.
        await vault.UpdateAsync(contents => contents with { Work = contents.Work.Remove(work) }, CancellationToken.None);
        if (vault.Contents.Find(work.CredentialId) is not null)
        {
            await vault.DeleteAsync(work.CredentialId, CancellationToken.None);
        }

        return null;
    }
}
