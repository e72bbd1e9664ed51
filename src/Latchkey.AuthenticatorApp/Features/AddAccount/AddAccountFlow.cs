using System.Security.Cryptography;
using System.Text;
using Latchkey.Accounts;
using Latchkey.Api;
using Latchkey.Api.Fido2Methods;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms;
using AuthorizationRequest = Latchkey.Api.OpenIdConnect.AuthorizationRequest;

namespace Latchkey.AuthenticatorApp.Features.AddAccount;

/// <summary>Where adding an account, or a passkey to an account, stands; one of the types below.</summary>
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

    /// <summary>This device's system has to be set first, or cannot keep passkeys at all.</summary>
    /// <param name="Account">The account, signed in.</param>
    /// <param name="Readiness">What is in the way.</param>
    /// <param name="Looked">The person said that it is set, and it is not.</param>
    public sealed record SystemFirst(VaultAccount Account, SystemReadiness Readiness, bool Looked) : AddAccountStep;

    /// <summary>The passkey is being made, by the PIN window and the server.</summary>
    public sealed record Working : AddAccountStep;

    /// <summary>There is a passkey already: replace it?</summary>
    public sealed record AlreadyRegistered(VaultAccount Account, PublicKeyCredentialSource Existing) : AddAccountStep;

    /// <summary>The server keeps the passkey.</summary>
    public sealed record Done(VaultAccount Account, Fido2AuthenticationMethod Method) : AddAccountStep;

    /// <summary>The passkey is made, and the server will be asked to keep it as soon as it can be reached.</summary>
    public sealed record Owed(VaultAccount Account, ApiException Problem) : AddAccountStep;

    /// <summary>It ended without a passkey; nothing half-made is left.</summary>
    public sealed record Failed(VaultAccount? Account, string Code, string Message) : AddAccountStep;
}

/// <summary>
/// Adds an account and makes its passkey: server, sign-in in the system's browser, passkey. Lives in the program, not in a page: the
/// person may come back by another tab, and the redirect certainly does. Knows nothing of any user interface.
/// </summary>
internal sealed class AddAccountFlow(VaultSession session, AppOptions options, IDevicePlatform platform, IHttpClientFactory http, TimeProvider time) : IDisposable
{
    // The portal wants a second factor that is at most five minutes old.
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    private CancellationTokenSource _cancellation = new();
    private string? _handoff;
    private bool _replace;

    /// <summary>The step changed.</summary>
    public event Action? Changed;

    /// <summary>Where it stands; null when nobody is adding anything.</summary>
    public AddAccountStep? Step { get; private set; }

    /// <summary>This program's own root, for the redirect.</summary>
    public Uri CallbackRoot { get; set; } = null!;

    /// <summary>What to fill in as the server: the one this program was started for, or that of an account.</summary>
    public Uri? SuggestedServer => options.Server ?? (session.Open?.Accounts.All is [.., var latest] ? latest.Server : null);

    /// <summary>A new account.</summary>
    public void Begin()
    {
        Reset();
        Move(new AddAccountStep.ChooseServer());
    }

    /// <summary>A passkey for an account already here.</summary>
    /// <param name="account">The account.</param>
    /// <param name="replace">The person agreed that the passkey here is replaced.</param>
    public Task CreatePasskeyAsync(VaultAccount account, bool replace)
    {
        Reset();
        _replace = replace;
        return PrepareAsync(account, looked: false);
    }

    /// <summary>The person says that the system is set as it must be.</summary>
    public Task LookAgainAsync() => Step is AddAccountStep.SystemFirst waiting ? PrepareAsync(waiting.Account, looked: true) : Task.CompletedTask;

    /// <summary>The person goes on without; the passkey works in the app and by QR code, and not yet in this device's browser.</summary>
    public Task GoOnAsync() =>
        Step is AddAccountStep.SystemFirst { Readiness: SystemReadiness.NotTurnedOn } waiting ? RegisterAsync(waiting.Account) : Task.CompletedTask;

    /// <summary>Opens the settings that are in the way.</summary>
    public Task OpenSettingsAsync() =>
        Step is AddAccountStep.SystemFirst waiting ? platform.OpenSettingsAsync(waiting.Readiness, _cancellation.Token) : Task.CompletedTask;

    /// <summary>Signs in to an account again, whose sign-in has ended.</summary>
    public void SignInAgain(VaultAccount account)
    {
        Reset();
        GoToSignIn(account.Server, account.UserName, again: true);
    }

    /// <summary>What the person typed, pasted or scanned as the server.</summary>
    public void ChooseServer(string text)
    {
        if (!ServerEntry.TryParse(text, out var entry))
        {
            Move(new AddAccountStep.ChooseServer(AddAccountTexts.ServerNotUnderstood));
        }
        else if ((entry.Server ?? SuggestedServer) is not { } server)
        {
            Move(new AddAccountStep.ChooseServer(AddAccountTexts.CodeNeedsServer));
        }
        else
        {
            _handoff = entry.Handoff;
            GoToSignIn(server, loginHint: null, again: false);
        }
    }

