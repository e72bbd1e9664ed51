namespace Latchkey.Architecture.Tests;

/// <summary>A test that a page of docs/ names: <c>Class.Method</c>.</summary>
internal static class NamedTest
{
    private static readonly Lazy<ILookup<string, string>> Sources = new(() =>
        Directory.GetFiles(Path.Combine(Checkout.Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText));

    /// <summary>Whether there is such a class.</summary>
    public static bool HasClass(string name) => Sources.Value[name].Any();

    /// <summary>Whether a class has such a test.</summary>
    public static bool IsThere(string className, string method) =>
        Sources.Value[className].Any(source => source.Contains($" {method}(", StringComparison.Ordinal));
}
