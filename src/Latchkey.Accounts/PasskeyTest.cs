using Latchkey.Api;
using Latchkey.Api.Passkeys;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;

namespace Latchkey.Accounts;

/// <summary>Runs a real authentication ceremony with one passkey, which opens no session: does it still work?</summary>
/// <param name="authenticator">The authenticator.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="time">The clock.</param>
public sealed class PasskeyTest(ICtapAuthenticator authenticator, AccountBook accounts, TimeProvider time)
{
    /// <summary>Tests a passkey.</summary>
    /// <exception cref="ApiException">The server refused, or did not answer.</exception>
    /// <exception cref="WebAuthnClientException">The person declined, or the authenticator failed.</exception>
    public async Task<PasskeyTestResult> TestAsync(VaultAccount account, PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        using var http = await accounts.ConnectAsync(account, cancellationToken);
        var client = new PasskeyTestClient(http);
        var options = await client.OptionsAsync(cancellationToken);

        // The server allows any of the person's passkeys; this one is to be tested.
        var response = await new WebAuthnClient(authenticator, time).GetAsync(
            options with { AllowCredentials = [new(credential.Id, [])] }, new(Origin.Of(account.Server)), chooseAccount: null, cancellationToken);
        return await client.CompleteAsync(response, cancellationToken);
    }
}
