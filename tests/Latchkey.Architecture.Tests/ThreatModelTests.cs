using System.Text.RegularExpressions;

namespace Latchkey.Architecture.Tests;

/// <summary>What docs/ says is guarded is shown by a test, named in its row: a claim without one fails here.</summary>
public sealed class ThreatModelTests
{
    private const string Header = "| against | guarded? | by | shown by |";

    public static TheoryData<string> Pages => ["threat-model.md", "approvals.md", "browser-extension.md"];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Each_guarded_row_names_tests_that_are_there(string page)
    {
        var rows = RowsOf(page);

        Assert.NotEmpty(rows);
        Assert.All(rows, row =>
        {
            Assert.True(row.Length == 4, $"four columns: {string.Join('|', row)}");
            if (row[1].Trim('*').StartsWith("no", StringComparison.Ordinal)) return;
            var named = Regex.Matches(row[3], @"(?<class>\w+)\.(?<name>\w+)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
            Assert.True(named.Count > 0, $"no test: {row[0]}");
            Assert.All(named, test => Assert.True(NamedTest.IsThere(test.Groups["class"].Value, test.Groups["name"].Value), $"{test.Value}: {row[0]}"));
        });
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_table_of_threats_says_by_what_it_is_shown(string page) =>
        Assert.All(LinesOf(page).Where(line => line.StartsWith("| against |", StringComparison.Ordinal)), line => Assert.Equal(Header, line));

    private static string[] LinesOf(string page) => File.ReadAllLines(Path.Combine(Checkout.Root, "docs", page));

    private static List<string[]> RowsOf(string page)
    {
        var rows = new List<string[]>();
        var inside = false;
        foreach (var line in LinesOf(page))
        {
            inside = line == Header || (inside && line.StartsWith('|'));
            if (inside && line != Header && !line.StartsWith("|---", StringComparison.Ordinal)) rows.Add([.. line.Trim('|').Split('|').Select(cell => cell.Trim())]);
        }

        return rows;
    }
}
