using System.CommandLine;
using System.Globalization;
using Latchkey.Api;
using Latchkey.Api.Administration;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey tap</c>: Temporary Access Passes, the way in for people who have no other.</summary>
internal static class TapCommand
{
    public static Command Create() => new("tap", "Looks after Temporary Access Passes.") { CreatePass(), Delete() };

    private static Command CreatePass()
    {
        var name = new Argument<string>("NAME");
        var lifetime = new Option<int?>("--lifetime") { Description = "For how many minutes it is valid, within what the policy allows; its default when not given.", HelpName = "MINUTES" };
        var once = new Option<bool?>("--once") { Description = "The first use ends it; as the policy says when not given.", HelpName = "true|false" };
        var start = new Option<DateTimeOffset?>("--start") { Description = "When it starts to be valid; at once when not given.", HelpName = "TIME" };
        return AdministrationConnection.Command("create", "Makes a pass and shows it, this once; an older one is gone.", [name, lifetime, once, start], async (client, parsed, output, cancellation) =>
        {
            var pass = await client.CreatePassAsync(
                parsed.GetRequiredValue(name), new NewTemporaryAccessPass(parsed.GetValue(lifetime), parsed.GetValue(once), parsed.GetValue(start)), cancellation);
            var until = pass.StartDateTime.AddMinutes(pass.LifetimeInMinutes).ToString("u", CultureInfo.InvariantCulture);
            await Console.Error.WriteLineAsync($"Valid until {until}{(pass.IsUsableOnce ? ", once" : "")}. It is not shown again.");
            output.Json(pass, ApiJson.Default.CreatedTemporaryAccessPass);
            if (!output.IsJson) Console.WriteLine(pass.TemporaryAccessPass);
        });
    }

    private static Command Delete()
    {
        var (name, yes) = (new Argument<string>("NAME"), Sure.Option());
        return AdministrationConnection.Command("delete", "Deletes a person's pass and ends the sessions it opened.", [name, yes], async (client, parsed, output, cancellation) =>
        {
            var person = parsed.GetRequiredValue(name);
            await Sure.DemandAsync(parsed.GetValue(yes), $"Delete the pass of {person}, and end what it opened?", cancellation);
            await client.DeletePassAsync(person, cancellation);
            await output.DoneAsync($"The pass of {person} was deleted.", new() { ["person"] = person });
        });
    }
}
