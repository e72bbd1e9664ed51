using Latchkey.Accounts;
using Latchkey.Api.Fido2Methods;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device.Platforms;
using AuthorizationRequest = Latchkey.Api.OpenIdConnect.AuthorizationRequest;

namespace Latchkey.AuthenticatorApp.Features.AddAccount;

/// <summary>Where adding an account, or setting one up, stands; one of the types below.</summary>
internal abstract record AddAccountStep
{
    private AddAccountStep()
    {
    }

    /// <summary>Which server?</summary>
    public sealed record ChooseServer(string? Problem = null) : AddAccountStep;

    /// <summary>The system's browser has the word.</summary>
    /// <param name="Request">What it opens.</param>
    /// <param name="Server">The server signed in to.</param>
    /// <param name="Again">The person is known and only has to prove it once more.</param>
    public sealed record SignIn(AuthorizationRequest Request, Uri Server, bool Again) : AddAccountStep;

    /// <summary>An account whose setting up was left half-way: go on?</summary>
    public sealed record LeftOff(VaultAccount Account) : AddAccountStep;

    /// <summary>The server is asked who the person is, and what there is to set up.</summary>
    public sealed record Looking : AddAccountStep;

    /// <summary>One method is being set up.</summary>
    /// <param name="Account">For whom.</param>
    /// <param name="Items">All methods.</param>
    /// <param name="Method">The one at hand.</param>
    public sealed record SettingUp(VaultAccount Account, IReadOnlyList<SetupItem> Items, string Method) : AddAccountStep;

    /// <summary>This device's system has to be set first, or cannot keep passkeys at all.</summary>
    /// <param name="Account">The account, signed in.</param>
    /// <param name="Readiness">What is in the way.</param>
    /// <param name="Looked">The person said that it is set, and it is not.</param>
    public sealed record SystemFirst(VaultAccount Account, SystemReadiness Readiness, bool Looked) : AddAccountStep;

    /// <summary>There is a passkey already: use, test, replace or delete it.</summary>
    /// <param name="Account">For whom.</param>
    /// <param name="Existing">The passkey.</param>
    /// <param name="IsOnServer">Whether the server lists it too; null when it has not said.</param>
    /// <param name="Test">What came of testing it, if it was tested.</param>
    public sealed record AlreadyRegistered(VaultAccount Account, PublicKeyCredentialSource Existing, bool? IsOnServer, PasskeyTestWords? Test = null) : AddAccountStep;

    /// <summary>The server knows passkeys whose keys are not here: another device has them, or a vault that was lost had. Use, replace, delete them, or add another.</summary>
    /// <param name="Account">For whom.</param>
    /// <param name="Passkeys">The passkeys, as the server shows them.</param>
    /// <param name="Problem">Why one was not deleted.</param>
    public sealed record OnlyAtServer(VaultAccount Account, IReadOnlyList<Fido2AuthenticationMethod> Passkeys, string? Problem = null) : AddAccountStep;

    /// <summary>The server could not be reached. What was made is kept here, and sent as soon as it can be.</summary>
    /// <param name="Account">For whom.</param>
    /// <param name="Method">What was at hand; null when it was the plan itself.</param>
    /// <param name="IsMade">Whether something was made that the server has to hear of.</param>
    public sealed record Unreachable(VaultAccount Account, string? Method, bool IsMade) : AddAccountStep;

    /// <summary>One method was not set up; nothing half-made is left of it, and the others are not touched.</summary>
    /// <param name="Account">For whom; null when it was the sign-in.</param>
    /// <param name="Item">Which method; null when it was the sign-in.</param>
    /// <param name="Code">The problem's code; <c>declined</c> when the person said no.</param>
    /// <param name="Message">Why.</param>
    /// <param name="NextStep">What to do about it, where somebody said.</param>
    public sealed record Failed(VaultAccount? Account, SetupItem? Item, string Code, string Message, string? NextStep = null) : AddAccountStep
    {
        public const string Declined = "declined";
    }

    /// <summary>Everything there is to set up was done, or decided against.</summary>
    /// <param name="Account">For whom.</param>
    /// <param name="Items">What is set up, and what is not and why.</param>
    /// <param name="Passkey">The name of a passkey that was made just now.</param>
    /// <param name="Left">The name of the one it replaced elsewhere, where the server has not deleted that one.</param>
    public sealed record Finished(VaultAccount Account, IReadOnlyList<SetupItem> Items, string? Passkey, string? Left = null) : AddAccountStep;
}

/// <summary>What came of testing a passkey.</summary>
internal sealed record PasskeyTestWords(bool Works, string Words);
