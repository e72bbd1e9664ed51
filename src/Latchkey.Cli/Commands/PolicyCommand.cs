using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Latchkey.Api;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey policy</c>: which sign-in methods there are, and for whom.</summary>
internal static class PolicyCommand
{
    // Shown to a person and kept in files: indented, and with letters as they are.
    private static readonly ApiJson Shown = new(new JsonSerializerOptions(ApiJson.Default.Options) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static Command Create() => new("policy", "Shows and changes the authentication methods policy.") { Show(), Set() };

    private static Command Show() => AdministrationConnection.Command("show", "Shows the policy, as JSON.", [], async (client, _, cancellation) =>
        Print(await client.GetPolicyAsync(cancellation)));

    private static Command Set()
    {
        var file = new Argument<string>("FILE") { Description = "The change, JSON: the members to change as show prints them, null to take one away. - reads it from standard input." };
        var version = new Option<int?>("--if-version") { Description = "Changes this version of the policy and no other.", HelpName = "N" };
        var dry = new Option<bool>("--dry-run") { Description = "Changes nothing, and says whose passkeys would stop working." };
        return AdministrationConnection.Command("set", "Changes the members of the policy that FILE names.", [file, version, dry], async (client, parsed, cancellation) =>
        {
            var change = await client.ChangePolicyAsync(
                await ReadAsync(parsed.GetRequiredValue(file), cancellation), parsed.GetValue(version), parsed.GetValue(dry), cancellation);
            foreach (var warning in change.Warnings)
            {
                await Console.Error.WriteLineAsync($"Warning: {warning}");
            }

            await Console.Error.WriteLineAsync(Heading(change.Refused.Count, parsed.GetValue(dry)));
            await RefusedPasskeys.WriteAsync(change.Refused);
            Print(change.Policy);
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

    private static void Print(PolicyDocument policy) => Console.WriteLine(JsonSerializer.Serialize(policy, Shown.PolicyDocument));
}
