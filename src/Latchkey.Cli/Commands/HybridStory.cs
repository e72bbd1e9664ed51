using Latchkey.Hybrid;
using Latchkey.Hybrid.Proximity;

namespace Latchkey.Cli.Commands;

/// <summary>A meeting with another device, told on standard error line by line.</summary>
/// <param name="words">The line for each step; null says nothing.</param>
internal sealed class HybridStory(Func<HybridProgress, string?> words) : IProgress<HybridProgress>
{
    public void Report(HybridProgress value)
    {
        if (words(value) is { } line) Console.Error.WriteLine(line);
    }

    /// <summary>What went wrong, and what to do.</summary>
    public static string Describe(HybridException problem) => problem.InnerException is ProximityException radio
        ? radio.Message
        : HybridProblemText.Of(problem.Problem) is var text ? $"{text.Message} {text.NextStep} ({text.Code})" : problem.Message;
}
