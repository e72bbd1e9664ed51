using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Accounts;

/// <summary>
/// What a relying party's page says about its passkeys. A page's word is not proved: it hides, shows and renames, and never deletes. A server
/// of ours is asked, by the passkey itself, and its answer counts as always.
/// <see href="https://www.w3.org/TR/webauthn-3/#sctn-signal-methods"/>
/// </summary>
/// <param name="vault">Where the keys are kept.</param>
/// <param name="accounts">The accounts: their servers are ours.</param>
/// <param name="reconciliation">Asks.</param>
/// <param name="time">The clock.</param>
public sealed class PasskeySignals(FileCredentialStore vault, AccountBook accounts, Reconciliation reconciliation, TimeProvider time)
{
    /// <summary><c>signalUnknownCredential</c>: the relying party does not know this passkey.</summary>
    public async Task UnknownAsync(string rpId, CredentialId id, CancellationToken cancellationToken)
    {
        if (vault.Credentials.FirstOrDefault(credential => credential.IsOffered && credential.RpId == rpId && credential.Id == id) is { } credential)
        {
            await DoubtAsync(credential, cancellationToken);
        }
    }

    /// <summary><c>signalAllAcceptedCredentials</c>: these are all the passkeys of an account; others are doubted, and hidden ones among them shown again.</summary>
    public async Task AllAcceptedAsync(string rpId, UserHandle user, IReadOnlySet<CredentialId> accepted, CancellationToken cancellationToken)
    {
        foreach (var credential in vault.Credentials.Where(credential => credential.IsKept && credential.RpId == rpId && credential.UserHandle == user).ToList())
        {
            if (accepted.Contains(credential.Id))
            {
                await vault.UpdateAsync(contents => contents.Shown(credential.Id), cancellationToken);
            }
            else if (credential.IsOffered)
            {
                await DoubtAsync(credential, cancellationToken);
            }
        }
    }

    /// <summary><c>signalCurrentUserDetails</c>: the account is called so by now.</summary>
    public async Task CurrentUserAsync(string rpId, UserHandle user, string name, string displayName, CancellationToken cancellationToken)
    {
        foreach (var credential in vault.Credentials.Where(credential => credential.IsKept && credential.RpId == rpId && credential.UserHandle == user).ToList())
        {
            // A name nobody could read takes the place of none.
            var (its, shown) = (ForeignText.Of(name).IsBlank ? credential.UserName ?? "" : name, ForeignText.Of(displayName).IsBlank ? credential.UserDisplayName ?? "" : displayName);
            await vault.UpdateAsync(contents => contents.Renamed(credential.Id, its, shown), cancellationToken);
        }
    }

    private async Task DoubtAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        foreach (var server in accounts.All.Select(account => account.Server).Distinct().Where(server => RpIdValidation.IsRegistrableDomainSuffixOfOrEqualTo(credential.RpId, server.AsciiHost())).ToList())
        {
            // Known, unknown or no answer: what follows from it has been done, and the page's word adds nothing.
            if (await reconciliation.AskAboutAsync(server, credential, cancellationToken) is not PasskeyAnswer.NotItsOwn) return;
        }

        await vault.UpdateAsync(contents => contents.Hidden(credential.Id, time.GetUtcNow()), cancellationToken);
    }
}
