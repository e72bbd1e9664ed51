namespace Latchkey.Authenticator;

/// <summary>A moment, by both clocks: while a computer sleeps its steady clock may stand still, and the other one can be set back.</summary>
/// <param name="time">The clocks.</param>
public readonly struct Moment(TimeProvider time)
{
    private readonly long _ticks = time.GetTimestamp();
    private readonly DateTimeOffset _now = time.GetUtcNow();

    /// <summary>How long ago it was, by the clock that says more.</summary>
    public TimeSpan Ago
    {
        get
        {
            var (steady, wall) = (time.GetElapsedTime(_ticks), time.GetUtcNow() - _now);
            return steady > wall ? steady : wall;
        }
    }
}
