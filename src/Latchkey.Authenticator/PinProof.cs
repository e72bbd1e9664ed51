namespace Latchkey.Authenticator;

/// <summary>
/// A PIN that was right, given a moment ago for one request that could not be shown before it: the PIN opened the vault the request waited for.
/// It is user verification for that request alone (whoever holds it gives it to that one), once, for a short while, until the vault is locked.
/// Only a vault that was opened makes one.
/// </summary>
public sealed class PinProof
{
    /// <summary>How long it counts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly Moment _given;
    private int _taken;
    private volatile bool _isVoid;

    internal PinProof(TimeProvider time) => _given = new(time);

    /// <summary>Whether it still counts.</summary>
    public bool Counts => !_isVoid && _given.Ago <= Lifetime;

    /// <summary>Takes it for one question, whatever the answer will be. False when it no longer counts, or was taken before.</summary>
    public bool TryTake() => Counts && Interlocked.Exchange(ref _taken, 1) == 0;

    internal void Void() => _isVoid = true;
}
