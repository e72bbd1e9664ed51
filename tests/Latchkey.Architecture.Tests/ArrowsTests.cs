using System.Xml.Linq;

namespace Latchkey.Architecture.Tests;

/// <summary>The table of arrows in ARCHITECTURE.md, kept against every project file.</summary>
public sealed class ArrowsTests
{
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Latchkey.Protocol"] = [],
        ["Latchkey.RelyingParty"] = ["Latchkey.Protocol"],
        ["Latchkey.Authenticator"] = ["Latchkey.Protocol"],
        ["Latchkey.Client"] = ["Latchkey.Protocol"],
        ["Latchkey.Hybrid"] = ["Latchkey.Protocol"],
        ["Latchkey.Api"] = ["Latchkey.Protocol"],
        ["Latchkey.Accounts"] = ["Latchkey.Protocol", "Latchkey.Authenticator", "Latchkey.Client", "Latchkey.Api"],
        ["Latchkey.TunnelService"] = [],
        ["Latchkey.Server"] = ["Latchkey.Protocol", "Latchkey.RelyingParty", "Latchkey.Api", "Latchkey.TunnelService"],
        ["Latchkey.AuthenticatorApp"] = ["Latchkey.Protocol", "Latchkey.Authenticator", "Latchkey.Client", "Latchkey.Hybrid", "Latchkey.Api", "Latchkey.Accounts", "Latchkey.NativeHost"],
        ["Latchkey.NativeHost"] = [],
        ["Latchkey.Cli"] = ["Latchkey.Protocol", "Latchkey.RelyingParty", "Latchkey.Authenticator", "Latchkey.Client", "Latchkey.Hybrid", "Latchkey.Api", "Latchkey.Accounts"],
        ["Latchkey.Phone"] = ["Latchkey.AuthenticatorApp", "Latchkey.Protocol", "Latchkey.Authenticator", "Latchkey.Client", "Latchkey.Hybrid", "Latchkey.Api", "Latchkey.Accounts"],
    };

    public static TheoryData<string> Projects =>
        [.. Directory.GetFiles(Path.Combine(Checkout.Root, "src"), "*.csproj", SearchOption.AllDirectories).Select(path => Path.GetFileNameWithoutExtension(path))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_table_of_arrows_allows(string project)
    {
        Assert.True(Arrows.ContainsKey(project), $"{project} stands in no row of the table: a further project needs a decision record.");

        var references = XDocument.Load(Path.Combine(Checkout.Root, "src", project, project + ".csproj"))
            .Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

        Assert.Empty(references.Except(Arrows[project], StringComparer.Ordinal));
    }

    [Fact]
    public void No_project_switches_the_compilers_guard_of_the_arrows_off()
    {
        var files = Directory.GetFiles(Path.Combine(Checkout.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Append(Path.Combine(Checkout.Root, "Directory.Build.props"));

        var guards = files.SelectMany(file => XDocument.Load(file).Descendants("DisableTransitiveProjectReferences")).Select(guard => guard.Value);

        Assert.Equal(["true"], guards);
    }

    [Theory]
    [InlineData("Common")]
    [InlineData("Shared")]
    [InlineData("Utils")]
    [InlineData("Helpers")]
    [InlineData("Managers")]
    public void No_room_has_a_name_that_says_nothing(string name)
    {
        var rooms = Directory.GetDirectories(Path.Combine(Checkout.Root, "src"), "*", SearchOption.AllDirectories)
            .Where(folder => !folder.Contains("/obj", StringComparison.Ordinal) && !folder.Contains("/bin", StringComparison.Ordinal));

        Assert.DoesNotContain(rooms, room => Path.GetFileName(room).EndsWith(name, StringComparison.OrdinalIgnoreCase));
    }
}
