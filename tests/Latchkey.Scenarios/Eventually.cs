namespace Latchkey.Scenarios;

/// <summary>Waits for what no page shows.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks until it is so.</summary>
    /// <param name="what">What should become true, for the message when it does not.</param>
    /// <param name="condition">Looks.</param>
    public static async Task TrueAsync(string what, Func<Task<bool>> condition)
    {
        for (var waited = TimeSpan.Zero; waited < Running.Patience; waited += Pause)
        {
            if (await condition()) return;
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"It never came true that {what}.");
    }

    /// <summary>The browser forgets its passkeys when the page tells it that they are unknown, a moment after the page has said so.</summary>
    public static Task HoldsNoneAsync(this VirtualAuthenticator provider) =>
        TrueAsync("the browser forgot its passkey", async () => (await provider.CredentialsAsync()).Count == 0);
}
