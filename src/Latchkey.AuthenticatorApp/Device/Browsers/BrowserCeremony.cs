using System.Text.Json;
using Latchkey.AuthenticatorApp.Shell;
using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;
using Latchkey.Client;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>
/// One request of a page, from the question whether there is anything to offer to the end: asked in our own window, answered, delivered. What
/// cannot be answered here is passed back to the browser before the person sees anything.
/// </summary>
/// <param name="request">What is asked.</param>
/// <param name="desk">What all requests share.</param>
/// <param name="tell">Tells the browser; waits until it is written.</param>
internal sealed class BrowserCeremony(BrowserRequest request, BrowserDesk desk, Func<BrowserAnswer, Task> tell) : IDisposable
{
    /// <summary>How long a page may take to say that it has the answer.</summary>
    public static readonly TimeSpan DeliveryPatience = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource<bool> _delivered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _toldWaiting;

    /// <summary>Whose page asks.</summary>
    public string? Site { get; } = request.Site;

    /// <summary>The page has the answer, or never will.</summary>
    public void Delivered(bool hasIt) => _delivered.TrySetResult(hasIt);

    /// <summary>The page aborted, or the browser is gone.</summary>
    public void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended in the same moment.
        }
    }

    public void Dispose() => _cancellation.Dispose();

    /// <summary>Runs it to its end.</summary>
    public async Task RunAsync()
    {
        using var timer = new CancellationTokenSource(Lifetime, desk.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _cancellation.Token);
        var stop = either.Token;
        BrowserAnswer answer;
        try
        {
            switch (request)
            {
                case BrowserRequest.Judge judge:
                    answer = Judged(judge.Ceremony);
                    break;
                case BrowserRequest.Offers offers:
                    answer = await OfferAsync(offers, stop);
                    break;
                case BrowserRequest.Create create:
                    await CreateAsync(create, stop);
                    return;
                case BrowserRequest.Get get:
                    answer = await GetAsync(get, stop);
                    break;
                case BrowserRequest.Signal signal:
                    answer = await SignalAsync(signal, stop);
                    break;
                case BrowserRequest.Unknown:
                    answer = new BrowserAnswer.Failed(DomExceptionName.NotSupportedError, "Another version of the protocol.");
                    break;
                default:
                    answer = new BrowserAnswer.Pass("malformed");
                    break;
            }
        }
        catch (WebAuthnClientException e)
        {
            answer = new BrowserAnswer.Failed(e.Name, e.Message, AdviceOf(e.Status));
        }
        catch (OperationCanceledException)
        {
            answer = timer.IsCancellationRequested
                ? new BrowserAnswer.Failed(DomExceptionName.NotAllowedError, "The ceremony took too long.")
                : new BrowserAnswer.Failed(DomExceptionName.AbortError, "The ceremony was aborted.");
        }
        catch (VaultException)
        {
            answer = new BrowserAnswer.Failed(DomExceptionName.NotAllowedError, "The request was not allowed, or cancelled.", Features.Welcome.WelcomeTexts.NotWritable);
        }
        catch (ObjectDisposedException)
        {
            // What was staged goes at the next start.
            answer = new BrowserAnswer.Failed(DomExceptionName.NotAllowedError, "The Authenticator was locked meanwhile.", ShellTexts.LockedMeanwhile);
        }

        await tell(answer);
    }

    private TimeSpan Lifetime => WebAuthnClient.LifetimeOf(request switch
    {
        BrowserRequest.Create create => create.Options.Timeout,
        BrowserRequest.Get get => get.Options.Timeout,
        _ => null,
    });

    /// <summary>
    /// Whether the request is one for this Authenticator. It looks at nothing that is kept, and asks nobody: what a page can see of the answer,
    /// and how long it took, tells it of nothing but its own request.
    /// </summary>
    private BrowserAnswer Judged(BrowserRequest ceremony)
    {
        var (reason, asked, caller) = AskedFor(ceremony);
        if (reason is not null) return new BrowserAnswer.Pass(reason);
        var rpId = Known(asked, caller) ?? (WebAuthnClient.CouldBeRelated(asked, caller) ? asked : null);
        return rpId is null ? new BrowserAnswer.Pass("not_allowed") : new BrowserAnswer.Offers(rpId, desk.Session.Open is null, []);
    }

    private async Task<BrowserAnswer> OfferAsync(BrowserRequest.Offers offers, CancellationToken stop)
    {
        var ceremony = offers.Ceremony;
        if (!offers.HasActed && AskedFor(ceremony) is var (_, asked, caller) && Known(asked, caller) is null)
        {
            // Whether it may ask at all, its relying party says, who is asked once a person has said yes.
            return Judged(ceremony);
        }

        var (rpId, pass) = await JudgeAsync(ceremony, stop);
        if (rpId is null) return pass!;
        var locked = desk.Session.Open is null;
        var fitting = ceremony is BrowserRequest.Get get && desk.Session.Open is { } vault ? Fitting(vault, rpId, get.Options) : [];
        return ceremony is BrowserRequest.Get && !locked && fitting.Count == 0
            ? new BrowserAnswer.Pass("no_passkey")
            : new BrowserAnswer.Offers(rpId, locked, [.. fitting.Select(credential => new OfferedAccount(
                credential.Id.ToString(), credential.UserName ?? rpId, credential.UserDisplayName ?? credential.UserName ?? rpId))]);
    }

    /// <summary>Tells its own end: the answer, and afterwards whether the passkey is kept.</summary>
    private async Task CreateAsync(BrowserRequest.Create create, CancellationToken stop)
    {
        var (rpId, pass) = await JudgeAsync(create, stop);
        if (rpId is null)
        {
            await tell(pass!);
            return;
        }

        await using var turn = await TakeTurnAsync(stop);
        var (vault, proof) = await AskedAsync(stop);
        using var authenticator = vault.AuthenticatorFor(create.Caller, proof);
        RegistrationResponseJson response;
        try
        {
            response = await ClientOf(authenticator).CreateAsync(create.Options, create.Caller, stop);
        }
        catch (Exception e) when (e is WebAuthnClientException or OperationCanceledException)
        {
            // What was made and our client did not take: its answer went nowhere.
            await vault.Store.DropStagedAsync(rpId, create.Options.User.Id, CancellationToken.None);
            throw;
        }

        // Staged. It is kept once the page has the answer in its hands, and goes if that never happens.
        var delivered = false;
        try
        {
            using var document = JsonDocument.Parse(response.Encode());
            // From before it is told: whoever hears it finds the clock running.
            var delivery = _delivered.Task.WaitAsync(DeliveryPatience, desk.Time, _cancellation.Token);
            await tell(new BrowserAnswer.Credential(document.RootElement));
            delivered = await delivery;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            // The request has had its answer; nobody took it.
        }
        finally
        {
            await vault.Delivery.WrittenAsync(response.Id, delivered);
            desk.Session.Notify();
        }

        if (!delivered) return;
        _ = desk.Session.SettleAsync(vault, response.Id, CancellationToken.None);
        await tell(new BrowserAnswer.Kept());
    }

    private async Task<BrowserAnswer> GetAsync(BrowserRequest.Get get, CancellationToken stop)
    {
        var (rpId, pass) = await JudgeAsync(get, stop);
        if (rpId is null) return pass!;
        await using var turn = await TakeTurnAsync(stop);
        if (desk.Session.Open is { } open && Fitting(open, rpId, get.Options).Count == 0) return new BrowserAnswer.Pass("no_passkey");
        var (vault, proof) = await AskedAsync(stop);
        var fitting = Fitting(vault, rpId, get.Options);
        if (fitting.Count == 0) return new BrowserAnswer.Pass("no_passkey");

        // One that was chosen in the field is the only one asked about.
        var options = get.Chosen is { } chosen && fitting.Any(credential => credential.Id == chosen) ? get.Options with { AllowCredentials = [new(chosen, [])] } : get.Options;
        using var authenticator = vault.AuthenticatorFor(get.Caller, proof);
        var response = await ClientOf(authenticator).GetAsync(options, get.Caller, chooseAccount: null, stop);
        desk.Session.Notify();
        using var document = JsonDocument.Parse(response.Encode());
        return new BrowserAnswer.Credential(document.RootElement.Clone());
    }

    private async Task<BrowserAnswer> SignalAsync(BrowserRequest.Signal signal, CancellationToken stop)
    {
        // No permissions policy governs these methods. Nobody has to act for them, and so nobody is asked: a related origin is one a ceremony found.
        if (Known(signal.What.RpId, signal.Caller with { IsAllowed = true }) is null)
        {
            return new BrowserAnswer.Failed(DomExceptionName.SecurityError, $"{signal.Caller.Origin} may not speak for {signal.What.RpId}.");
        }

        await desk.TakeNoteAsync(signal.What, stop);
        return new BrowserAnswer.Noted();
    }

    /// <summary>The RP ID of a request this Authenticator can answer, or why it passes it back.</summary>
    private async Task<(string? RpId, BrowserAnswer.Pass? Pass)> JudgeAsync(BrowserRequest ceremony, CancellationToken stop)
    {
        var (reason, asked, caller) = AskedFor(ceremony);
        if (reason is not null) return (null, new(reason));
        return await ResolveAsync(asked, caller, stop) is { } rpId ? (rpId, null) : (null, new("not_allowed"));
    }

    private (string? Reason, string? RpId, Caller Caller) AskedFor(BrowserRequest ceremony) => ceremony switch
    {
        BrowserRequest.Create create => (WhyNot(create.Options), create.Options.Rp.Id, create.Caller),
        BrowserRequest.Get get => (WhyNot(get.Options.Hints), get.Options.RpId, get.Caller),
        _ => throw new InvalidOperationException("No ceremony."),
    };

    /// <summary>Why this Authenticator has nothing to offer; null when it has.</summary>
    private string? WhyNot(PublicKeyCredentialCreationOptions options)
    {
        // Hints "supersede" the attachment where the two disagree.
        if (options.Hints.Count == 0 && options.AuthenticatorSelection?.AuthenticatorAttachment == Requirements.CrossPlatform) return "other_authenticator";
        if (options.User.Id.Bytes.Length is 0 or > UserHandle.MaxLength) return "malformed";
        if (options.PubKeyCredParams.Count > 0 && !options.PubKeyCredParams.Any(parameters => parameters.IsPublicKey && CtapAuthenticator.Makes(parameters.Alg))) return "unsupported_algorithm";
        return WhyNot(options.Hints);
    }

    // "sorted from most preferred to least preferred"; unknown ones are passed over.
    private string? WhyNot(IReadOnlyList<string> hints) => !desk.Session.Exists ? "not_set_up"
        : hints.FirstOrDefault(hint => hint is "security-key" or "hybrid" or "client-device") is "security-key" or "hybrid" ? "other_authenticator"
        : null;

    /// <summary>The RP ID; null when the caller may not ask, which the browser says in its own words.</summary>
    private async Task<string?> ResolveAsync(string? rpId, Caller caller, CancellationToken stop)
    {
        try
        {
            return await WebAuthnClient.ResolveRpIdAsync(rpId, caller, desk.RelatedOrigins, stop);
        }
        catch (WebAuthnClientException)
        {
            return null;
        }
    }

    /// <summary>The same, without asking anybody.</summary>
    private string? Known(string? rpId, Caller caller)
    {
        if (rpId is not null && WebAuthnClient.CouldBeRelated(rpId, caller)) return desk.RelatedOrigins.Remembered(caller.Origin, rpId) is true ? rpId : null;
        try
        {
            return WebAuthnClient.ResolveRpId(rpId, caller);
        }
        catch (WebAuthnClientException)
        {
            return null;
        }
    }

    private static List<PublicKeyCredentialSource> Fitting(OpenVault vault, string rpId, PublicKeyCredentialRequestOptions options) => [.. vault.Store.Credentials.Where(credential =>
        credential.IsOffered && credential.RpId == rpId
        && (options.AllowCredentials.Count == 0 ? credential.Discoverable : options.AllowCredentials.Any(allowed => allowed.Id == credential.Id)))];

    private async Task<Released> TakeTurnAsync(CancellationToken stop)
    {
        if (!await desk.Turn.WaitAsync(TimeSpan.Zero, stop))
        {
            await WaitingAsync();
            await desk.Turn.WaitAsync(stop);
        }

        return new(desk.Turn);
    }

    /// <summary>Has the person asked: in our window, where the PIN opens the vault first if it is locked.</summary>
    private async Task<(OpenVault Vault, PinProof? Proof)> AskedAsync(CancellationToken stop)
    {
        // From before it is told: whoever sees the window and types the PIN finds the request waiting.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var opened = desk.Session.OpenedAsync(over.Token);
        try
        {
            await tell(new BrowserAnswer.Asking(desk.Window.NewAddressForExtension()?.AbsoluteUri));
            return await opened;
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    private async Task WaitingAsync()
    {
        if (_toldWaiting) return;
        _toldWaiting = true;
        await tell(new BrowserAnswer.Waiting());
    }

    private WebAuthnClient ClientOf(CtapAuthenticator authenticator) => new(authenticator, desk.Time, desk.RelatedOrigins);

    private static string? AdviceOf(CtapStatus? status) => status switch
    {
        CtapStatus.PinAuthBlocked => ShellTexts.PinBlockedUntilRestart,
        CtapStatus.PinBlocked => ShellTexts.PinBlocked,
        CtapStatus.KeyStoreFull => Features.Welcome.WelcomeTexts.NotWritable,
        _ => null,
    };

    /// <summary>Gives the turn on.</summary>
    private sealed class Released(SemaphoreSlim turn) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            turn.Release();
            return ValueTask.CompletedTask;
        }
    }
}
