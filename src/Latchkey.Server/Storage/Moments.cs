namespace Latchkey.Server.Storage;

/// <summary>
/// How far apart two moments are, on a clock that may have been set back in between: what lies ahead of now is no moment ago, and nothing lasts
/// longer than it was made to last.
/// </summary>
internal static class Moments
{
    /// <summary>How far the clocks of two servers on one database may be apart.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>Whether something happened within a span before now.</summary>
    public static bool IsWithin(this DateTimeOffset at, TimeSpan span, DateTimeOffset now) => now - at <= span && !at.IsAhead(now);

    /// <summary>Whether it lies ahead, where nothing can that has happened.</summary>
    public static bool IsAhead(this DateTimeOffset at, DateTimeOffset now) => at - now > Skew;

    /// <summary>Whether something that was made for a span at most still lasts.</summary>
    public static bool Lasts(this DateTimeOffset until, TimeSpan atMost, DateTimeOffset now) => until > now && until - now <= atMost + Skew;
}
