using Latchkey.Authenticator;
using Latchkey.Authenticator.Vault;

namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// Locks the vault when nobody was at it for as long as the person has set. Being at it is to touch a key or the pointer in one of the windows.
/// A question that waits, and work under way, hold the lock off, but not without end.
/// </summary>
internal sealed class IdleLock : IDisposable
{
    /// <summary>The longest that work under way holds the lock off: somebody who went away in the middle of a sign-in is away.</summary>
    public static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);

    private readonly VaultSession _session;
    private readonly PinWindow _window;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly List<Func<bool>> _work = [];
    private readonly Lock _gate = new();
    private OpenVault? _vault;
    private Moment _last;

    public IdleLock(VaultSession session, PinWindow window, TimeProvider time)
    {
        (_session, _window, _time) = (session, window, time);
        session.Changed += TouchWhenOpened;
        Touch();
        _timer = time.CreateTimer(_ => LockWhenIdle(), null, Look, Look);
    }

    /// <summary>How long a setting is; null when it never locks.</summary>
    public static TimeSpan? LengthOf(LockAfter setting) => setting switch
    {
        LockAfter.OneMinute => TimeSpan.FromMinutes(1),
        LockAfter.FifteenMinutes => TimeSpan.FromMinutes(15),
        LockAfter.Never => null,
        _ => TimeSpan.FromMinutes(5),
    };

    /// <summary>Work that holds the lock off while it is under way.</summary>
    public void HoldWhile(Func<bool> isUnderWay) => _work.Add(isUnderWay);

    /// <summary>Somebody is there.</summary>
    public void Touch()
    {
        lock (_gate)
        {
            _last = new(_time);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _session.Changed -= TouchWhenOpened;
    }

    private void TouchWhenOpened()
    {
        if (ReferenceEquals(_vault, _session.Open)) return;
        _vault = _session.Open;
        Touch();
    }

    private void LockWhenIdle()
    {
        if (_session.Open is not { } vault || LengthOf(vault.Store.Contents.LockAfter) is not { } patience) return;
        TimeSpan idle;
        lock (_gate)
        {
            idle = _last.Ago;
        }

        var held = _window.Question is not null || _work.Exists(isUnderWay => isUnderWay());
        if (idle >= patience && (!held || idle >= LongestHold)) _session.Lock();
    }
}
