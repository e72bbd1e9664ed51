using Latchkey.Api;
using Latchkey.Api.Approvals;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.Me;
using Latchkey.Api.Passkeys;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol;

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

    /// <summary>
    /// At a start, before any ceremony: what was staged and never delivered, nobody has heard of. Only an answer that was going to another
    /// device may have arrived there: that passkey counts as delivered, and is asked about like any other. What was deleted thirty days ago goes too.
    /// </summary>
    public async Task DropStagedAsync(CancellationToken cancellationToken)
    {
        foreach (var credential in vault.Credentials.Where(credential => credential.State == CredentialState.Staged).ToList())
        {
            await (credential.MayHaveLeft ? vault.DeliverAsync(credential.Id, cancellationToken) : vault.RollBackAsync(credential.Id, cancellationToken));
        }

        // Every change leaves out what has been deleted for long enough; so does none at all.
        await vault.UpdateAsync(contents => contents, cancellationToken);
    }

    /// <summary>Sends what is owed to an account's server, takes over what the server says of the person's passkeys, then asks about those here.</summary>
    /// <returns>What kept some of it, if anything did.</returns>
    public async Task<ApiException?> ReconcileAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        await accounts.Attestation.RenewAsync(account, cancellationToken);
        ApiException? problem = null;
        foreach (var work in vault.Contents.Work.Where(work => work.AccountId == account.Id).ToList())
        {
            problem = Foremost(problem, work switch
            {
                // What the person deleted meanwhile is not registered first.
                OutstandingRegistration owed when vault.Contents.Find(owed.CredentialId) is { State: CredentialState.Deleting } => null,
                OutstandingRegistration owed => (await registration.PostAsync(account, owed, cancellationToken) as RegistrationOutcome.Outstanding)?.Problem,
                OutstandingDeletion owed => (await deletion.SendAsync(account, owed, cancellationToken) as DeletionOutcome.Pending)?.Problem,
                _ => null,
            });
        }

        problem = Foremost(problem, await TakeOverAsync(account, cancellationToken));

        // What is still owed is asked about too: a server that cannot be told without a new sign-in may have heard of it.
        foreach (var credential in vault.Credentials.Where(credential => credential.IsKept && credential.AccountId == account.Id && CanAnswer(credential)).ToList())
        {
            problem = Foremost(problem, (await AskAboutAsync(account.Server, credential, cancellationToken) as PasskeyAnswer.None)?.Problem);
        }

        return problem;
    }

    /// <summary>
    /// Asks a server about a passkey by a silent assertion, and does what the answer says: <c>known</c> confirms what was delivered,
    /// <c>unknown</c> moves it to the recently deleted, if the server can't be about to learn of it.
    /// </summary>
    /// <param name="server">The server's root.</param>
    /// <param name="credential">The passkey, delivered or confirmed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<PasskeyAnswer> AskAboutAsync(Uri server, PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        try
        {
            using var http = accounts.ConnectAnonymously(server);
            var status = new PasskeyStatusClient(http);
            var options = await status.OptionsAsync(cancellationToken);

            // A neighbour on the same domain has passkeys of its own, and knows nothing of this one.
            if ((options.RpId ?? server.AsciiHost()) != credential.RpId) return new PasskeyAnswer.NotItsOwn();
            var response = await new WebAuthnClient(authenticator, time).GetSilentlyAsync(
                options with { AllowCredentials = [new(credential.Id, [])] }, new(Origin.Of(server)), cancellationToken);
            switch ((await status.AskAsync(response, cancellationToken)).Status)
            {
                case PasskeyStatus.Known:
                    await ConfirmAsync(credential, server);
                    return new PasskeyAnswer.Known();
                case PasskeyStatus.Unknown:
                    await DropUnknownAsync(credential);
                    return new PasskeyAnswer.Unknown();
                default:
                    return new PasskeyAnswer.None(null);
            }
        }
        catch (ApiException e)
        {
            return new PasskeyAnswer.None(e);
        }
        catch (WebAuthnClientException)
        {
            // The authenticator is busy with a ceremony: asked again next time.
            return new PasskeyAnswer.None(null);
        }
    }

    /// <summary>A sign-in that has ended is what the person can do something about, and is said first.</summary>
    private static ApiException? Foremost(ApiException? one, ApiException? other) => one is not null && AccountBook.IsSignInNeeded(one) ? one : other ?? one;

    private bool IsDeletionOwed(PublicKeyCredentialSource credential) => vault.Contents.Work.Exists(work => work is OutstandingDeletion && work.CredentialId == credential.Id);

    /// <summary>
    /// CTAP 2.2 §12.1: with <c>userVerificationRequired</c> the credential is found by nobody without user verification, and so by no silent
    /// question; nor is one that is hidden. For those the account's list is the answer.
    /// </summary>
    private static bool CanAnswer(PublicKeyCredentialSource credential) => credential.IsOffered && credential.Protection != CredentialProtection.UserVerificationRequired;

    private async Task ConfirmAsync(PublicKeyCredentialSource credential, Uri server)
    {
        if (credential.State == CredentialState.Delivered) await vault.ConfirmAsync(credential.Id, CancellationToken.None);
        await vault.UpdateAsync(contents => contents.KeptBy(credential.Id, server), CancellationToken.None);
    }

    /// <summary>The server does not know it: one it has known is gone there; of one that was only delivered it may yet learn.</summary>
    private async Task DropUnknownAsync(PublicKeyCredentialSource credential)
    {
        if (credential.State == CredentialState.Confirmed || time.GetUtcNow() - credential.CreatedAt > Patience) await vault.DropAsync(credential.Id, CancellationToken.None);
    }

    /// <summary>
    /// The person and the organisation as they are called by now; whether this device is still registered; which passkeys here are this account's; their names, which the portal can
    /// change; and which of those deleted here the server still lists.
    /// </summary>
    private async Task<ApiException?> TakeOverAsync(VaultAccount account, CancellationToken cancellationToken)
    {
        // What is made while the server is asked is not in its answer yet.
        var before = vault.Credentials.Select(credential => credential.Id).ToHashSet();
        IReadOnlyList<Fido2AuthenticationMethod> methods;
        try
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            await accounts.RefreshAsync(account.Id, await new ProfileClient(http).GetAsync(cancellationToken), cancellationToken);
            if (accounts.Find(account.Id)?.Device?.Id is { } device && !(await new AuthenticatorMethodsClient(http).ListAsync(cancellationToken)).Any(method => method.Id == device))
            {
                // Deleted in the portal, or by an administrator: its key is good for nothing any more.
                await accounts.ChangeAsync(account.Id, known => known.Device?.Id == device ? known with { Device = null } : known, cancellationToken);
            }

            methods = await new Fido2MethodsClient(http).ListAsync(cancellationToken);
        }
        catch (ApiException e)
        {
            // Without a sign-in the questions that follow still work.
            return e;
        }

        foreach (var method in methods)
        {
            if (vault.Credentials.FirstOrDefault(credential => credential.Id.ToString() == method.Id) is { } credential
                && RpIdValidation.IsRegistrableDomainSuffixOfOrEqualTo(credential.RpId, account.Server.AsciiHost()))
            {
                await vault.UpdateAsync(contents => contents.Linked(credential.Id, account.Id).Named(credential.Id, method.DisplayName).VouchedFor(credential.Id, method.IsAttested), cancellationToken);
            }
        }

        foreach (var credential in vault.Credentials.Where(credential => credential.AccountId == account.Id && before.Contains(credential.Id) && !IsDeletionOwed(credential)).ToList())
        {
            var isListed = methods.Any(method => method.Id == credential.Id.ToString());
            await vault.UpdateAsync(contents => contents.Listed(credential.Id, isListed), cancellationToken);
            if (!credential.IsKept || CanAnswer(credential)) continue;
            if (!isListed) await DropUnknownAsync(credential);
            else await ConfirmAsync(credential, account.Server);
        }

        return null;
    }
}
