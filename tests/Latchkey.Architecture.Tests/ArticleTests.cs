using System.Text.RegularExpressions;

namespace Latchkey.Architecture.Tests;

/// <summary>docs/article.md names steps of the walk: they are there, under these titles.</summary>
public sealed class ArticleTests
{
    [Fact]
    public void A_step_of_the_walk_that_the_article_names_is_one_of_the_walks()
    {
        var article = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "article.md"));
        var walk = string.Concat(Directory.GetFiles(Path.Combine(Checkout.Root, "src", "Latchkey.Phone", "Walk"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

        var named = Regex.Matches(article, @"^\|[^|]*\|[^|]*\|[^|]*\| (?<title>[^|]*) \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Select(row => row.Groups["title"].Value).Where(title => title is not ("walk" or "–")).Distinct().ToList();

        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, title => !walk.Contains($"\"{title}\"", StringComparison.Ordinal));
    }
}
