using System.Xml.Linq;

namespace Latchkey.Architecture.Tests;

/// <summary>What an archive for people redistributes, it names, with its licence.</summary>
public sealed class NoticesTests
{
    private static string Notices => File.ReadAllText(Path.Combine(Checkout.Root, "packaging", "THIRD-PARTY-NOTICES.txt"));

    [Fact]
    public void Every_package_and_list_in_the_archive_stands_in_its_notices()
    {
        var (seen, left) = (new HashSet<string>(StringComparer.Ordinal), new Stack<string>(["Latchkey.AuthenticatorApp"]));
        var packages = new HashSet<string>(StringComparer.Ordinal);
        while (left.TryPop(out var project))
        {
            if (!seen.Add(project)) continue;
            var file = XDocument.Load(Path.Combine(Checkout.Root, "src", project, project + ".csproj"));
            packages.UnionWith(file.Descendants("PackageReference").Where(package => (string?)package.Attribute("PrivateAssets") != "all").Select(package => (string)package.Attribute("Include")!));
            foreach (var reference in file.Descendants("ProjectReference")) left.Push(Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')));
        }

        foreach (var package in packages)
        {
            var name = package switch { "NSec.Cryptography" => "NSec", "Microsoft.AspNetCore.SignalR.Client" => "SignalR client", _ => package };
            Assert.Contains(name, Notices, StringComparison.Ordinal);
        }

        foreach (var other in new[] { "Public Suffix List", "Mozilla Public License 2.0", "libsodium", "jsQR", "MIT License", "ISC License" }) Assert.Contains(other, Notices, StringComparison.Ordinal);
    }

    [Fact]
    public void The_archives_are_made_with_licence_and_notices() =>
        Assert.Contains("cp LICENSE packaging/THIRD-PARTY-NOTICES.txt", File.ReadAllText(Path.Combine(Checkout.Root, "package")), StringComparison.Ordinal);

    [Fact]
    public void Known_holes_in_packages_are_looked_for_at_each_restore() =>
        Assert.Contains("<NuGetAudit>true</NuGetAudit>", File.ReadAllText(Path.Combine(Checkout.Root, "Directory.Build.props")), StringComparison.Ordinal);
}
