using System.Text.Json.Nodes;

namespace Latchkey.Server.Features.Policies;

/// <summary>JSON Merge Patch: what a change does not name stays, null takes away, a list is replaced whole.
/// <see href="https://www.rfc-editor.org/rfc/rfc7396#section-2"/></summary>
internal static class MergePatch
{
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject change)
        {
            return patch?.DeepClone();
        }

        var result = target is JsonObject before ? (JsonObject)before.DeepClone() : [];
        foreach (var (name, value) in change)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                result[name] = Apply(result[name], value);
            }
        }

        return result;
    }
}
