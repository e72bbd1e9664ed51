using System.CommandLine;
using System.Globalization;
using Latchkey.Api;
using Latchkey.Api.Administration;
using Latchkey.Protocol;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey user reset</c>: when a person's device is lost.</summary>
internal static class UserResetCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME");
        var lifetime = new Option<int?>("--lifetime") { Description = "For how many minutes the new pass is valid; the policy's default when not given.", HelpName = "MINUTES" };
        var without = new Option<bool>("--no-pass") { Description = "Gives no new pass: the person stays out until `latchkey tap create`." };
        var yes = Sure.Option();
        return AdministrationConnection.Command(
            "reset",
            "For a lost device: deletes the person's passkeys, Authenticators, codes and recovery codes, signs them out everywhere, and gives a new pass. The password stays.",
            [name, lifetime, without, yes],
            async (client, parsed, output, cancellation) =>
            {
                var person = await client.GetPersonAsync(parsed.GetRequiredValue(name), cancellation);
                var lost = person.Methods.Where(method => method != "password").ToList();
                await Sure.DemandAsync(
                    parsed.GetValue(yes), $"Take away {(lost.Count == 0 ? "every session" : string.Join(", ", lost) + " and every session")} of {person.Name} ({ForeignText.Of(person.DisplayName).Plain})? It can't be undone.", cancellation);
                var reset = await client.ResetPersonAsync(person.Name, parsed.GetValue(without) ? null : new NewTemporaryAccessPass(parsed.GetValue(lifetime)), cancellation);
                await Console.Error.WriteLineAsync($"Deleted: {(reset.Removed.Count == 0 ? "no method" : string.Join(", ", reset.Removed))}. {person.Name} is signed out everywhere.");
                output.Json(reset, ApiJson.Default.PersonReset);
                if (reset.Pass is { } pass && !output.IsJson)
                {
                    var until = pass.StartDateTime.AddMinutes(pass.LifetimeInMinutes).ToString("u", CultureInfo.InvariantCulture);
                    await Console.Error.WriteLineAsync($"A new pass, valid until {until}{(pass.IsUsableOnce ? ", once" : "")}. It is not shown again.");
                    Console.WriteLine(pass.TemporaryAccessPass);
                }
            });
    }
}
