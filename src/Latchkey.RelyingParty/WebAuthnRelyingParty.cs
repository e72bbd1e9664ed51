using System.Buffers.Binary;
using System.Security.Cryptography;
using Latchkey.Protocol;
using Latchkey.Protocol.Cose;
using Latchkey.Protocol.WebAuthn;
using Latchkey.RelyingParty.Attestation;
using Latchkey.RelyingParty.Authentication;
using Latchkey.RelyingParty.Ceremonies;
using Latchkey.RelyingParty.Policy;
using Latchkey.RelyingParty.Registration;

namespace Latchkey.RelyingParty;

/// <summary>
/// The relying party: begins ceremonies, opens the responses and completes them. It stores nothing and waits for
/// nothing: between opening and completing, the host looks up what it keeps. Safe for concurrent use.
/// </summary>
/// <param name="scope">Who this relying party is.</param>
/// <param name="name">Its name, as people read it.</param>
/// <param name="seal">Seals pending ceremonies into challenges.</param>
/// <param name="time">The clock.</param>
public sealed class WebAuthnRelyingParty(RelyingPartyScope scope, string name, CeremonySeal seal, TimeProvider time)
{
    /// <summary>How long a ceremony can be completed, unless the one who begins it says otherwise.</summary>
    public static readonly TimeSpan CeremonyLife = TimeSpan.FromMinutes(10);

    // Of two servers that open what the other has sealed.
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>Who this relying party is.</summary>
    public RelyingPartyScope Scope => scope;

    /// <summary>The algorithms offered at registration, the most liked first.</summary>
    public IReadOnlyList<CoseAlgorithm> Algorithms { get; init; } = [CoseAlgorithm.ES256, CoseAlgorithm.EdDSA, CoseAlgorithm.ES384, CoseAlgorithm.ES512, CoseAlgorithm.RS256, CoseAlgorithm.PS256];

    /// <summary>
    /// What becomes of an attestation that leads to no anchor, or cannot be judged. <see cref="AttestationTrust.Optional"/>, for
    /// an organisation that does not enforce attestation, registers the passkey all the same, as one whose attestation is not trusted.
    /// Where the policy demands one, what cannot be judged is refused by its name.
    /// </summary>
    public AttestationTrust AttestationTrust { get; init; } = AttestationTrust.Optional;

    /// <summary>Begins a registration, if the policy does not already refuse it.</summary>
    public RegistrationBeginning BeginRegistration(RegistrationRequest request, PasskeyPolicy policy)
    {
        if (policy.AtBegin(request.TrustAnchors) is { } error)
        {
            return new RegistrationBeginning.Refused(error);
        }

        var pending = new PendingRegistration
        {
            Id = NewId(),
            Kind = CeremonyKind.Registration,
            User = request.User.Id,
            SessionBinding = request.SessionBinding,
            Expires = time.GetUtcNow() + request.Life,
            UserVerificationRequired = request.AuthenticatorSelection.UserVerification == Requirements.Required,
            Conditional = request.Conditional,
            Algorithms = Algorithms,
        };
        return new RegistrationBeginning.Begun(
            new PublicKeyCredentialCreationOptions
            {
                Rp = new(scope.RpId, name),
                User = request.User,
                Challenge = seal.Seal(pending),
                PubKeyCredParams = [.. Algorithms.Select(a => new PublicKeyCredentialParameters((int)a))],
                Timeout = (uint)(request.Life < CeremonyLife ? request.Life : CeremonyLife).TotalMilliseconds, // for the person before the dialog
                ExcludeCredentials = request.ExcludeCredentials,
                AuthenticatorSelection = request.AuthenticatorSelection,
                Hints = request.Hints,
                Attestation = policy.AsksForAttestation ? Requirements.Direct : request.Attestation,
                Extensions = new() { CredProps = true },
            },
            pending);
    }

