using System.Security.Cryptography;
using System.Text;
using Latchkey.Accounts;
using Latchkey.Api;
using Latchkey.Api.OpenIdConnect;
using Latchkey.Api.Plan;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.AuthenticatorApp.Device.Platforms;
using Latchkey.Client;
using Latchkey.Protocol.WebAuthn;
using Latchkey.Protocol;
using AuthorizationRequest = Latchkey.Api.OpenIdConnect.AuthorizationRequest;

namespace Latchkey.AuthenticatorApp.Features.AddAccount;

/// <summary>
/// Adds an account and sets it up: server, sign-in in the system's browser, then each method the server's plan offers. Lives in the program, not
/// in a page: the person may come back by another tab, and the redirect certainly does. What is left when the program ends stands in the vault.
/// Knows nothing of any user interface.
/// </summary>
internal sealed class AddAccountFlow : IDisposable
{
    // The portal wants a second factor that is at most five minutes old.
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    private readonly VaultSession _session;
    private readonly AppOptions _options;
    private readonly IDevicePlatform _platform;
    private readonly IHttpClientFactory _http;
    private readonly TimeProvider _time;

    private CancellationTokenSource _cancellation = new();
    private OpenVault? _cameBackIn;
    private string? _handoff;
    private string? _only;
    private string? _madePasskey;
    private bool _replace;
    private CredentialId? _elsewhere;
    private bool _elsewhereIsDecided;
    private bool _looksAtExisting;
    private bool _systemIsDecided;
    private IReadOnlyList<SetupItem> _items = [];

    public AddAccountFlow(VaultSession session, AppOptions options, IDevicePlatform platform, IHttpClientFactory http, TimeProvider time)
    {
        (_session, _options, _platform, _http, _time) = (session, options, platform, http, time);
        session.Changed += EndWhenLocked;
    }

    /// <summary>The step changed.</summary>
    public event Action? Changed;

    /// <summary>Where it stands; null when nobody is adding anything.</summary>
    public AddAccountStep? Step { get; private set; }

    /// <summary>This program's own root, for the redirect.</summary>
    public Uri CallbackRoot { get; set; } = null!;

    /// <summary>What to fill in as the server: the one this program was started for, or that of an account.</summary>
    public Uri? SuggestedServer => _options.Server ?? (_session.Open?.Accounts.All is [.., var latest] ? latest.Server : null);

    /// <summary>The account whose setting up was left half-way; null when there is none.</summary>
    public VaultAccount? Unfinished => _session.Open?.Setup.Unfinished;

    /// <summary>Whether the page for what was left half-way comes by itself: once each time the vault was opened.</summary>
    public bool ComesBack()
    {
        if (_session.Open is not { } vault || ReferenceEquals(vault, _cameBackIn))
        {
            return false;
        }

        _cameBackIn = vault;
        return Step is null && vault.Setup.Unfinished is not null;
    }

    /// <summary>A new account.</summary>
    public void Begin()
    {
        Reset();
        Move(new AddAccountStep.ChooseServer());
    }

    /// <summary>What was left half-way, if anything was; else a new account.</summary>
    public void Open()
    {
        Reset();
        Move(Unfinished is { } account ? new AddAccountStep.LeftOff(account) : new AddAccountStep.ChooseServer());
    }

    /// <summary>Goes on with what was left half-way, or after the server could not be reached.</summary>
    public async Task ContinueAsync()
    {
        switch (Step)
        {
            case AddAccountStep.LeftOff left:
                await AfterWhatIsOwedAsync(left.Account);
                break;
            case AddAccountStep.Unreachable unreachable:
                await AfterWhatIsOwedAsync(unreachable.Account);
                break;
        }
    }

    /// <summary>The passkey that is there will do.</summary>
    public async Task UseExistingAsync()
    {
        if (Step is AddAccountStep.AlreadyRegistered already && _session.Open is { } vault)
        {
            await vault.Store.UpdateAsync(contents => contents.Linked(already.Existing.Id, already.Account.Id), CancellationToken.None);
            await GoOnAsync(already.Account);
        }
    }

    /// <summary>A passkey for an account already here.</summary>
    /// <param name="account">The account.</param>
    /// <param name="replace">The person agreed that the passkey here is replaced.</param>
    public Task CreatePasskeyAsync(VaultAccount account, bool replace)
    {
        Reset();
        (_only, _replace) = (PlannedMethods.Passkey, replace);
        return GoOnAsync(account);
    }

    /// <summary>Replaces the passkey that is there; the old one goes only after the server accepted the new one. What else there is to set up goes on afterwards.</summary>
    public async Task ReplaceAsync()
    {
        if (Step is AddAccountStep.AlreadyRegistered already)
        {
            _replace = true;
            await GoOnAsync(already.Account);
        }
    }

