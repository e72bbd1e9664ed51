using Latchkey.Client;

namespace Latchkey.AuthenticatorApp.Device.Browsers;

/// <summary>
/// What pages told while the vault was locked. Each relying party has room of its own, with everything under its registrable domain: what one
/// tells pushes out what it told itself, and nothing of another's.
/// </summary>
internal sealed class RememberedSignals
{
    /// <summary>The most that is kept of one relying party, and the most relying parties.</summary>
    public const int MaxOfOne = 16, MaxParties = 256;

    /// <summary>The longest list of passkeys that is kept; a page tells it again.</summary>
    public const int MaxCredentials = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<PasskeySignal>> _told = new(StringComparer.Ordinal);

    /// <summary>Keeps one, where there is room.</summary>
    public void Add(PasskeySignal signal)
    {
        if (signal is PasskeySignal.AllAccepted { Credentials.Count: > MaxCredentials }) return;
        var site = RpIdValidation.SiteOf(signal.RpId);
        lock (_gate)
        {
            if (!_told.TryGetValue(site, out var told))
            {
                if (_told.Count == MaxParties) return;
                _told.Add(site, told = []);
            }

            // The later word about the same thing counts.
            told.RemoveAll(earlier => IsAboutTheSame(earlier, signal));
            if (told.Count == MaxOfOne) told.RemoveAt(0);
            told.Add(signal);
        }
    }

    /// <summary>All of it, once.</summary>
    public IReadOnlyList<PasskeySignal> Take()
    {
        lock (_gate)
        {
            List<PasskeySignal> all = [.. _told.Values.SelectMany(told => told)];
            _told.Clear();
            return all;
        }
    }

    private static bool IsAboutTheSame(PasskeySignal one, PasskeySignal other) => (one, other) switch
    {
        (PasskeySignal.Unknown first, PasskeySignal.Unknown second) => first == second,
        (PasskeySignal.AllAccepted first, PasskeySignal.AllAccepted second) => (first.RpId, first.User) == (second.RpId, second.User),
        (PasskeySignal.CurrentUser first, PasskeySignal.CurrentUser second) => (first.RpId, first.User) == (second.RpId, second.User),
        _ => false,
    };
}
