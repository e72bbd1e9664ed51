using System.Text.Json;

namespace Latchkey.Scenarios;

/// <summary>How long a person waits, for docs/performance.md: measured with <c>LATCHKEY_MEASURE=1</c>, on a machine that does nothing else.</summary>
public sealed partial class ExtensionScenarios
{
    private const int Rounds = 21;

    [Fact]
    public async Task From_a_pages_call_to_the_question_and_from_the_PIN_to_the_answer()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("LATCHKEY_MEASURE") is { Length: > 0 }, "It measures, and tests nothing.");
        var page = await Stage.OpenAsync(Product.Page.At("times.localhost"));
        await Stage.SaveAsync(page);
        List<double> there = [], drawn = [], answered = [];
        for (var round = 0; round < Rounds; round++)
        {
            var asked = page.EvaluateAsync<JsonElement>("""
                () => {
                  const now = () => performance.timeOrigin + performance.now();
                  window.began = now();
                  new MutationObserver((_, watch) => { window.there = now(); watch.disconnect(); }).observe(document.documentElement, { childList: true });
                  return get().then(() => ({ at: now() }));
                }
                """);
            await ExtensionStage.SeeAsync(page, "button", "Continue", focused: true);
            var began = await page.EvaluateAsync<double>("() => began");
            there.Add(await page.EvaluateAsync<double>("() => there") - began);
            drawn.Add(await ExtensionStage.FramesOf(page).Single().EvaluateAsync<double>("() => performance.timeOrigin + performance.getEntriesByName('first-contentful-paint')[0].startTime") - began);
            var window = await Stage.GoOnAsync(page);
            await window.GetByLabel("PIN").FillAsync(AuthenticatorWindow.Pin);
            var given = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;
            await window.GetByLabel("PIN").PressAsync("Enter");
            answered.Add((await asked).GetProperty("at").GetDouble() - given);
        }

        var bare = await ExtensionStage.StartAsync(Product, authenticator: null);
        await using (bare)
        {
            var other = await bare.OpenAsync(Product.Page.At("times.localhost"));
            await VirtualAuthenticator.AddAsync(other);
            await other.EvaluateAsync("() => tell(create())");
            List<double> own = [];
            for (var round = 0; round < Rounds; round++) own.Add(await other.EvaluateAsync<double>("() => { const began = performance.now(); return get().then(() => performance.now() - began); }"));
            foreach (var (what, times) in ((string, List<double>)[])[("call to frame", there), ("call to question drawn", drawn), ("PIN to answer", answered), ("the browser's own, call to answer", own)])
            {
                times.Sort();
                TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {times[Rounds / 2]:F0} ms (from {times[0]:F0} to {times[^1]:F0})");
            }
        }
    }
}
