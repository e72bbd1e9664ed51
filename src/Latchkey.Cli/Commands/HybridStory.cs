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
    public static string Describe(HybridException problem)
    {
        if (problem.InnerException is ProximityException radio) return radio.Message;
        var text = HybridProblemText.Of(problem.Problem);
        return $"{text.Message} {text.NextStep} ({text.Code})";
    }
}
