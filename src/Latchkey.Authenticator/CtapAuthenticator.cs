using Latchkey.Authenticator.Vault;
using Latchkey.Protocol;
using Latchkey.Protocol.Cbor;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

/// <summary>
/// The authenticator: makes keys, asks for the gesture, signs. One operation at a time.
/// <see href="https://fidoalliance.org/specs/fido-v2.2-ps-20250714/fido-client-to-authenticator-protocol-v2.2-ps-20250714.html#authenticator-api"/>
/// </summary>
/// <param name="store">Where the credentials live.</param>
/// <param name="gesture">The person's yes or no.</param>
/// <param name="pinVerifier">What user verification rests on.</param>
/// <param name="time">The clock.</param>
public sealed partial class CtapAuthenticator(ICredentialStore store, IAuthorizationGesture gesture, IPinVerifier pinVerifier, TimeProvider time) : ICtapAuthenticator, IDisposable
{
    private readonly SemaphoreSlim _oneOperation = new(1);

    /// <summary>The model it says it is of.</summary>
    public Aaguid Aaguid { get; init; } = AuthenticatorAaguid.Value;

    /// <summary>How this authenticator can be reached, as getInfo says it; <c>internal</c> unless a transport carries it elsewhere.</summary>
    public IReadOnlyList<string> Transports { get; init; } = ["internal"];

    /// <summary>Whether the client that asks runs on this device, as getInfo says it (<c>plat</c>); behind a transport to another device it does not.</summary>
    public bool IsAttached { get; init; } = true;

    /// <summary>What vouches for new passkeys; null for self attestation alone.</summary>
    public IAttestationKeys? AttestationKeys { get; init; }

    /// <summary>The proof that the PIN was given for the one request this authenticator is made for; null where it has to be asked for.</summary>
    public PinProof? Proof { get; init; }

    /// <summary>Frees the guard; an operation under way ends by its own token.</summary>
    public void Dispose() => _oneOperation.Dispose();

    /// <inheritdoc/>
    public async Task SelectionAsync(CancellationToken cancellationToken)
    {
        using var operation = Begin();

        // §6.9 "If a user action timeout occurs, the authenticator will return CTAP2_ERR_USER_ACTION_TIMEOUT."
        _ = Accept(await gesture.AskAsync(new AuthorizationRequest.ChooseAuthenticator(), cancellationToken), CtapStatus.UserActionTimeout);
    }

    /// <summary>Takes the only place; the state of getNextAssertion ends with every other command.</summary>
    private Operation Begin()
    {
        if (!_oneOperation.Wait(0)) throw new CtapException(CtapStatus.ChannelBusy);
        return new(_oneOperation);
    }

    private readonly record struct Operation(SemaphoreSlim Place) : IDisposable
    {
        public void Dispose() => Place.Release();
    }

    /// <summary>A yes, or the status that stands for anything else; which one stands for silence depends on what was asked.</summary>
    private static AuthorizationAnswer.Granted Accept(AuthorizationAnswer answer, CtapStatus silence) => answer switch
    {
        AuthorizationAnswer.Granted granted => granted,
        AuthorizationAnswer.TimedOut => throw new CtapException(silence),
        _ => throw new CtapException(CtapStatus.OperationDenied),
    };

    /// <summary>
    /// Built-in user verification: the gesture with a PIN, asked again while the PIN is wrong and another may be tried.
    /// Where the PIN was given for this very request a moment ago (<see cref="Proof"/>), a yes is asked for first; one that comes too late
    /// has the PIN asked for all the same. Returning is the proof; nothing else sets UV. It is also "evidence of user interaction".
    /// </summary>
    private async Task<AuthorizationAnswer.Granted> VerifyUserAsync(AuthorizationRequest request, CancellationToken cancellationToken)
    {
        if (Proof?.TryTake() is true
            && Accept(await gesture.AskAsync(request with { Pin = null }, cancellationToken), CtapStatus.UserActionTimeout) is var yes
            && Proof.Counts)
        {
            return yes;
        }

        for (var wrong = false; ; wrong = true)
        {
            var prompt = new PinPrompt(pinVerifier.PinAttemptsLeft, wrong);
            // "If the error reason is a user action timeout, then return CTAP2_ERR_USER_ACTION_TIMEOUT."
            var granted = Accept(await gesture.AskAsync(request with { Pin = prompt }, cancellationToken), CtapStatus.UserActionTimeout);
            switch (await SavedAsync(pinVerifier.CheckPinAsync(granted.Pin ?? "", cancellationToken)))
            {
                case PinCheck.Right: return granted;
                case PinCheck.Wrong: continue;
                // CTAP has OPERATION_DENIED for this end; the status that stands for it in clientPIN tells our own windows what helps.
                case PinCheck.BlockedUntilRestart: throw new CtapException(CtapStatus.PinAuthBlocked);
                // "If the uvRetries counter is 0, return CTAP2_ERR_PIN_BLOCKED."
                default: throw new CtapException(CtapStatus.PinBlocked);
            }
        }
    }

    // The vault counts an attempt on the disk before it checks, and a key is on the disk before its answer leaves: where nothing can be written,
    // there is no room for either.
    private static async Task<T> SavedAsync<T>(Task<T> saving)
    {
        try
        {
            return await saving;
        }
        catch (VaultException e)
        {
            throw new CtapException(CtapStatus.KeyStoreFull, e);
        }
    }

    /// <summary>
    /// Authenticator data of one of our credentials: the sign count stays 0 ("If the authenticator does not implement a
    /// signature counter, let the signature counter value remain constant at zero"), and a key that never leaves this
    /// vault is neither backup eligible nor backed up.
    /// </summary>
    private static ByteString AuthDataOf(string rpId, bool up, bool uv, AttestedCredentialData? attested = null, ByteString? extensions = null) =>
        new AuthenticatorData(RpIdHash.Of(rpId), up, uv, BackupEligible: false, BackupState: false, SignCount: 0, attested, extensions).Encode();

    private static ByteString CredProtectOutput(CredentialProtection level) =>
        new CanonicalCborWriter().StartMap(1).Text(CredentialProtectionNames.Extension).Integer((byte)level).EndMap().Encode();

    /// <summary>The first steps of both operations: no PIN/UV token is ever issued here, so nobody can have one.</summary>
    private static void RefusePinUvAuth(ByteString? pinUvAuthParam, uint? pinUvAuthProtocol)
    {
        if (pinUvAuthParam is null) return;
        // "If the pinUvAuthProtocol parameter is absent, return CTAP2_ERR_MISSING_PARAMETER error."
        if (pinUvAuthProtocol is null) throw new CtapException(CtapStatus.MissingParameter);
        // "If the pinUvAuthProtocol parameter's value is not supported, return CTAP1_ERR_INVALID_PARAMETER error."
        throw new CtapException(CtapStatus.InvalidParameter);
    }
}
