namespace Latchkey.AuthenticatorApp.Device;

/// <summary>
/// How far this device's clock is from the servers', which say the time with each answer. Codes are made from the time: with a wrong clock
/// they are refused, and nobody knows why.
/// </summary>
/// <param name="time">This device's clock.</param>
internal sealed class ServerClock(TimeProvider time)
{
    /// <summary>Where a code begins to be another one: a period of 30 seconds.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    private long _ahead;

    /// <summary>How far this device's clock is ahead (behind, when negative) by the last answer; null when that does no harm, or is not known.</summary>
    public TimeSpan? Ahead => TimeSpan.FromTicks(Interlocked.Read(ref _ahead)) is var ahead && ahead.Duration() > Tolerance ? ahead : null;

    /// <summary>Compares with what a server said.</summary>
    public void Hear(DateTimeOffset date) => Interlocked.Exchange(ref _ahead, (time.GetUtcNow() - date).Ticks);

    /// <summary>Reads the time out of each answer (RFC 9110, 6.6.1), which is as old as the answer: an old one from a cache does not count.</summary>
    internal sealed class Reader(ServerClock clock) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers is { Date: { } date, Age: null }) clock.Hear(date);
            return response;
        }
    }
}
