using System.Runtime.CompilerServices;

namespace Latchkey.Architecture.Tests;

/// <summary>The sources these tests were built from.</summary>
internal static class Checkout
{
    public static string Root { get; } = FindRoot(ThisFile());

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private static string FindRoot(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        while (!File.Exists(Path.Combine(folder, "Latchkey.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no Latchkey.slnx above the tests");
        }

        return folder;
    }
}
