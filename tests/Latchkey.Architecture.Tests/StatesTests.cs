using System.Text.RegularExpressions;

namespace Latchkey.Architecture.Tests;

/// <summary>docs/states.md names a test for each row of its list of browsers, and one for its tables: they are there, under these names.</summary>
public sealed class StatesTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "states.md"));

    [Fact]
    public void Each_row_about_a_browser_names_a_test_that_is_there()
    {
        var section = Page.Split("## The browser beside it")[1].Split("## ")[0];
        var rows = section.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            var test = Regex.Match(row, @"\| (?<class>\w+)\.(?<name>\w+) \|$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
            Assert.True(test.Success, $"no test: {row}");
            Assert.True(NamedTest.IsThere(test.Groups["class"].Value, test.Groups["name"].Value), test.Value);
        });
    }

    [Fact]
    public void The_tests_that_read_its_tables_are_there() =>
        Assert.All(
            Regex.Matches(Page, @"`(?<name>StatesTests|StandingWordsTests|KillHarness)`", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Select(match => match.Groups["name"].Value),
            name => Assert.True(NamedTest.HasClass(name), name));
}
