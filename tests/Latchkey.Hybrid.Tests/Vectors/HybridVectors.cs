using System.Text.Json;
using Latchkey.Protocol;

namespace Latchkey.Hybrid.Tests.Vectors;

/// <summary>The published vectors, read from beside the test program, by section and number.</summary>
internal static class HybridVectors
{
    private static readonly JsonElement File = Read();

    /// <summary>Every section that holds vectors, empty or not.</summary>
    public static IEnumerable<JsonProperty> Sections => File.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Array);

    public static JsonElement Get(string section, int number) => File.GetProperty(section)[number];

    public static string Text(this JsonElement vector, string name) => vector.GetProperty(name).GetString()!;

    public static ByteString Hex(this JsonElement vector, string name) => ByteString.FromHex(vector.Text(name));

    /// <summary>A member that is there and not null.</summary>
    public static JsonElement? Maybe(this JsonElement vector, string name) =>
        vector.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>Vectors are good unless they say otherwise.</summary>
    public static bool IsValid(this JsonElement vector) => vector.Maybe("valid")?.GetBoolean() ?? true;

    private static JsonElement Read()
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", "hybrid.json")));
        return document.RootElement.Clone();
    }
}
