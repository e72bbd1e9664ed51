using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Latchkey.Api;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey policy</c>: which sign-in methods there are, and for whom.</summary>
internal static class PolicyCommand
{
    // Shown to a person and kept in files: indented, and with letters as they are.
    private static readonly ApiJson Shown = new(new JsonSerializerOptions(ApiJson.Default.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static Command Create() => new("policy", "Shows and changes the authentication methods policy.") { Show(), Set() };

    private static Command Show() => AdministrationConnection.Command("show", "Shows the policy, as JSON, groups by their names; with --json as the server keeps it, by their IDs.", [], async (client, _, output, cancellation) =>
        await PrintAsync(client, output, await client.GetPolicyAsync(cancellation), cancellation));

    private static Command Set()
    {
        var file = new Argument<string>("FILE") { Description = "The change, JSON: the members to change as show prints them, null to take one away. - reads it from standard input." };
        var version = new Option<int?>("--if-version") { Description = "Changes this version of the policy and no other.", HelpName = "N" };
        var dry = new Option<bool>("--dry-run") { Description = "Changes nothing, and says whose passkeys would stop working." };
        return AdministrationConnection.Command("set", "Changes the members of the policy that FILE names.", [file, version, dry], async (client, parsed, output, cancellation) =>
        {
            var change = await client.ChangePolicyAsync(
                await ReadAsync(parsed.GetRequiredValue(file), cancellation), parsed.GetValue(version), parsed.GetValue(dry), cancellation);
            foreach (var warning in change.Warnings)
            {
                await Console.Error.WriteLineAsync($"Warning: {warning}");
            }

            await Console.Error.WriteLineAsync(Heading(change.Refused.Count, parsed.GetValue(dry)));
            await RefusedPasskeys.WriteAsync(change.Refused);
            await PrintAsync(client, output, change.Policy, cancellation);
        });
    }

    private static string Heading(int refused, bool isDryRun) => (refused, isDryRun) switch
    {
        (0, true) => "Nothing was changed. Every passkey that works now would go on working.",
        (0, false) => "Changed. Every passkey that worked goes on working.",
        (_, true) => $"Nothing was changed. Passkeys that would stop working: {refused}.",
        (_, false) => $"Changed. Passkeys that stopped working: {refused}.",
    };

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellation)
    {
        if (file != "-")
        {
            return await File.ReadAllBytesAsync(file, cancellation);
        }

        await using var input = Console.OpenStandardInput();
        using var all = new MemoryStream();
        await input.CopyToAsync(all, cancellation);
        return all.ToArray();
    }

    private static async Task PrintAsync(AdministrationClient client, CommandOutput output, PolicyDocument policy, CancellationToken cancellation)
    {
        output.Json(policy, ApiJson.Default.PolicyDocument);
        if (output.IsJson) return;
        var shown = JsonSerializer.SerializeToNode(policy, Shown.PolicyDocument)!;
        // What reads like an ID, or like everybody, is taken for that when it is set again.
        var names = (await client.ListGroupsAsync(cancellation)).Where(group => !Guid.TryParse(group.Name, out _) && group.Name != "all_users").ToDictionary(group => group.Id, group => group.Name);
        Name(shown["authenticationMethodConfigurations"], names);
        Console.WriteLine(shown.ToJsonString(Shown.Options));
    }

    private static void Name(JsonNode? node, Dictionary<string, string> names)
    {
        switch (node)
        {
            case JsonObject target when target["targetType"] is not null && target["id"] is JsonValue id && id.TryGetValue<string>(out var text) && names.TryGetValue(text, out var name):
                target["id"] = name;
                break;
            case JsonObject members:
                foreach (var member in members) Name(member.Value, names);
                break;
            case JsonArray items:
                foreach (var item in items) Name(item, names);
                break;
        }
    }
}