    /// <summary>One here too, beside those the server knows.</summary>
    public Task AddAnotherAsync() => MakeOneAsync(replaces: null);

    /// <summary>One here in the place of one whose key is not here; that one goes only after the server accepted the new one.</summary>
    public Task ReplaceElsewhereAsync(CredentialId id) => MakeOneAsync(id);

    /// <summary>The one on the other device will do.</summary>
    public Task UseElsewhereAsync() => Step is AddAccountStep.OnlyAtServer there ? SkipAsync(there.Account, PlannedMethods.Passkey) : Task.CompletedTask;

    /// <summary>Deletes one whose key is not here, then goes on.</summary>
    public async Task DeleteElsewhereAsync(CredentialId id)
    {
        if (Step is not AddAccountStep.OnlyAtServer there || _session.Open is not { } vault)
        {
            return;
        }

        try
        {
            await vault.Deletion.DeleteElsewhereAsync(there.Account, id, _cancellation.Token);
        }
        catch (ApiException e) when (AccountBook.IsSignInNeeded(e))
        {
            GoToSignIn(there.Account.Server, there.Account.UserName, again: true);
            return;
        }
        catch (ApiException e)
        {
            Move(there with { Problem = $"{e.Message} {e.NextStep}".TrimEnd() });
            return;
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await GoOnAsync(there.Account);
    }

    /// <summary>Everything policy offers and this device does not have yet.</summary>
    public async Task SetUpMissingAsync(VaultAccount account)
    {
        Reset();
        if (_session.Open is { } vault)
        {
            await vault.Setup.BeginAsync(account, handoff: null, _cancellation.Token);
            await GoOnAsync(account);
        }
    }

    /// <summary>One method after all, that was not wanted before.</summary>
    public Task SetUpAsync(VaultAccount account, string method)
    {
        Reset();
        _only = method;
        return GoOnAsync(account);
    }

    /// <summary>The person says that the system is set as it must be.</summary>
    public Task LookAgainAsync() => Step is AddAccountStep.SystemFirst waiting ? GoOnAsync(waiting.Account, looked: true) : Task.CompletedTask;

    /// <summary>The person goes on without; the passkey works in the app and by QR code, and not yet in this device's browser.</summary>
    public async Task GoOnAsync()
    {
        switch (Step)
        {
            case AddAccountStep.SystemFirst { Readiness: SystemReadiness.NotTurnedOn } waiting:
                _systemIsDecided = true;
                await GoOnAsync(waiting.Account);
                break;
            case AddAccountStep.SystemFirst { Readiness: SystemReadiness.TooOld } waiting:
                await SkipAsync(waiting.Account, PlannedMethods.Passkey);
                break;
            case AddAccountStep.Failed { Account: { } account, Item: { } item }:
                await SkipAsync(account, item.Method);
                break;
        }
    }

    /// <summary>Once more what failed.</summary>
    public Task AgainAsync()
    {
        if (Step is AddAccountStep.Failed { Account: { } account })
        {
            return GoOnAsync(account);
        }

        Begin();
        return Task.CompletedTask;
    }

    /// <summary>Opens the settings that are in the way.</summary>
    public Task OpenSettingsAsync() =>
        Step is AddAccountStep.SystemFirst waiting ? _platform.OpenSettingsAsync(waiting.Readiness, _cancellation.Token) : Task.CompletedTask;

    /// <summary>A real sign-in with the passkey that is there, which opens no session.</summary>
    public async Task TestAsync()
    {
        if (Step is not AddAccountStep.AlreadyRegistered already || _session.Open is not { } vault)
        {
            return;
        }

        PasskeyTestWords words;
        try
        {
            words = new(true, string.Format(Text, AddAccountTexts.TestOk, ForeignText.Of((await vault.Test.TestAsync(already.Account, already.Existing, _cancellation.Token)).DisplayName)));
        }
        catch (ApiException e)
        {
            words = new(false, $"{e.Message} {e.NextStep}".TrimEnd());
        }
        catch (WebAuthnClientException e)
        {
            words = new(false, DeclinedWords(e.Status));
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (Step is AddAccountStep.AlreadyRegistered)
        {
            Move(already with { Test = words, IsOnServer = words.Works ? true : already.IsOnServer });
        }
    }

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
            Move(new AddAccountStep.Failed(null, null, error ?? "access_denied", AddAccountTexts.SignInDeclined));
            return true;
        }

        Move(new AddAccountStep.Looking());
        _ = CompleteSignInAsync(waiting, code);
        return true;
    }