    /// <summary>Reads a registration response and opens its challenge; null when this relying party did not begin it.</summary>
    /// <param name="responseJson">The WebAuthn JSON form, UTF-8.</param>
    /// <exception cref="WireFormatException">The response is malformed.</exception>
    public OpenedRegistration? OpenRegistration(ReadOnlySpan<byte> responseJson)
    {
        var response = RegistrationResponseJson.Parse(responseJson);
        return Open(response.ClientDataJson) is PendingRegistration pending
            ? new(pending, response, HashOf(response.Id.Bytes, response.ClientDataJson, response.AttestationObject))
            : null;
    }

    /// <summary>Completes a registration: who and when, the standard's steps, then the policy.</summary>
    /// <exception cref="WireFormatException">Something inside the response is malformed.</exception>
    public RegistrationResult CompleteRegistration(OpenedRegistration opened, RegistrationContext context, PasskeyPolicy policy)
    {
        var (pending, response, _) = opened;
        if (IsOver(pending.Expires))
        {
            return new RegistrationResult.Refused(RegistrationError.CeremonyExpired);
        }

        if (pending.User is not { } user || (context.User is { } actual && actual != user))
        {
            return new RegistrationResult.Refused(RegistrationError.CeremonyUserMismatch);
        }

        if (!pending.SessionBinding.FixedTimeEquals(context.SessionBinding))
        {
            return new RegistrationResult.Refused(RegistrationError.CeremonySessionMismatch);
        }

        var demand = new RegistrationDemand
        {
            Challenge = ChallengeOf(response.ClientDataJson),
            UserVerificationRequired = pending.UserVerificationRequired,
            UserPresenceRequired = !pending.Conditional,
            Algorithms = [.. pending.Algorithms],
            AttestationTrust = AttestationTrust is AttestationTrust.Optional && policy.DemandsAttestation ? AttestationTrust.Skip : AttestationTrust,
            TrustAnchors = context.TrustAnchors,
            Now = time.GetUtcNow(),
            CredentialIsRegistered = context.CredentialIsRegistered,
        };
        if (RegistrationCeremony.Verify(scope, demand, response, CeremonyWorkspace.OfThisThread, out var facts) is { } error)
        {
            return new RegistrationResult.Refused(error);
        }

        var credential = facts.ToRecord(user, response);
        return policy.AtCompletion(credential) is { } refused
            ? new RegistrationResult.Refused(refused, credential.Aaguid)
            : new RegistrationResult.Accepted(credential);
    }

    /// <summary>Begins an authentication.</summary>
    public AuthenticationBeginning BeginAuthentication(AuthenticationRequest request)
    {
        if (request.Kind is CeremonyKind.Registration)
        {
            throw new ArgumentException("A registration is no authentication.", nameof(request));
        }

        var pending = new PendingAuthentication
        {
            Id = NewId(),
            Kind = request.Kind,
            User = request.User,
            SessionBinding = request.SessionBinding,
            Expires = time.GetUtcNow() + CeremonyLife,
            UserVerificationRequired = request.UserVerification == Requirements.Required,
        };
        return new(
            new PublicKeyCredentialRequestOptions
            {
                Challenge = seal.Seal(pending),
                Timeout = (uint)CeremonyLife.TotalMilliseconds,
                RpId = scope.RpId,
                AllowCredentials = request.AllowCredentials,
                UserVerification = request.UserVerification,
                Hints = request.Hints,
            },
            pending);
    }

    /// <summary>Reads an authentication response and opens its challenge; null when this relying party did not begin it.</summary>
    /// <param name="responseJson">The WebAuthn JSON form, UTF-8.</param>
    /// <exception cref="WireFormatException">The response is malformed.</exception>
    public OpenedAuthentication? OpenAuthentication(ReadOnlySpan<byte> responseJson)
    {
        var response = AuthenticationResponseJson.Parse(responseJson);
        return Open(response.ClientDataJson) is PendingAuthentication pending
            ? new(pending, response, HashOf(response.Id.Bytes, response.ClientDataJson, response.AuthenticatorData, response.Signature, response.UserHandle?.Bytes ?? default))
            : null;
    }

