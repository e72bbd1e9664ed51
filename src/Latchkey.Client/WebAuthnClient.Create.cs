using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Client;

public sealed partial class WebAuthnClient
{
    /// <summary>
    /// Makes a credential. <see href="https://www.w3.org/TR/webauthn-3/#sctn-createCredential"/>
    /// </summary>
    /// <param name="options">What the relying party asks.</param>
    /// <param name="caller">Who calls.</param>
    /// <param name="cancellationToken">The page's abort signal.</param>
    /// <returns>The response for the relying party; its <see cref="RegistrationResponseJson.Id"/> names the key to confirm or roll back.</returns>
    /// <exception cref="WebAuthnClientException">The ceremony ended without a credential.</exception>
    public async Task<RegistrationResponseJson> CreateAsync(PublicKeyCredentialCreationOptions options, Caller caller, CancellationToken cancellationToken)
    {
        // "If the length of options.user.id is not between 1 and 64 bytes (inclusive) then return a TypeError."
        if (options.User.Id.Bytes.Length is 0 or > UserHandle.MaxLength)
        {
            throw new WebAuthnClientException(DomExceptionName.TypeError, $"user.id must be 1 to {UserHandle.MaxLength} bytes long.");
        }

        // "Let effectiveDomain be the callerOrigin's effective domain." … "If options.rp.id is not a registrable domain suffix of and is not equal to …"
        var rpId = await ResolveRpIdAsync(options.Rp.Id, caller, relatedOrigins, cancellationToken);

        // appidExclude: "Just after establishing the RP ID", "determining if a caller's FacetID is authorized for an AppID"
        var excludedAppId = AppIdValidation.Resolve(options.Extensions.AppIdExclude, caller.Origin);

        var algorithms = AlgorithmsOf(options.PubKeyCredParams);

        // "Let collectedClientData be a new CollectedClientData instance" … "Let clientDataHash be the hash of the serialized client data"
        var clientDataJson = EncodeClientData(CollectedClientData.TypeCreate, options.Challenge, caller);

        return await AskAsync(options.Timeout, async token =>
        {
            var info = await authenticator.GetInfoAsync(token);
            var selection = options.AuthenticatorSelection ?? new();

            // "If authenticatorAttachment is present and its value is not equal to authenticator's authenticator attachment modality, continue."
            if (selection.AuthenticatorAttachment is Requirements.Platform or Requirements.CrossPlatform
                && selection.AuthenticatorAttachment != AttachmentOf(info))
            {
                throw new WebAuthnClientException(DomExceptionName.NotAllowedError, $"A {selection.AuthenticatorAttachment} authenticator is asked for, and this is none.");
            }

            var residentKey = selection.ResidentKey switch
            {
                Requirements.Required => true,
                Requirements.Preferred => info.Rk,
                Requirements.Discouraged => false,
                // "If residentKey is not present": requireResidentKey says it
                _ => selection.RequireResidentKey,
            };
            if (residentKey && !info.Rk)
            {
                throw new WebAuthnClientException(DomExceptionName.ConstraintError, "A discoverable credential is required, and the authenticator keeps none.");
            }

            var verifiesUser = VerifiesUser(selection.UserVerification, info);
            var credProtect = CredentialProtectionOf(options.Extensions, info);

            // appidExclude: "Just prior to invoking authenticatorMakeCredential"
            if (excludedAppId is not null && options.ExcludeCredentials.Count > 0)
            {
                await RefuseExcludedAsync(excludedAppId, options.ExcludeCredentials, token);
            }

            var answer = await authenticator.MakeCredentialAsync(
                new(ClientDataHash.Of(clientDataJson.Span), new(rpId, options.Rp.Name), new(options.User.Id, options.User.Name, options.User.DisplayName), algorithms)
                {
                    ExcludeList = options.ExcludeCredentials,
                    CredProtect = credProtect,
                    Rk = residentKey,
                    Uv = verifiesUser ? true : null,
                    AttestationFormatsPreference = AttestationFormatsOf(options, info),
                },
                token);
            return Translate(answer, options, rpId, clientDataJson, residentKey, info);
        }, cancellationToken);
    }

    // "If pkOptions.attestation is set to none: let attestationFormats be the single-element list containing the string "none"": what
    // nobody will see is not made. An authenticator that names no formats knows no such parameter.
    private static IReadOnlyList<string> AttestationFormatsOf(PublicKeyCredentialCreationOptions options, GetInfoResponse info) =>
        WantsAttestation(options) ? options.AttestationFormats
        : info.AttestationFormats.Contains(AttestationObject.FormatNone, StringComparer.Ordinal) ? [AttestationObject.FormatNone]
        : [];