    /// <summary>Ends it for now, whatever it was at; what the server already knows of stays, and what is left goes on when the person wants.</summary>
    public void Cancel()
    {
        Reset();
        Move(null);
    }

    public void Dispose()
    {
        _session.Changed -= EndWhenLocked;
        _cancellation.Dispose();
    }

    private static IFormatProvider Text => System.Globalization.CultureInfo.CurrentCulture;

    private async Task CompleteSignInAsync(AddAccountStep.SignIn waiting, string code)
    {
        var cancellation = _cancellation.Token;
        try
        {
            using var client = _http.CreateClient(VaultSession.ServerHttp);
            client.BaseAddress = waiting.Server;
            var tokens = await new TokenClient(client, _time).RedeemAsync(waiting.Request, code, cancellation);
            if (_session.Open is not { } vault)
            {
                Move(null);
                return;
            }

            var account = await vault.Accounts.AddAsync(waiting.Server, tokens, cancellation);
            // What was owed while the sign-in had ended comes first.
            if (waiting.Again || vault.Store.Contents.Work.Exists(work => work.AccountId == account.Id)) await _session.ReconcileAsync(account);
            if (waiting.Again)
            {
                if (_only is null && !vault.Setup.IsUnfinished(account))
                {
                    Move(null);
                    return;
                }
            }
            else
            {
                await vault.Setup.BeginAsync(account, _handoff, cancellation);
                _looksAtExisting = true;
            }

            await GoOnAsync(account);
        }
        catch (ApiException e)
        {
            Move(new AddAccountStep.Failed(null, null, e.Code, e.Message, e.NextStep));
        }
        catch (OperationCanceledException)
        {
            // The person went back; Cancel has said so.
        }
    }

    /// <summary>What an earlier run or an outage left to be told to the server comes first.</summary>
    private async Task AfterWhatIsOwedAsync(VaultAccount account)
    {
        Move(new AddAccountStep.Looking());
        await _session.ReconcileAsync(account);
        await GoOnAsync(account);
    }

    private async Task MakeOneAsync(CredentialId? replaces)
    {
        if (Step is AddAccountStep.OnlyAtServer there)
        {
            (_elsewhere, _elsewhereIsDecided) = (replaces, true);
            await GoOnAsync(there.Account);
        }
    }

    /// <summary>Sets up what waits, method by method, until all is done or the person has to say something.</summary>
    private async Task GoOnAsync(VaultAccount account, bool looked = false)
    {
        if (_session.Open is not { } vault)
        {
            return;
        }

        var cancellation = _cancellation.Token;
        try
        {
            if (Step is not AddAccountStep.SettingUp) Move(new AddAccountStep.Looking());
            _items = await vault.Setup.PlanAsync(account, cancellation);
            var looksAtExisting = _looksAtExisting;
            _looksAtExisting = false; // one made from here on is no surprise
            if (looksAtExisting && vault.Setup.PasskeyOf(account) is { } there)
            {
                Move(new AddAccountStep.AlreadyRegistered(account, there, IsListed(there)));
                return;
            }

            while (Next() is { } item)
            {
                if (item.Method == PlannedMethods.Passkey && !_replace && !_elsewhereIsDecided && await vault.Setup.ElsewhereAsync(account, item.Planned, cancellation) is { Count: > 0 } elsewhere)
                {
                    Move(new AddAccountStep.OnlyAtServer(account, elsewhere));
                    return;
                }

                if (item.Method == PlannedMethods.Passkey && !_systemIsDecided && await _platform.CheckAsync(cancellation) is var readiness and not SystemReadiness.Ready)
                {
                    Move(new AddAccountStep.SystemFirst(account, readiness, looked));
                    return;
                }

                Move(new AddAccountStep.SettingUp(account, _items, item.Method));
                var outcome = await vault.Setup.DoAsync(account, item.Method, _replace, _elsewhere, cancellation);
                _items = vault.Setup.Again(account, _items);
                if (!Take(account, item, outcome))
                {
                    return;
                }

                // The old one goes now; whether it did is in the plan.
                if (item.Method == PlannedMethods.Passkey && _elsewhere is not null) await _session.ReconcileAsync(account);
                _items = await vault.Setup.PlanAsync(account, cancellation);
            }

            await FinishAsync(vault, account);
        }
        catch (ApiException e) when (e.Code == AccountBook.SignInRequired)
        {
            GoToSignIn(account.Server, account.UserName, again: true);
        }
        catch (ApiException e) when (e.IsTransient)
        {
            Move(new AddAccountStep.Unreachable(account, Method: null, IsMade: false));
        }
        catch (ApiException e)
        {
            Move(new AddAccountStep.Failed(account, null, e.Code, e.Message, e.NextStep));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The person went back, or locked the vault.
        }
    }

