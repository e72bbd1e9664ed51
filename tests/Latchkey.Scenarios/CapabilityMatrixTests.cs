using Latchkey.Scenarios.Capabilities;

namespace Latchkey.Scenarios;

/// <summary>docs/capabilities.md says what the scenarios say.</summary>
public sealed class CapabilityMatrixTests
{
    // tests/Latchkey.Scenarios/bin/<configuration>/<framework>/
    private static readonly string Page = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "docs", "capabilities.md"));

    [Fact]
    public async Task The_page_in_docs_is_what_the_scenarios_stand_for()
    {
        var page = CapabilityMatrix.Write();
        if (Environment.GetEnvironmentVariable("LATCHKEY_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(Page, page, TestContext.Current.CancellationToken);
        }

        Assert.True(page == await File.ReadAllTextAsync(Page, TestContext.Current.CancellationToken), "Run this test with LATCHKEY_WRITE_DOCS=1, and look at what changed.");
    }
}
