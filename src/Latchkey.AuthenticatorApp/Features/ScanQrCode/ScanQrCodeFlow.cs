using Latchkey.Accounts;
using Latchkey.Authenticator.Codes;
using Latchkey.AuthenticatorApp.Device;
using Latchkey.Hybrid;
using Latchkey.Hybrid.Advert;
using Latchkey.Hybrid.Qr;
using Latchkey.Protocol;
using Latchkey.Protocol.Ctap;
using Latchkey.Protocol.WebAuthn;

namespace Latchkey.AuthenticatorApp.Features.ScanQrCode;

/// <summary>
/// Answers the QR code of a browser on another device: read, looked at whether it can work, met, answered. Lives in the program, not in a
/// page, one at a time. Knows nothing of any user interface.
/// </summary>
internal sealed class ScanQrCodeFlow : IDisposable
{
    /// <summary>A code older than this has nobody behind it any more; one from the future tells of a wrong clock.</summary>
    public static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(5);

    private readonly VaultSession _session;
    private readonly AppOptions _options;
    private readonly IMeetingPlace _place;
    private readonly TimeProvider _time;
    private CancellationTokenSource _cancellation = new();
    private Task _underWay = Task.CompletedTask;
    private HybridQrCode? _code;
    private CodeSource _source;

    public ScanQrCodeFlow(VaultSession session, AppOptions options, IMeetingPlace place, TimeProvider time)
    {
        (_session, _options, _place, _time) = (session, options, place, time);
        session.Changed += CancelWhenLocked;
    }

    /// <summary>The step changed.</summary>
    public event Action? Changed;

    /// <summary>Where it stands; null when nobody is scanning.</summary>
    public ScanStep? Step { get; private set; }

    /// <summary>Whether another code came while two devices meet, and was not taken.</summary>
    public bool HasPassedOver { get; private set; }

    /// <summary>Begins anew, unless two devices are meeting just now.</summary>
    public void Begin()
    {
        if (Step is not ScanStep.Meeting)
        {
            Reset();
            Move(new ScanStep.ChooseWay());
        }
    }

    /// <summary>What a camera, the screen, a picture, the person or a link brought.</summary>
    public async Task ReadAsync(string text, CodeSource source)
    {
        if (Step is ScanStep.Meeting)
        {
            // One at a time: the person cancels this one first.
            HasPassedOver = true;
            Changed?.Invoke();
            return;
        }

        Reset();
        text = text.Trim();
        if (text.StartsWith("latchkey:", StringComparison.OrdinalIgnoreCase))
        {
            Move(ServerEntry.TryParse(text, out _) ? new ScanStep.AddAccount(text) : new ScanStep.ChooseWay(ScanProblems.NotOurs));
            return;
        }

        if (TotpUri.Looks(text))
        {
            // Whether it is a good one says the page that adds it.
            Move(new ScanStep.AddCode(text));
            return;
        }

        if (!text.StartsWith(HybridQrCode.Scheme, StringComparison.OrdinalIgnoreCase))
        {
            Move(new ScanStep.ChooseWay(ScanProblems.NotOurs));
            return;
        }

        try
        {
            _code = HybridQrCode.Parse(text);
        }
        catch (WireFormatException)
        {
            Move(new ScanStep.ChooseWay(ScanProblems.Unreadable));
            return;
        }

        _source = source;
        await CheckAsync();
    }

    /// <summary>Looks again whether it can work, with the same code.</summary>
    public async Task CheckAsync()
    {
        if (_code is not { } code || Step is ScanStep.Meeting)
        {
            return;
        }

        if (IsStale(code))
        {
            Move(new ScanStep.ChooseWay(ScanProblems.Of(HybridProblem.StaleCode)));
            return;
        }

        if (MeetingPoint.Of(_options, _session) is not { } point)
        {
            Move(new ScanStep.Blocked(ScanProblems.NoMeetingPoint));
            return;
        }

        Move(new ScanStep.Checking());
        var cancellation = _cancellation.Token;
        try
        {
            var bluetooth = await _place.CheckBluetoothAsync(cancellation);
            if (bluetooth.Problem is { } proximity)
            {
                MoveUnlessCancelled(new ScanStep.Blocked(ScanProblems.Of(proximity)), cancellation);
            }
            else if (await _place.CheckTunnelServiceAsync(point.Domain, cancellation) is { } problem)
            {
                MoveUnlessCancelled(new ScanStep.Blocked(ScanProblems.Of(problem)), cancellation);
            }
            else
            {
                // A camera looks at another screen; what came by way of this machine may be shown by a browser on this machine.
                var mayBeThisMachine = _source is not CodeSource.Camera && bluetooth.Adapters < 2;
                MoveUnlessCancelled(new ScanStep.Ready(code.Operation, mayBeThisMachine), cancellation);
            }
        }
        catch (OperationCanceledException)
        {
            // The person went back; Cancel has said so.
        }
    }

