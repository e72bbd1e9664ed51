using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.Authenticator;

/// <summary>
/// The person's yes or no. The authenticator says what is asked; the gesture shows it and gives the answer. It cannot claim
/// user verification: it hands over the PIN, and the authenticator has it checked.
/// <see href="https://www.w3.org/TR/webauthn-3/#authorization-gesture"/>
/// </summary>
public interface IAuthorizationGesture
{
    /// <summary>
    /// True when the person sees the accounts and can choose one. When false, the client gets the accounts one by one
    /// (authenticatorGetNextAssertion).
    /// </summary>
    bool CanChoose { get; }

    /// <summary>Asks. Called again with <see cref="PinPrompt.PreviousWasWrong"/> after a wrong PIN.</summary>
    /// <param name="request">What is asked, for the person to see.</param>
    /// <param name="cancellationToken">The client aborted: take the question away.</param>
    Task<AuthorizationAnswer> AskAsync(AuthorizationRequest request, CancellationToken cancellationToken);
}

/// <summary>What the person is asked; one of the types below.</summary>
public abstract record AuthorizationRequest
{
    private protected AuthorizationRequest()
    {
    }

    /// <summary>Set when a PIN is needed; absent when a yes is enough.</summary>
    public PinPrompt? Pin { get; init; }

    /// <summary>May a passkey be made?</summary>
    /// <param name="Rp">For whom.</param>
    /// <param name="User">For which account.</param>
    public sealed record CreatePasskey(CtapRelyingParty Rp, CtapUser User) : AuthorizationRequest
    {
        /// <summary>
        /// The passkey this vault already holds for that account. It is replaced only by an answer that says so
        /// (<see cref="AuthorizationAnswer.Granted.Replace"/>); a plain yes leaves it.
        /// </summary>
        public PublicKeyCredentialSource? Existing { get; init; }

        /// <summary>The relying party excludes <see cref="Existing"/>: whatever the answer, no passkey will be made.</summary>
        public bool Excluded { get; init; }
    }

    /// <summary>May a passkey be used to sign in?</summary>
    /// <param name="RpId">For whom.</param>
    /// <param name="Accounts">The passkeys that fit, newest first; several are a choice; none means that there is nothing to use.</param>
    public sealed record UsePasskey(string RpId, IReadOnlyList<PublicKeyCredentialSource> Accounts) : AuthorizationRequest;

    /// <summary>Is it the person who signs in somewhere else? The number was typed already; no passkey is used.</summary>
    /// <param name="App">What is signed in to.</param>
    /// <param name="UserName">As whom.</param>
    /// <param name="Organisation">At which organisation.</param>
    public sealed record ApproveSignIn(string App, string UserName, string Organisation) : AuthorizationRequest;

    /// <summary>Is this the authenticator meant, among several that ask?</summary>
    public sealed record ChooseAuthenticator : AuthorizationRequest;
}

/// <summary>How a PIN is asked for.</summary>
/// <param name="AttemptsLeft">Wrong PINs that may still follow before the vault refuses for good.</param>
/// <param name="PreviousWasWrong">Whether the PIN given just now was wrong.</param>
public sealed record PinPrompt(int AttemptsLeft, bool PreviousWasWrong);

/// <summary>The person's answer; one of the types below.</summary>
public abstract record AuthorizationAnswer
{
    private AuthorizationAnswer()
    {
    }

    /// <summary>Yes.</summary>
    public sealed record Granted : AuthorizationAnswer
    {
        /// <summary>The PIN, when it was asked for.</summary>
        public string? Pin { get; init; }

        /// <summary>The account chosen among several; absent chooses the newest.</summary>
        public CredentialId? Choice { get; init; }

        /// <summary>Agrees that the existing passkey is replaced.</summary>
        public bool Replace { get; init; }

        /// <summary>Never the PIN.</summary>
        public override string ToString() => "Granted";
    }

    /// <summary>No.</summary>
    public sealed record Declined : AuthorizationAnswer;

    /// <summary>Nothing, for too long.</summary>
    public sealed record TimedOut : AuthorizationAnswer;
}
