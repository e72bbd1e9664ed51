using System.Collections.Immutable;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

public sealed partial class CtapAuthenticator
{
    /// <inheritdoc/>
    /// <remarks>
    /// The credential is staged when this returns. Whoever hands the answer on then says in the store that it was delivered,
    /// or rolls it back.
    /// </remarks>
    public async Task<MakeCredentialResponse> MakeCredentialAsync(MakeCredentialRequest request, CancellationToken cancellationToken)
    {
        using var operation = Begin();
        _remembered = null;

        // CTAP 2.2 §6.1.2, step 2: pinUvAuthParam. (1, a zero length one, is for authenticators with clientPin or pinUvAuthToken.)
        RefusePinUvAuth(request.PinUvAuthParam, request.PinUvAuthProtocol);

        // 3. "If the element specifies an algorithm that is supported by the authenticator, and no algorithm has yet been chosen by this
        //    loop, then let the algorithm specified by the current element be the chosen algorithm." "If the loop completes and no
        //    algorithm was chosen then return CTAP2_ERR_UNSUPPORTED_ALGORITHM."
        if (Choose(request.PubKeyCredParams) is not { } algorithm) throw new CtapException(CtapStatus.UnsupportedAlgorithm);

        // 5. "If the "up" option is false, end the operation by returning CTAP2_ERR_INVALID_OPTION."
        if (request.Up is false) throw new CtapException(CtapStatus.InvalidOption);
        var rk = request.Rk is true;

        // 7 and 8 came with CTAP 2.1: they would refuse a creation without user verification. We are FIDO_2_0, whose platforms may ask so.

        // 9. "If the enterpriseAttestation parameter is present: If the authenticator is not enterprise attestation capable, … then end
        //    the operation by returning CTAP1_ERR_INVALID_PARAMETER."
        if (request.EnterpriseAttestation is not null) throw new CtapException(CtapStatus.InvalidParameter);
        if (request.CredProtect is { } asked && !Enum.IsDefined(asked)) throw new CtapException(CtapStatus.InvalidParameter);

        var uv = false;
        var up = false;
        var excluded = FindExcluded(request, uv: request.Uv is true);
        var existing = rk ? ExistingFor(request).FirstOrDefault() : null;
        var question = new AuthorizationRequest.CreatePasskey(request.Rp, request.User) { Existing = excluded ?? existing, Excluded = excluded is not null };
        AuthorizationAnswer.Granted? granted = null;

        // 11. "If the "uv" option is present and set to true … Let uvState be the result of calling performBuiltInUv(internalRetry) …
        //     If uvState is success: Set the "uv" bit to true in the response." The question already tells what step 14 shows, so the
        //     person answers once.
        // 13. "If evidence of user interaction was provided as part of Step 11 …: Set the "up" bit to true in the response."
        if (request.Uv is true)
        {
            granted = await VerifyUserAsync(question, cancellationToken);
            uv = true;
            up = true;
        }

        // 12. "If the excludeList parameter is present and contains a credential ID created by this authenticator, that is bound
        //     to the specified rp.id: … If userPresentFlagValue is false, then: Wait for user presence. Regardless of whether user
        //     presence is obtained or the authenticator times out, terminate this procedure and return CTAP2_ERR_CREDENTIAL_EXCLUDED."
        if (excluded is not null)
        {
            if (!up) await gesture.AskAsync(question, cancellationToken);
            throw new CtapException(CtapStatus.CredentialExcluded);
        }

        // 14. "If the "up" bit is false in the response: … If the authenticator has a display, show the items contained within the user
        //     and rp parameter structures to the user, and request permission to create a credential. If the user declines permission,
        //     or the operation times out, then end the operation by returning CTAP2_ERR_OPERATION_DENIED."
        granted ??= Accept(await gesture.AskAsync(question, cancellationToken), CtapStatus.OperationDenied);

        // 17 would overwrite it later; a vault that holds a passkey for this account never does so unasked. Nor does it where another
        // client made one while this question stood: the person said yes to a first passkey.
        if (rk && ExistingFor(request).Any(known => !granted.Replace || known.Id != existing?.Id)) throw new CtapException(CtapStatus.CredentialExcluded);

        // "Set the "up" bit to true in the response."
        up = true;

        // 15. "If the extensions parameter is present: Process any extensions that this authenticator supports"
        var protection = request.CredProtect ?? CredentialProtection.UserVerificationOptional;
        var extensions = request.CredProtect is { } level ? CredProtectOutput(level) : default(ByteString?);

        // 16. "Generate a new credential key pair for the algorithm chosen in step 3."
        var (privateKey, publicKey) = CredentialKey.Generate(algorithm);
        var id = CredentialId.Random();

        // 19. "… generate an attestation statement for the newly-created credential using clientDataHash"
        var authData = AuthDataOf(request.Rp.Id, up, uv, new(Aaguid, id, publicKey.Encode()), extensions);
        var response = await AttestAsync(request, algorithm, privateKey, authData, cancellationToken);

        // 17. "Store the user parameter along with the newly-created key pair", with the response: nothing leaves before it is on disk.
        await SavedAsync(StageAsync(
            new()
            {
                Id = id,
                RpId = request.Rp.Id,
                RpName = request.Rp.Name,
                UserHandle = request.User.Id,
                UserName = request.User.Name,
                UserDisplayName = request.User.DisplayName,
                Algorithm = algorithm,
                PrivateKey = privateKey,
                Discoverable = rk,
                Protection = protection,
                CreatedAt = time.GetUtcNow(),
                State = CredentialState.Staged,
                Response = response.Encode(),
                Replaces = existing?.Id,
                MayHaveLeft = !IsAttached,
            },
            cancellationToken));
        if (!cancellationToken.IsCancellationRequested) return response;

        // The client aborted while the disk wrote: nobody will have the answer.
        await store.RollBackAsync(id, CancellationToken.None);
        throw new OperationCanceledException(cancellationToken);
    }

