using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Server.Features.Policies;
using Latchkey.Server.Storage;

namespace Latchkey.Server.Features.Admin;

/// <summary>Lets a change name groups as people do; what is kept and shown is their ID.</summary>
internal static class GroupNames
{
    public static async Task ReplaceAsync(JsonNode? policy, LatchkeyDb db, CancellationToken cancellation)
    {
        foreach (var (method, value) in policy as JsonObject ?? [])
        {
            foreach (var (list, targets) in (value as JsonObject ?? []).Where(member => member.Key is "includeTargets" or "excludeTargets"))
            {
                foreach (var target in (targets as JsonArray ?? []).OfType<JsonObject>())
                {
                    await ReplaceAsync(target, $"authenticationMethodConfigurations.{method}.{list}", db, cancellation);
                }
            }
        }
    }

    private static async Task ReplaceAsync(JsonObject target, string place, LatchkeyDb db, CancellationToken cancellation)
    {
        if (target["id"] is not { } id || id.GetValueKind() is not JsonValueKind.String
            || id.GetValue<string>() is not { } name || name == PolicyJson.AllUsers || Guid.TryParse(name, out _))
        {
            return;
        }

        target["id"] = (await db.FindGroupAsync(name, cancellation)
            ?? throw new PolicyException(PolicyException.GroupUnknown, name, place)).Id.ToString();
    }
}
