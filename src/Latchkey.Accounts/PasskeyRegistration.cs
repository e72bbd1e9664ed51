using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Protocol;

namespace Latchkey.Accounts;

/// <summary>How a registration ended; one of the types below.</summary>
public abstract record RegistrationOutcome
{
    private RegistrationOutcome()
    {
    }

    /// <summary>The server keeps the passkey, and it is confirmed here.</summary>
    /// <param name="Method">The passkey as the server shows it.</param>
    /// <param name="Replaced">The passkey it replaced, if it did.</param>
    public sealed record Registered(Fido2AuthenticationMethod Method, PublicKeyCredentialSource? Replaced) : RegistrationOutcome;

    /// <summary>The vault holds a passkey for this account already.</summary>
    /// <param name="Existing">Which one.</param>
    public sealed record AlreadyRegistered(PublicKeyCredentialSource Existing) : RegistrationOutcome;

    /// <summary>The passkey was made, and the server could not be asked to keep it: it is asked again, with the same bytes, until it answers.</summary>
    /// <param name="Id">The passkey.</param>
    /// <param name="Problem">What kept it.</param>
    public sealed record Outstanding(CredentialId Id, ApiException Problem) : RegistrationOutcome;

    /// <summary>The server refused; nothing is left here.</summary>
    /// <param name="Problem">Its words.</param>
    public sealed record Refused(ApiException Problem) : RegistrationOutcome;

    /// <summary>The person said no, or nothing; nothing is left anywhere.</summary>
    /// <param name="Status">What the authenticator said.</param>
    public sealed record Declined(CtapStatus? Status) : RegistrationOutcome;
}

/// <summary>
/// Makes a passkey for an account, from the server's options to its acknowledgement: staged before the answer leaves the authenticator,
/// delivered together with the response that is owed to the server, confirmed by the server's success, rolled back by a final refusal.
/// Killed at any step, <see cref="Reconciliation"/> brings it to the same end.
/// </summary>
/// <param name="vault">Where the key is kept.</param>
/// <param name="authenticator">The authenticator over that vault.</param>
/// <param name="accounts">The accounts.</param>
/// <param name="time">The clock.</param>
public sealed class PasskeyRegistration(FileCredentialStore vault, ICtapAuthenticator authenticator, AccountBook accounts, TimeProvider time)
{
    private const string AttestationRequired = "attestation_required";

    /// <summary>Makes a passkey.</summary>
    /// <param name="account">For whom.</param>
    /// <param name="replace">Whether the person agreed that an existing passkey is replaced; it goes only after the server accepted the new one.</param>
    /// <param name="elsewhere">A passkey whose key is not here, and whose record goes only after the server accepted the new one; null leaves all of them.</param>
    /// <param name="handoff">The portal's short code, if the person came with one.</param>
    /// <param name="cancellationToken">Gives up; once the key is delivered the work goes on later.</param>
    public async Task<RegistrationOutcome> RegisterAsync(VaultAccount account, bool replace, CredentialId? elsewhere, string? handoff, CancellationToken cancellationToken)
    {
        WebauthnCredentialCreationOptions begun;
        try
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            begun = await new Fido2MethodsClient(http).CreationOptionsAsync(cancellationToken);
        }
        catch (ApiException e)
        {
            return new RegistrationOutcome.Refused(e);
        }

        var options = begun.PublicKey;
        var existing = ExistingFor(options, account);
        if (existing is not null && !replace)
        {
            return new RegistrationOutcome.AlreadyRegistered(existing);
        }

        if (existing is not null)
        {
            // The exclude list would end the ceremony; this one replaces, and the person agreed.
            options = options with { ExcludeCredentials = [.. options.ExcludeCredentials.Where(excluded => excluded.Id != existing.Id)] };
        }

        RegistrationResponseJson response;
        try
        {
            response = await new WebAuthnClient(authenticator, time).CreateAsync(options, new(Origin.Of(account.Server)), cancellationToken);
        }
        catch (WebAuthnClientException e)
        {
            // What the authenticator made and our client did not take: its answer went nowhere.
            await vault.DropStagedAsync(options.Rp.Id ?? account.Server.AsciiHost(), options.User.Id, CancellationToken.None);
            return e.Name switch
            {
                DomExceptionName.InvalidStateError when ExistingFor(options, account) is { } held => new RegistrationOutcome.AlreadyRegistered(held),
                DomExceptionName.NotAllowedError or DomExceptionName.AbortError => new RegistrationOutcome.Declined(e.Status),
                _ => new RegistrationOutcome.Refused(new(System.Net.HttpStatusCode.BadRequest, "passkey_not_created", e.Message)),
            };
        }

        var work = new OutstandingRegistration(account.Id, response.Id, time.GetUtcNow(), response.Encode(), DisplayName: null, handoff) { ReplacesElsewhere = elsewhere };
        await vault.DeliverAsync(work, CancellationToken.None);
        return await PostAsync(account, work, cancellationToken);
    }

    /// <summary>Sends a response the server has not acknowledged; the same bytes each time, so that it gives the same answer.</summary>
    public async Task<RegistrationOutcome> PostAsync(VaultAccount account, OutstandingRegistration work, CancellationToken cancellationToken)
    {
        Fido2AuthenticationMethod method;
        try
        {
            using var http = await accounts.ConnectAsync(account, cancellationToken);
            method = await new Fido2MethodsClient(http).RegisterAsync(
                new(work.DisplayName, RegistrationResponseJson.Parse(work.ResponseJson.Span)), work.Handoff, cancellationToken);
        }
        catch (ApiException e) when (e.IsTransient || e.Status == System.Net.HttpStatusCode.Unauthorized)
        {
            return new RegistrationOutcome.Outstanding(work.CredentialId, e);
        }
        catch (ApiException e)
        {
            await vault.RollBackAsync(work.CredentialId, CancellationToken.None);
            // Where a proof of the make is demanded and there was none, what kept the server from giving us one is the reason.
            return new RegistrationOutcome.Refused(e.Code == AttestationRequired && accounts.Attestation.ProblemOf(account) is { } reason
                ? new(e.Status!.Value, e.Code, $"{e.Message} {reason.Message}") { NextStep = reason.NextStep ?? e.NextStep }
                : e);
        }

        await vault.UpdateAsync(contents => contents.Named(work.CredentialId, method.DisplayName).VouchedFor(work.CredentialId, method.IsAttested), CancellationToken.None);
        var replaced = await vault.ConfirmAsync(work.CredentialId, CancellationToken.None);
        return new RegistrationOutcome.Registered(method, replaced);
    }

    private PublicKeyCredentialSource? ExistingFor(PublicKeyCredentialCreationOptions options, VaultAccount account) =>
        vault.Credentials.FirstOrDefault(credential => credential.IsOffered && IsFor(credential, options, account));

    private static bool IsFor(PublicKeyCredentialSource credential, PublicKeyCredentialCreationOptions options, VaultAccount account) =>
        credential.UserHandle == options.User.Id && credential.RpId == (options.Rp.Id ?? account.Server.AsciiHost());
}
