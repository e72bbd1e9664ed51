using Latchkey.Authenticator.Vault;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

public sealed partial class CtapAuthenticator
{
    // §6.3 "If timer since the last call to authenticatorGetAssertion/authenticatorGetNextAssertion is greater than 30 seconds,
    // discard the current authenticatorGetAssertion state and return CTAP2_ERR_NOT_ALLOWED."
    private static readonly TimeSpan NextAssertionLifetime = TimeSpan.FromSeconds(30);

    private Remembered? _remembered;

    /// <inheritdoc/>
    public async Task<GetAssertionResponse> GetAssertionAsync(GetAssertionRequest request, CancellationToken cancellationToken)
    {
        using var operation = Begin();
        _remembered = null;

        // CTAP 2.2 §6.2.2, step 2: pinUvAuthParam
        RefusePinUvAuth(request.PinUvAuthParam, request.PinUvAuthProtocol);

        // 4. "If the "rk" option is present then: Return CTAP2_ERR_UNSUPPORTED_OPTION." "If the "up" option is not present then: Let the
        //    "up" option be treated as being present with the value true."
        if (request.Rk is not null) throw new CtapException(CtapStatus.UnsupportedOption);
        var askUp = request.Up ?? true;
        var askUv = request.Uv ?? false;
        var up = false;
        var uv = false;
        AuthorizationAnswer.Granted? granted = null;

        // 6. "If the "uv" option is present and set to true … Let uvState be the result of calling performBuiltInUv(internalRetry) … If
        //    uvState is success: Set the "uv" bit to true in the response." The question already shows what step 12 lets the person
        //    choose from, so the person answers once.
        // 8. "If evidence of user interaction was provided as part of Step 6.2 …: Set the "up" bit to true in the response. Go to Step 10"
        if (askUv)
        {
            granted = await VerifyUserAsync(Question(request, Locate(request, uv: true)), cancellationToken);
            uv = true;
            up = true;
        }

        // 7. "Locate all credentials that are eligible for retrieval under the specified criteria"; "If the applicable credentials
        //    list is empty, return CTAP2_ERR_NO_CREDENTIALS."
        var applicable = Locate(request, uv);
        if (applicable.Count == 0) throw new CtapException(CtapStatus.NoCredentials);

        // 9. "If the "up" option is set to true or not present: … If the "up" bit is false in the response: Request evidence of user
        //    interaction in an authenticator-specific way … If the user declines permission, or the operation times out, then end the
        //    operation by returning CTAP2_ERR_OPERATION_DENIED."
        if (askUp && !up)
        {
            granted = Accept(await gesture.AskAsync(Question(request, applicable), cancellationToken), CtapStatus.OperationDenied);
            up = true;
        }

        // 11. "If the allowList parameter is present: Select any credential from the applicable credentials list."
        if (request.AllowList.Count != 0)
        {
            return await AssertAsync(request, Chosen(applicable, granted), up, uv, user: uv, cancellationToken);
        }

        // 12. "If allowList is not present: If numberOfCredentials is one: Select that credential."
        if (applicable.Count == 1)
        {
            var only = await AssertAsync(request, applicable[0], up, uv, user: uv, cancellationToken);
            // The question named this account, and the answer was yes: without this member a browser asks for it once more.
            return granted is null ? only : only with { UserSelected = true };
        }

        // "If the authenticator has a display and at least one of the "uv" and "up" options is true: Display all the credentials in
        // the applicable credentials list to the user … and ask the user to select a credential. … Update the response to set the
        // userSelected member to true"
        if (granted is not null && gesture.CanChoose)
        {
            var selected = await AssertAsync(request, Chosen(applicable, granted), up, uv, user: uv, cancellationToken);
            return selected with { UserSelected = true };
        }

        // "If the authenticator does not have a display, or the authenticator does have a display and the "uv" and "up" options are
        // false: Remember the authenticatorGetAssertion parameters. Create a credential counter (credentialCounter) and set it to 1. …
        // Start a timer. … Select the first credential."
        _remembered = new(request, applicable, Next: 1, up, uv, time.GetTimestamp());
        var first = await AssertAsync(request, applicable[0], up, uv, user: uv, cancellationToken);
        return first with { NumberOfCredentials = (uint)applicable.Count };
    }