    /// <summary>What comes next: all that waits, or the one thing the person came for. To replace a passkey, one that is there waits too.</summary>
    private SetupItem? Next() => _items.FirstOrDefault(item =>
        (_only is null || item.Method == _only)
        && (item.State is SetupState.Waiting || (_only == item.Method && item.State is SetupState.Skipped) || (_replace && item is { Method: PlannedMethods.Passkey, State: SetupState.Here })));

    /// <summary>Whether it goes on by itself.</summary>
    private bool Take(VaultAccount account, SetupItem item, SetupOutcome outcome)
    {
        switch (outcome)
        {
            case SetupOutcome.Done done:
                if (item.Method == PlannedMethods.Passkey)
                {
                    (_replace, _madePasskey) = (false, done.Passkey?.DisplayName);
                    if (done.Replaced is not null) _ = _session.ReconcileAsync(account);
                }

                return true;
            case SetupOutcome.Already already:
                Move(new AddAccountStep.AlreadyRegistered(account, already.Existing, IsListed(already.Existing)));
                return false;
            case SetupOutcome.SignInFirst:
                GoToSignIn(account.Server, account.UserName, again: true);
                return false;
            case SetupOutcome.Unreachable:
                Move(new AddAccountStep.Unreachable(account, item.Method, _items.Any(now => now.Method == item.Method && now.State is SetupState.Owed)));
                return false;
            case SetupOutcome.Refused refused:
                Move(new AddAccountStep.Failed(account, item, refused.Problem.Code, refused.Problem.Message, refused.Problem.NextStep));
                return false;
            case SetupOutcome.Declined declined:
                Move(new AddAccountStep.Failed(account, item, AddAccountStep.Failed.Declined, DeclinedWords(declined.Status)));
                return false;
            default:
                throw new InvalidOperationException("The union is closed.");
        }
    }

    private async Task SkipAsync(VaultAccount account, string method)
    {
        if (_session.Open is not { } vault)
        {
            return;
        }

        if (_only is not null)
        {
            // It was the one thing the person came for.
            Cancel();
            return;
        }

        await vault.Setup.SkipAsync(account, method, _cancellation.Token);
        await GoOnAsync(account);
    }

    private async Task FinishAsync(OpenVault vault, VaultAccount account)
    {
        if (_only is null) await vault.Setup.EndAsync(account, CancellationToken.None);
        var left = _madePasskey is null ? null : Registered.FirstOrDefault(registered => registered.Id == _elsewhere?.ToString());
        Move(new AddAccountStep.Finished(account, _items, _madePasskey, left?.DisplayName));
    }

    private IEnumerable<RegisteredMethod> Registered => _items.FirstOrDefault(item => item.Method == PlannedMethods.Passkey)?.Planned.Registered ?? [];

    private bool? IsListed(PublicKeyCredentialSource passkey) =>
        _items.FirstOrDefault(item => item.Method == PlannedMethods.Passkey)?.Planned.Registered.Any(registered => registered.Id == passkey.Id.ToString());

    private static string DeclinedWords(Protocol.Ctap.CtapStatus? status) => status switch
    {
        Protocol.Ctap.CtapStatus.PinBlocked => Shell.ShellTexts.PinBlocked,
        Protocol.Ctap.CtapStatus.PinAuthBlocked => Shell.ShellTexts.PinBlockedUntilRestart,
        Protocol.Ctap.CtapStatus.UserActionTimeout or null => AddAccountTexts.TookTooLong,
        _ => AddAccountTexts.Declined,
    };

    private void GoToSignIn(Uri server, string? loginHint, bool again) => Move(new AddAccountStep.SignIn(
        AuthorizationRequest.Create(
            server, new Uri(CallbackRoot, OpenIdConnectContract.RedirectPath), loginHint, again ? Freshness : null, Environment.MachineName),
        server,
        again));

    private void EndWhenLocked()
    {
        // Only a sign-in in the browser outlives it: whoever comes back has unlocked meanwhile.
        if (_session.Open is null && Step is not (null or AddAccountStep.SignIn)) Cancel();
    }

    private void Reset()
    {
        _cancellation.Cancel();
        _cancellation.Dispose();
        _cancellation = new();
        (_handoff, _only, _madePasskey, _items) = (null, null, null, []);
        (_replace, _looksAtExisting, _systemIsDecided) = (false, false, false);
        (_elsewhere, _elsewhereIsDecided) = (null, false);
    }

    private void Move(AddAccountStep? step)
    {
        Step = step;
        Changed?.Invoke();
    }
}
