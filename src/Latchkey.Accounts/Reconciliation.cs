using Latchkey.Api;
using Latchkey.Api.Passkeys;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Accounts;

/// <summary>
/// Brings this side in step with the servers: drops what never left, sends what is owed, and asks whether the servers still keep the
/// passkeys. Run at each start and whenever the person looks at an account; no outage and no odd answer removes anything.
/// </summary>
/// <param name="vault">Where the keys are kept.</param>
/// <param name="authenticator">The authenticator over that vault, for the silent assertion that proves the question.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="registration">Sends registrations.</param>
/// <param name="deletion">Sends deletions.</param>
/// <param name="time">The clock.</param>
public sealed class Reconciliation(
    FileCredentialStore vault, ICtapAuthenticator authenticator, AccountBook accounts, PasskeyRegistration registration, PasskeyDeletion deletion, TimeProvider time)
{
    /// <summary>A ceremony's life and 2 minutes: until then a server may yet learn of a passkey that was only delivered.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    /// <summary>At a start, before any ceremony: what was staged and never delivered, nobody has heard of.</summary>
    public async Task DropStagedAsync(CancellationToken cancellationToken)
    {
        foreach (var credential in vault.Credentials.Where(credential => credential.State == CredentialState.Staged).ToList())
        {
            await vault.RollBackAsync(credential.Id, cancellationToken);
        }
    }

    /// <summary>Sends what is owed to an account's server, then asks about its passkeys.</summary>
    /// <returns>What kept some of it, if anything did.</returns>
    public async Task<ApiException?> ReconcileAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        ApiException? problem = null;
        foreach (var work in vault.Contents.Work.Where(work => work.AccountId == account.Id).ToList())
        {
            problem = work switch
            {
                OutstandingRegistration owed => await registration.PostAsync(account, owed, cancellationToken) is RegistrationOutcome.Outstanding outstanding ? outstanding.Problem : problem,
                OutstandingDeletion owed => await deletion.SendAsync(account, owed, cancellationToken) ?? problem,
                _ => problem,
            };
        }

        foreach (var credential in vault.Credentials.Where(credential => credential.IsOffered && credential.AccountId == account.Id && !IsOwed(credential)).ToList())
        {
            problem = await AskAboutAsync(account, credential, cancellationToken) ?? problem;
        }

        return problem;
    }

    private bool IsOwed(PublicKeyCredentialSource credential) => vault.Contents.Work.Exists(work => work.CredentialId == credential.Id);

    private async Task<ApiException?> AskAboutAsync(VaultAccount account, PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        try
        {
            using var http = accounts.ConnectAnonymously(account.Server);
            var status = new PasskeyStatusClient(http);
            var options = await status.OptionsAsync(cancellationToken);
            var response = await new WebAuthnClient(authenticator, time).GetSilentlyAsync(
                options with { AllowCredentials = [new(credential.Id, [])] }, new(Origin.Of(account.Server)), cancellationToken);
            switch ((await status.AskAsync(response, cancellationToken)).Status)
            {
                case PasskeyStatus.Known when credential.State == CredentialState.Delivered:
                    await vault.ConfirmAsync(credential.Id, CancellationToken.None);
                    break;
                case PasskeyStatus.Unknown when credential.State == CredentialState.Confirmed || time.GetUtcNow() - credential.CreatedAt > Patience:
                    await vault.DeleteAsync(credential.Id, CancellationToken.None);
                    break;
            }

            return null;
        }
        catch (ApiException e)
        {
            return e;
        }
        catch (WebAuthnClientException)
        {
            // The authenticator is busy with a ceremony: asked again next time.
            return null;
        }
    }
}