    /// <inheritdoc/>
    public async Task<GetAssertionResponse> GetNextAssertionAsync(CancellationToken cancellationToken)
    {
        using var operation = Begin();

        // §6.3 1. "If authenticator does not remember any authenticatorGetAssertion parameters, return CTAP2_ERR_NOT_ALLOWED."
        //      2. "If the credentialCounter is equal to or greater than numberOfCredentials, return CTAP2_ERR_NOT_ALLOWED."
        //      3. the 30 seconds above
        if (_remembered is not { } state || state.Next >= state.Applicable.Count || time.GetElapsedTime(state.Since) > NextAssertionLifetime)
        {
            _remembered = null;
            throw new CtapException(CtapStatus.NotAllowed);
        }

        // 4. "Select the credential indexed by credentialCounter." 7. "Reset the timer." 8. "Increment credentialCounter."
        _remembered = state with { Next = state.Next + 1, Since = time.GetTimestamp() };
        return await AssertAsync(state.Request, state.Applicable[state.Next], state.Up, state.Uv, user: state.Uv, cancellationToken);
    }

    private static AuthorizationRequest.UsePasskey Question(GetAssertionRequest request, IReadOnlyList<PublicKeyCredentialSource> accounts) =>
        new(request.RpId, accounts);

    /// <summary>"Order the credentials in the applicable credentials list by the time when they were created in reverse order": as the store lists them.</summary>
    private List<PublicKeyCredentialSource> Locate(GetAssertionRequest request, bool uv)
    {
        var listed = request.AllowList.Count != 0;
        return [.. store.Credentials.Where(credential =>
            credential.IsOffered && credential.RpId == request.RpId
            && (listed ? request.AllowList.Any(allowed => allowed.Id == credential.Id) : credential.Discoverable)
            && (uv || credential.Protection switch
            {
                // "… if credential protection for a credential is marked as userVerificationRequired, and the "uv" bit is
                // false …, remove that credential"
                CredentialProtection.UserVerificationRequired => false,
                // "… userVerificationOptionalWithCredentialIDList and there is no allowList passed by the client and the "uv" bit is
                // false …, remove that credential"
                CredentialProtection.UserVerificationOptionalWithCredentialIdList => listed,
                _ => true,
            }))];
    }

    private static PublicKeyCredentialSource Chosen(List<PublicKeyCredentialSource> applicable, AuthorizationAnswer.Granted? granted) =>
        applicable.Find(credential => credential.Id == granted?.Choice) ?? applicable[0];

    /// <summary>13. "Sign the clientDataHash along with authData with the selected credential."</summary>
    private async Task<GetAssertionResponse> AssertAsync(GetAssertionRequest request, PublicKeyCredentialSource credential, bool up, bool uv, bool user, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var authData = AuthDataOf(request.RpId, up, uv);
        var signature = CredentialKey.Sign(credential.Algorithm, credential.PrivateKey, authData, request.ClientDataHash.Bytes);
        if (up) await RecordUseAsync(credential.Id, cancellationToken);
        return new(new(credential.Id, []), authData, signature)
        {
            // "User identifiable information (name, DisplayName, icon) inside the publicKeyCredentialUserEntity MUST NOT be returned if
            // user verification is not done by the authenticator."
            User = !credential.Discoverable ? null : user ? credential.User : new(credential.UserHandle),
        };
    }

    // When it was last used is worth knowing, and not worth keeping anybody from signing in.
    private async Task RecordUseAsync(CredentialId id, CancellationToken cancellationToken)
    {
        try
        {
            await store.RecordUseAsync(id, cancellationToken);
        }
        catch (VaultWriteException)
        {
        }
    }

    private sealed record Remembered(GetAssertionRequest Request, IReadOnlyList<PublicKeyCredentialSource> Applicable, int Next, bool Up, bool Uv, long Since);
}
