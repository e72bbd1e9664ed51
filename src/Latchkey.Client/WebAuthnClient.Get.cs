using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Client;

public sealed partial class WebAuthnClient
{
    /// <summary>
    /// Signs in with a credential. <see href="https://www.w3.org/TR/webauthn-3/#sctn-getAssertion"/>
    /// </summary>
    /// <param name="options">What the relying party asks.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="chooseAccount">
    /// Chooses among several accounts an authenticator without a screen found: gets their users, gives the index. The first when absent.
    /// </param>
    /// <param name="cancellationToken">The page's abort signal.</param>
    /// <exception cref="WebAuthnClientException">The ceremony ended without an assertion.</exception>
    public async Task<AuthenticationResponseJson> GetAsync(
        PublicKeyCredentialRequestOptions options,
        Caller caller,
        Func<IReadOnlyList<CtapUser>, CancellationToken, Task<int>>? chooseAccount,
        CancellationToken cancellationToken)
    {
        var rpId = await ResolveRpIdAsync(options.RpId, caller, relatedOrigins, cancellationToken);
        var appId = AppIdValidation.Resolve(options.Extensions.AppId, caller.Origin);
        var clientDataJson = EncodeClientData(CollectedClientData.TypeGet, options.Challenge, caller);
        return await AskAsync(options.Timeout, async token =>
        {
            var info = await authenticator.GetInfoAsync(token);

            // appid: where no credential of the list lives under the RP ID and one does under the AppID, "The value of appId then replaces the
            // rpId parameter of authenticatorGetAssertion". Found out beforehand, so that the person answers once.
            var usesAppId = appId is not null && options.AllowCredentials.Count > 0
                && !await HoldsAsync(rpId, options.AllowCredentials, token) && await HoldsAsync(appId, options.AllowCredentials, token);
            var scope = usesAppId ? appId! : rpId;
            var first = await authenticator.GetAssertionAsync(
                new(scope, ClientDataHash.Of(clientDataJson.Span))
                {
                    AllowList = options.AllowCredentials,
                    Uv = VerifiesUser(options.UserVerification, info) ? true : null,
                },
                token);
            var chosen = await ChooseAsync(first, chooseAccount, token);
            return Translate(chosen, options, scope, clientDataJson, info) with { AppIdUsed = appId is null ? null : usesAppId };
        }, cancellationToken);
    }

    /// <summary>
    /// Signs without asking anybody (UP and UV both 0): good for asking the relying party whether it keeps this credential, and for nothing
    /// else, since a sign-in demands user presence.
    /// </summary>
    /// <param name="options">A challenge, an RP ID, and the credential in question as the whole allow list.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="WebAuthnClientException">The authenticator did not sign.</exception>
    public async Task<AuthenticationResponseJson> GetSilentlyAsync(PublicKeyCredentialRequestOptions options, Caller caller, CancellationToken cancellationToken)
    {
        var rpId = await ResolveRpIdAsync(options.RpId, caller, relatedOrigins, cancellationToken);
        var clientDataJson = EncodeClientData(CollectedClientData.TypeGet, options.Challenge, caller);
        return await AskAsync(options.Timeout, async token =>
        {
            var info = await authenticator.GetInfoAsync(token);
            var answer = await authenticator.GetAssertionAsync(
                new(rpId, ClientDataHash.Of(clientDataJson.Span)) { AllowList = options.AllowCredentials, Up = false },
                token);
            return Translate(answer, options, rpId, clientDataJson, info);
        }, cancellationToken);
    }

    private async Task<GetAssertionResponse> ChooseAsync(
        GetAssertionResponse first, Func<IReadOnlyList<CtapUser>, CancellationToken, Task<int>>? chooseAccount, CancellationToken cancellationToken)
    {
        var count = first.NumberOfCredentials ?? 1;
        if (count <= 1 || first.UserSelected is true || chooseAccount is null)
        {
            return first;
        }

        List<GetAssertionResponse> found = [first];
        while (found.Count < count)
        {
            found.Add(await authenticator.GetNextAssertionAsync(cancellationToken));
        }

        return found[await chooseAccount([.. found.Select(answer => answer.User ?? new(default))], cancellationToken)];
    }

    private static AuthenticationResponseJson Translate(
        GetAssertionResponse answer, PublicKeyCredentialRequestOptions options, string rpId, ByteString clientDataJson, GetInfoResponse info)
    {
        // "credential" may be left out when the allow list has exactly one
        var credential = answer.Credential?.Id
            ?? (options.AllowCredentials is [var only] ? only.Id : throw new WebAuthnClientException(DomExceptionName.UnknownError, "The authenticator did not say which credential signed."));
        if (AuthenticatorData.Parse(answer.AuthData).RpIdHash != RpIdHash.Of(rpId)
            || (options.AllowCredentials.Count > 0 && options.AllowCredentials.All(allowed => allowed.Id != credential)))
        {
            throw new WebAuthnClientException(DomExceptionName.UnknownError, "The authenticator answered for another relying party or with another credential.");
        }

        return new(credential, clientDataJson, answer.AuthData, answer.Signature, answer.User?.Id)
        {
            AuthenticatorAttachment = AttachmentOf(info),
        };
    }
}