    /// <summary>The browser came back. False when it belongs to no sign-in that is waited for.</summary>
    public bool Return(string? state, string? code, string? error)
    {
        if (Step is not AddAccountStep.SignIn waiting || state is null
            || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(state), Encoding.UTF8.GetBytes(waiting.Request.State)))
        {
            return false;
        }

        if (code is null)
        {
            Move(new AddAccountStep.Failed(null, error ?? "access_denied", AddAccountTexts.SignInDeclined));
            return true;
        }

        Move(new AddAccountStep.Working());
        _ = CompleteSignInAsync(waiting, code);
        return true;
    }

    /// <summary>Ends it, whatever it was at; a passkey the server already knows of stays.</summary>
    public void Cancel()
    {
        Reset();
        Move(null);
    }

    public void Dispose() => _cancellation.Dispose();

    private async Task CompleteSignInAsync(AddAccountStep.SignIn waiting, string code)
    {
        var cancellation = _cancellation.Token;
        try
        {
            using var client = http.CreateClient(VaultSession.ServerHttp);
            client.BaseAddress = waiting.Server;
            var tokens = await new TokenClient(client, time).RedeemAsync(waiting.Request, code, cancellation);
            if (session.Open is not { } vault)
            {
                Move(null);
                return;
            }

            var account = await vault.Accounts.AddAsync(waiting.Server, tokens, cancellation);
            if (waiting.Again && vault.Store.Contents.Work.Exists(work => work.AccountId == account.Id))
            {
                // What was owed while the sign-in had ended comes first.
                await session.ReconcileAsync(account);
                Move(null);
                return;
            }

            await PrepareAsync(account, looked: false);
        }
        catch (ApiException e)
        {
            Move(new AddAccountStep.Failed(null, e.Code, e.Message));
        }
        catch (OperationCanceledException)
        {
            // The person went back; Cancel has said so.
        }
    }

    /// <summary>What would make the passkey useless here is said before it is made.</summary>
    private async Task PrepareAsync(VaultAccount account, bool looked)
    {
        var readiness = await platform.CheckAsync(_cancellation.Token);
        if (readiness is SystemReadiness.Ready)
        {
            await RegisterAsync(account);
        }
        else
        {
            Move(new AddAccountStep.SystemFirst(account, readiness, looked));
        }
    }

    private async Task RegisterAsync(VaultAccount account)
    {
        if (session.Open is not { } vault)
        {
            return;
        }

        Move(new AddAccountStep.Working());
        RegistrationOutcome outcome;
        try
        {
            outcome = await vault.Registration.RegisterAsync(account, _replace, _handoff, _cancellation.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        switch (outcome)
        {
            case RegistrationOutcome.Registered registered:
                if (registered.Replaced is not null)
                {
                    _ = session.ReconcileAsync(account);
                }

                Move(new AddAccountStep.Done(account, registered.Method));
                break;
            case RegistrationOutcome.AlreadyRegistered already:
                Move(new AddAccountStep.AlreadyRegistered(account, already.Existing));
                break;
            case RegistrationOutcome.Outstanding outstanding:
                Move(new AddAccountStep.Owed(account, outstanding.Problem));
                break;
            case RegistrationOutcome.Refused { Problem.Code: "step_up_required" or AccountBook.SignInRequired }:
                GoToSignIn(account.Server, account.UserName, again: true);
                break;
            case RegistrationOutcome.Refused refused:
                Move(new AddAccountStep.Failed(account, refused.Problem.Code, refused.Problem.Message));
                break;
            case RegistrationOutcome.Declined declined:
                Move(new AddAccountStep.Failed(account, "declined", DeclinedWords(declined)));
                break;
        }
    }

    private static string DeclinedWords(RegistrationOutcome.Declined declined) => declined.Status switch
    {
        Protocol.Ctap.CtapStatus.PinBlocked => Shell.ShellTexts.PinBlocked,
        Protocol.Ctap.CtapStatus.PinAuthBlocked => Shell.ShellTexts.PinBlockedUntilRestart,
        Protocol.Ctap.CtapStatus.UserActionTimeout or null => AddAccountTexts.TookTooLong,
        _ => AddAccountTexts.Declined,
    };

    private void GoToSignIn(Uri server, string? loginHint, bool again) => Move(new AddAccountStep.SignIn(
        AuthorizationRequest.Create(
            server, new Uri(CallbackRoot, OpenIdConnectContract.RedirectPath), loginHint, again ? Freshness : null),
        server,
        again));

    private void Reset()
    {
        _cancellation.Cancel();
        _cancellation.Dispose();
        _cancellation = new();
        _handoff = null;
        _replace = false;
    }

    private void Move(AddAccountStep? step)
    {
        Step = step;
        Changed?.Invoke();
    }
}