    /// <summary>Meets the computer and answers it. The task ends with the meeting.</summary>
    public Task ContinueAsync()
    {
        if (Step is not ScanStep.Ready ready || _code is not { } code || _session.Open is not { } vault)
        {
            return Task.CompletedTask;
        }

        if (MeetingPoint.Of(_options, _session) is not { } point)
        {
            // It was an account's, which has been removed since.
            Move(new ScanStep.Blocked(ScanProblems.NoMeetingPoint));
            return Task.CompletedTask;
        }

        Move(new ScanStep.Meeting(ready.Operation, HybridProgress.Connecting));
        return _underWay = MeetAsync(vault, code, ready.Operation, point.Domain, _underWay, _cancellation.Token);
    }

    /// <summary>Ends it, whatever it was at. A passkey the computer already has the answer of stays; nothing else does.</summary>
    public void Cancel()
    {
        Reset();
        Move(null);
    }

    public void Dispose()
    {
        _session.Changed -= CancelWhenLocked;
        _cancellation.Cancel();
        _cancellation.Dispose();
    }

    private async Task MeetAsync(OpenVault vault, HybridQrCode code, HybridOperation operation, TunnelDomain domain, Task before, CancellationToken cancellation)
    {
        // The one before may still be taking its advert off the air.
        await before;
        CredentialId? delivered = null;
        try
        {
            // Asks for the PIN, also when it was given a moment ago to unlock: which site and account the other device asks for is heard only
            // after the code was scanned and the two have met, so that PIN can't have been meant for it.
            var outcome = await _place.AnswerAsync(
                vault.Remote,
                domain,
                code,
                new Told(progress => MoveUnlessCancelled(new ScanStep.Meeting(operation, progress), cancellation)),
                async (made, written) =>
                {
                    await vault.Delivery.WrittenAsync(made, written);
                    delivered = written ? PasskeyDelivery.IdOf(made) : delivered;
                },
                cancellation);
            MoveUnlessCancelled(EndOf(vault, outcome, delivered), cancellation);
        }
        catch (OperationCanceledException)
        {
            // The person went back; Cancel has said so.
        }
        catch (ObjectDisposedException)
        {
            // Locked meanwhile; what was staged goes at the next start.
        }

        if (delivered is { } id)
        {
            _ = SettleAsync(vault, id);
        }
    }

    private static ScanStep EndOf(OpenVault vault, HybridOutcome outcome, CredentialId? delivered)
    {
        if (delivered is { } id && vault.Store.Contents.Find(id) is { } saved)
        {
            return new ScanStep.Saved(saved.ShownRp, saved.ShownUserName);
        }

        if (outcome.Succeeded)
        {
            var used = vault.Store.Credentials.Where(credential => credential.IsOffered).MaxBy(credential => credential.LastUsedAt);
            return new ScanStep.SignedIn(used?.ShownRp, used?.ShownUserName);
        }

        return outcome switch
        {
            { Proximity: { } proximity } => new ScanStep.Failed(ScanProblems.Of(proximity)),
            { Problem: { } problem } => new ScanStep.Failed(ScanProblems.Of(problem)),
            { Status: CtapStatus.OperationDenied } => new ScanStep.Declined(),
            { Status: { } status and not CtapStatus.Success } => new ScanStep.Failed(ScanProblems.Of(status)),
            _ => new ScanStep.Failed(ScanProblems.Of(HybridProblem.PeerClosed)),
        };
    }

    private async Task SettleAsync(OpenVault vault, CredentialId id)
    {
        var outcome = await _session.SettleAsync(vault, id, CancellationToken.None);
        if (outcome is DeliveryOutcome.Registered registered && Step is ScanStep.Saved saved)
        {
            var known = vault.Accounts.All.FirstOrDefault(account => account.Server == registered.Server);
            Move(saved with { RegisteredAt = known?.Organisation ?? registered.Server.Host });
        }
    }

    private bool IsStale(HybridQrCode code) => code.Timestamp is { } drawn && (_time.GetUtcNow() - drawn).Duration() > CodeLifetime;

    private void CancelWhenLocked()
    {
        if (_session.Open is null && Step is not null)
        {
            Cancel();
        }
    }

    private void Reset()
    {
        _cancellation.Cancel();
        _cancellation.Dispose();
        _cancellation = new();
        HasPassedOver = false;
        _code = null;
    }

    private void MoveUnlessCancelled(ScanStep step, CancellationToken cancellation)
    {
        if (!cancellation.IsCancellationRequested)
        {
            Move(step);
        }
    }

    private void Move(ScanStep? step)
    {
        Step = step;
        Changed?.Invoke();
    }

    /// <summary>Hears progress at once, in its order.</summary>
    private sealed class Told(Action<HybridProgress> tell) : IProgress<HybridProgress>
    {
        public void Report(HybridProgress value) => tell(value);
    }
}
