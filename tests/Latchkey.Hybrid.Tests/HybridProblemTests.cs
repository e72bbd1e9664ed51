using System.Text.RegularExpressions;

namespace Latchkey.Hybrid.Tests;

public sealed class HybridProblemTests
{
    public static TheoryData<HybridProblem> Problems => [.. Enum.GetValues<HybridProblem>()];

    [Theory]
    [MemberData(nameof(Problems))]
    public void Each_problem_has_a_code_a_sentence_and_a_next_step(HybridProblem problem)
    {
        var row = HybridProblemText.Of(problem);

        Assert.Matches(new Regex("^[a-z_]+$", RegexOptions.NonBacktracking), row.Code);
        Assert.EndsWith(".", row.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", row.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void No_two_problems_share_a_code_or_a_sentence()
    {
        var rows = Enum.GetValues<HybridProblem>().Select(HybridProblemText.Of).ToList();

        Assert.Equal(rows.Count, rows.Select(row => row.Code).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(rows.Count, rows.Select(row => row.Message).Distinct(StringComparer.Ordinal).Count());
    }
}