    /// <summary>Completes an authentication: who and when, the standard's steps, then the policy.</summary>
    /// <exception cref="WireFormatException">Something inside the response, or the stored key, is malformed.</exception>
    public AuthenticationResult CompleteAuthentication(OpenedAuthentication opened, AuthenticationContext context, PasskeyPolicy policy)
    {
        var (pending, response, _) = opened;
        if (pending.Kind != context.Kind)
        {
            return new AuthenticationResult.Refused(AuthenticationError.CeremonyUnknown);
        }

        if (IsOver(pending.Expires))
        {
            return new AuthenticationResult.Refused(AuthenticationError.CeremonyExpired);
        }

        if (context.User is { } actual && pending.User is { } begun && actual != begun)
        {
            return new AuthenticationResult.Refused(AuthenticationError.CeremonyUserMismatch);
        }

        if (!pending.SessionBinding.FixedTimeEquals(context.SessionBinding))
        {
            return new AuthenticationResult.Refused(AuthenticationError.CeremonySessionMismatch);
        }

        if (context.Credential is not { } credential || credential.Id != response.Id)
        {
            return new AuthenticationResult.Refused(AuthenticationError.CredentialUnknown);
        }

        // §7.2 "Identify the user being authenticated": the user asked for, the credential's owner and the user handle
        // must all be one.
        if ((pending.User ?? context.User) is { } expected && credential.User != expected)
        {
            return new AuthenticationResult.Refused(AuthenticationError.CredentialOwnerMismatch);
        }

        // A silent status answer identifies nobody, so it needs no user handle.
        if (pending.User is null && response.UserHandle is null && pending.Kind is not CeremonyKind.Status)
        {
            return new AuthenticationResult.Refused(AuthenticationError.UserHandleMissing);
        }

        var demand = new AuthenticationDemand
        {
            Challenge = ChallengeOf(response.ClientDataJson),
            UserVerificationRequired = pending.UserVerificationRequired,
            UserPresenceRequired = pending.Kind is not CeremonyKind.Status,
            PublicKey = credential.PublicKey,
            SignCount = credential.SignCount,
            SyncedCounterMayFall = policy.SyncedCounterMayFall,
            BackupEligible = credential.BackupEligible,
            UserHandle = credential.User,
        };
        if (AuthenticationCeremony.Verify(scope, demand, response, CeremonyWorkspace.OfThisThread, out var facts) is { } error)
        {
            return new AuthenticationResult.Refused(error);
        }

        if (policy.AtSignIn(credential) is { } refused)
        {
            return new AuthenticationResult.Refused(refused, credential.Aaguid);
        }

        // "If uvInitialized is false … SHOULD require authorization by an additional authentication factor": left alone.
        var changed = credential.SignCount != facts.SignCount || credential.BackupState != facts.BackupState;
        return new AuthenticationResult.Accepted(
            changed ? credential with { SignCount = facts.SignCount, BackupState = facts.BackupState } : credential,
            changed,
            facts.UserVerified,
            facts.SignCountFell);
    }

    private static CeremonyId NewId() => new(new Guid(RandomNumberGenerator.GetBytes(CeremonyId.Length)));

    private PendingCeremony? Open(ByteString clientDataJson) => seal.Open(ChallengeOf(clientDataJson));

    // The challenge that came back is the sealed ceremony: it opens only if it is, byte for byte, the one that was sent.
    private static ReadOnlySpan<byte> ChallengeOf(ByteString clientDataJson)
    {
        var text = CollectedClientData.Parse(clientDataJson).Challenge;
        var challenge = new byte[Base64Url.MaxDecodedLength(text.Length)];
        return Base64Url.TryDecode(text, challenge, out var length) ? challenge.AsSpan(0, length) : default;
    }

    private static ByteString HashOf(params ReadOnlySpan<ByteString> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
            hash.AppendData(length);
            hash.AppendData(part.Span);
        }

        return hash.GetHashAndReset();
    }

    /// <summary>Past its end; or further from it than any ceremony begins, because the clock has been set back since: it would live until its day comes again.</summary>
    private bool IsOver(DateTimeOffset expires)
    {
        var left = expires - time.GetUtcNow();
        return left < TimeSpan.Zero || left > CeremonyLife + ClockSkew;
    }
}
