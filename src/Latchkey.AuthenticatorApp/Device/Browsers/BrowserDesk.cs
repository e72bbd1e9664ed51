using Latchkey.Client;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>
/// Where the requests of all browsers on this machine come together: what they share, one person and one PIN window, so that they are
/// answered one after another.
/// </summary>
internal sealed class BrowserDesk : IDisposable
{
    private readonly RememberedSignals _untilUnlocked = new();

    public BrowserDesk(VaultSession session, RelatedOrigins relatedOrigins, AppWindow window, HeardBrowsers heard, TimeProvider time)
    {
        (Session, RelatedOrigins, Window, Heard, Time) = (session, relatedOrigins, window, heard, time);
        session.Changed += ApplyRemembered;
    }

    public VaultSession Session { get; }

    public RelatedOrigins RelatedOrigins { get; }

    public AppWindow Window { get; }

    public HeardBrowsers Heard { get; }

    public TimeProvider Time { get; }

    /// <summary>Held by the request the person is asked about.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>How things stand, in the protocol's words.</summary>
    public string State => Session.Open is not null ? "ready" : Session.Exists ? "locked" : "new";

    /// <summary>Takes note of what a page told: at once, or as soon as the vault is open.</summary>
    public async Task TakeNoteAsync(PasskeySignal signal, CancellationToken cancellationToken)
    {
        if (Session.Open is { } vault)
        {
            await ApplyAsync(vault, signal, cancellationToken);
            Session.Notify();
            return;
        }

        _untilUnlocked.Add(signal);
    }

    public void Dispose()
    {
        Session.Changed -= ApplyRemembered;
        Turn.Dispose();
    }

    private void ApplyRemembered()
    {
        if (Session.Open is null) return;
        if (_untilUnlocked.Take() is { Count: > 0 } told) _ = ApplyAllAsync(told);
    }

    private async Task ApplyAllAsync(IReadOnlyList<PasskeySignal> signals)
    {
        foreach (var signal in signals) await TakeNoteAsync(signal, CancellationToken.None);
    }

    private static async Task ApplyAsync(OpenVault vault, PasskeySignal signal, CancellationToken cancellationToken)
    {
        try
        {
            await (signal switch
            {
                PasskeySignal.Unknown unknown => vault.Signals.UnknownAsync(unknown.RpId, unknown.Credential, cancellationToken),
                PasskeySignal.AllAccepted all => vault.Signals.AllAcceptedAsync(all.RpId, all.User, all.Credentials, cancellationToken),
                PasskeySignal.CurrentUser user => vault.Signals.CurrentUserAsync(user.RpId, user.User, user.Name, user.DisplayName, cancellationToken),
                _ => Task.CompletedTask,
            });
        }
        catch (ObjectDisposedException)
        {
            // Locked meanwhile: a page says it again.
        }
    }
}