    private async Task<CredentialId> StageAsync(PublicKeyCredentialSource credential, CancellationToken cancellationToken)
    {
        await store.StageAsync(credential, cancellationToken);
        return credential.Id;
    }

    private static CoseAlgorithm? Choose(IReadOnlyList<int> pubKeyCredParams)
    {
        foreach (var number in pubKeyCredParams)
        {
            if (CredentialKey.Algorithms.Contains((CoseAlgorithm)number)) return (CoseAlgorithm)number;
        }

        return null;
    }

    /// <summary>A credential of the exclude list that lives here; one protected by credProtect 3 shows itself only after user verification.</summary>
    private PublicKeyCredentialSource? FindExcluded(MakeCredentialRequest request, bool uv) => store.Credentials.FirstOrDefault(credential =>
        credential.IsOffered && credential.RpId == request.Rp.Id
        && request.ExcludeList.Any(excluded => excluded.Id == credential.Id)
        && (uv || credential.Protection != CredentialProtection.UserVerificationRequired));

    private IEnumerable<PublicKeyCredentialSource> ExistingFor(MakeCredentialRequest request) => store.Credentials.Where(credential =>
        credential is { IsOffered: true, Discoverable: true } && credential.RpId == request.Rp.Id && credential.UserHandle == request.User.Id);

    private async Task<MakeCredentialResponse> AttestAsync(
        MakeCredentialRequest request, CoseAlgorithm algorithm, ByteString privateKey, ByteString authData, CancellationToken cancellationToken)
    {
        // "If the authenticator supports multiple attestation formats and the attestationFormatsPreference parameter is present, the
        // authenticator MUST choose a supported format whose attestation statement format identifier appears with the lowest index in the
        // supplied array." A client whose relying party wants no attestation says none; where nobody says, the client takes it off.
        var format = request.AttestationFormatsPreference.FirstOrDefault(f => f is AttestationObject.FormatPacked or AttestationObject.FormatNone, AttestationObject.FormatPacked);
        if (format == AttestationObject.FormatNone) return new(format, authData, AttestationObject.None(authData).AttStmt);

        if (AttestationKeys is { } keys && await keys.FindAsync(request.Rp.Id, request.User.Id, cancellationToken) is { } attestation)
        {
            // WebAuthn §8.2 "If Basic or AttCA attestation is in use, the authenticator produces the sig by concatenating authenticatorData
            // and clientDataHash, and signing the result using an attestation private key … It sets x5c to attestnCert followed by the
            // related certificate chain (if any). It sets alg to the algorithm of the attestation private key."
            return new(format, authData, Packed(CoseAlgorithm.ES256, attestation.Sign(authData, request.ClientDataHash.Bytes), attestation.Certificates));
        }

        // "If self attestation is in use, the authenticator produces sig by concatenating authenticatorData and clientDataHash, and
        // signing the result using the credential private key."
        return new(format, authData, Packed(algorithm, CredentialKey.Sign(algorithm, privateKey, authData, request.ClientDataHash.Bytes), []));
    }

    // packedStmtFormat = { alg, sig, x5c: [ attestnCert, * caCert ] } // { alg, sig }
    private static ByteString Packed(CoseAlgorithm algorithm, ByteString signature, ImmutableList<ByteString> x5c)
    {
        var writer = new CanonicalCborWriter().StartMap(x5c.Count == 0 ? 2 : 3).Text("alg").Integer((int)algorithm).Text("sig").Bytes(signature);
        if (x5c.Count == 0) return writer.EndMap().Encode();
        writer.Text("x5c").StartArray(x5c.Count);
        foreach (var certificate in x5c)
        {
            writer.Bytes(certificate);
        }

        return writer.EndArray().EndMap().Encode();
    }
}