    private static bool WantsAttestation(PublicKeyCredentialCreationOptions options) =>
        options.Attestation is Requirements.Direct or Requirements.Indirect or Requirements.Enterprise;

    private static int[] AlgorithmsOf(IReadOnlyList<PublicKeyCredentialParameters> parameters)
    {
        // "If pkOptions.pubKeyCredParams's size is zero: Append the following pairs …: public-key and -7 ("ES256"), public-key and -257 ("RS256")"
        if (parameters.Count == 0)
        {
            return [(int)CoseAlgorithm.ES256, (int)CoseAlgorithm.RS256];
        }

        // "If current.type does not contain a PublicKeyCredentialType supported by this implementation, then continue."
        int[] algorithms = [.. parameters.Where(p => p.IsPublicKey).Select(p => p.Alg)];

        // "If credTypesAndPubKeyAlgs is empty, throw a "NotSupportedError" DOMException."
        return algorithms.Length > 0
            ? algorithms
            : throw new WebAuthnClientException(DomExceptionName.NotSupportedError, "pubKeyCredParams names no credential type this client knows.");
    }

    /// <summary>
    /// Ends the ceremony if a credential of the exclude list lives under the AppID: after the person's gesture, so that nobody learns of it
    /// without the person.
    /// </summary>
    private async Task RefuseExcludedAsync(string appId, IReadOnlyList<PublicKeyCredentialDescriptor> exclude, CancellationToken cancellationToken)
    {
        if (!await HoldsAsync(appId, exclude, cancellationToken))
        {
            return;
        }

        // "… could involve requesting user consent from authenticator and, upon receipt, treating it as if the authenticator had returned InvalidStateError."
        await authenticator.GetAssertionAsync(new(appId, new(ByteString.Random(ClientDataHash.Length))) { AllowList = exclude }, cancellationToken);
        throw new WebAuthnClientException(DomExceptionName.InvalidStateError, "The authenticator holds a credential of the exclude list under the AppID.");
    }

    /// <summary>The one place where CTAP's answer becomes an attestation object.</summary>
    private static RegistrationResponseJson Translate(
        MakeCredentialResponse answer, PublicKeyCredentialCreationOptions options, string rpId, ByteString clientDataJson, bool residentKey, GetInfoResponse info)
    {
        var authenticatorData = AuthenticatorData.Parse(answer.AuthData);
        if (authenticatorData.AttestedCredentialData is not { } attested || authenticatorData.RpIdHash != RpIdHash.Of(rpId))
        {
            throw new WebAuthnClientException(DomExceptionName.UnknownError, "The authenticator answered for another relying party, or made no credential.");
        }

        var attestation = new AttestationObject(answer.Fmt, answer.AttStmt, answer.AuthData);
        if (!WantsAttestation(options)
            && !(attested.Aaguid == Aaguid.None && IsSelfAttestation(attestation)))
        {
            // "none": "If the aaguid in the attested credential data is 16 zero bytes, … fmt is "packed", and "x5c" is absent …, then self
            // attestation is being used and no further action is needed. Otherwise: set … fmt to "none", and … attStmt to be an empty CBOR map."
            attestation = AttestationObject.None(answer.AuthData);
        }

        return new(attested.CredentialId, clientDataJson, attestation.Encode())
        {
            // "a sequence of zero or more unique DOMStrings, in lexicographical order"
            Transports = [.. info.Transports.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            AuthenticatorAttachment = AttachmentOf(info),
            CredPropsRk = options.Extensions.CredProps ? residentKey : null,
            // "Returns the value true to indicate to the Relying Party that the extension was acted upon."
            AppIdExcluded = options.Extensions.AppIdExclude is null ? null : true,
        };
    }

    private static bool IsSelfAttestation(AttestationObject attestation)
    {
        if (attestation.Format != AttestationObject.FormatPacked)
        {
            return false;
        }

        var statement = new WireCborReader("attestation statement", attestation.AttStmt.Memory);
        for (var members = statement.ReadStartMap(); members > 0; members--)
        {
            if (statement.ReadUtf8().Span.SequenceEqual("x5c"u8))
            {
                return false;
            }

            statement.SkipValue();
        }

        return true;
    }

    private static CredentialProtection? CredentialProtectionOf(AuthenticationExtensionsClientInputs extensions, GetInfoResponse info)
    {
        var wanted = CredentialProtectionNames.Parse(extensions.CredentialProtectionPolicy);
        if (wanted is not null and not CredentialProtection.UserVerificationOptional
            && extensions.EnforceCredentialProtectionPolicy
            && !info.Extensions.Contains(CredentialProtectionNames.Extension, StringComparer.Ordinal))
        {
            throw new WebAuthnClientException(DomExceptionName.NotSupportedError, "The authenticator cannot protect a credential as demanded.");
        }

        return wanted;
    }
}
