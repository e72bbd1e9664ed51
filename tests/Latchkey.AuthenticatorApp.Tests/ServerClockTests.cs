using Latchkey.AuthenticatorApp.Device;
using Microsoft.Extensions.Time.Testing;

namespace Latchkey.AuthenticatorApp.Tests;

public sealed class ServerClockTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 3, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, null)]
    [InlineData(30, null)]
    [InlineData(-30, null)]
    [InlineData(31, 31)]
    [InlineData(-120, -120)]
    public async Task A_clock_that_is_off_by_more_than_a_codes_life_is_known_from_a_servers_answer(int secondsAhead, int? said)
    {
        var clock = await HearAsync(response => response.Headers.Date = Now.AddSeconds(-secondsAhead));

        Assert.Equal(said is { } seconds ? TimeSpan.FromSeconds(seconds) : null, clock.Ahead);
    }

    [Fact]
    public async Task An_answer_without_a_time_or_out_of_a_cache_says_nothing()
    {
        Assert.Null((await HearAsync(_ => { })).Ahead);
        Assert.Null((await HearAsync(response => (response.Headers.Date, response.Headers.Age) = (Now.AddHours(-1), TimeSpan.FromHours(1)))).Ahead);
    }

    [Fact]
    public void A_clock_set_right_is_right_with_the_next_answer()
    {
        var clock = new ServerClock(new FakeTimeProvider(Now));
        clock.Hear(Now.AddMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(-5), clock.Ahead);

        clock.Hear(Now);

        Assert.Null(clock.Ahead);
    }

    private static async Task<ServerClock> HearAsync(Action<HttpResponseMessage> answer)
    {
        var clock = new ServerClock(new FakeTimeProvider(Now));
        using var http = new HttpClient(new ServerClock.Reader(clock) { InnerHandler = new Answering(answer) });
        (await http.GetAsync(new Uri("https://id.example.org"), TestContext.Current.CancellationToken)).Dispose();
        return clock;
    }

    private sealed class Answering(Action<HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage();
            answer(response);
            return Task.FromResult(response);
        }
    }
}
