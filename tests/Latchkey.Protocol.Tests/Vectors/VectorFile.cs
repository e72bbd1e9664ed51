using System.Text.Json;

namespace Latchkey.Protocol.Tests.Vectors;

/// <summary>The published vectors, read from beside the test program.</summary>
internal static class VectorFile
{
    public static JsonElement Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", file)));
        return document.RootElement.Clone();
    }
}
