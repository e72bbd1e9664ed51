using System.Text.RegularExpressions;

namespace Latchkey.Architecture.Tests;

/// <summary>Inside Protocol a folder knows only the folders below it: Ctap → WebAuthn → Cose → Cbor → root.</summary>
public sealed partial class ProtocolOrderTests
{
    private static readonly string[] TopToBottom = ["Ctap", "WebAuthn", "Cose", "Cbor", ""];

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Protocol, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Protocol, path))
            .Where(path => !path.StartsWith("obj", StringComparison.Ordinal) && !path.StartsWith("bin", StringComparison.Ordinal))];

    private static string Protocol => Path.Combine(Checkout.Root, "src", "Latchkey.Protocol");

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_of_Protocol_names_only_folders_below_its_own(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        var level = Array.IndexOf(TopToBottom, folder);
        Assert.True(level >= 0, $"{folder} is not one of Protocol's folders.");

        var named = FolderName().Matches(File.ReadAllText(Path.Combine(Protocol, file))).Select(match => match.Groups["folder"].Value);

        Assert.DoesNotContain(named, name => Array.IndexOf(TopToBottom, name) < level);
    }

    [Fact]
    public void Protocol_does_no_input_or_output_and_reads_no_clock()
    {
        foreach (var file in Directory.GetFiles(Protocol, "*.cs", SearchOption.AllDirectories).Where(path => !path.Contains("/obj/", StringComparison.Ordinal)))
        {
            Assert.DoesNotMatch(ClockOrFile(), File.ReadAllText(file));
        }
    }

    [GeneratedRegex(@"Latchkey\.Protocol\.(?<folder>Ctap|WebAuthn|Cose|Cbor)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex FolderName();

    [GeneratedRegex(@"\b(TimeProvider|DateTimeOffset|DateTime|HttpClient|Socket|FileStream|File\.)\b", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ClockOrFile();
}
