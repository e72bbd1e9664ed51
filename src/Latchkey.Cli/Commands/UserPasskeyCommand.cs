using System.CommandLine;
using System.Globalization;
using Latchkey.Api;
using Spectre.Console;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey user passkey</c>: a person's passkeys, when a device is lost or its owner cannot sign in.</summary>
internal static class UserPasskeyCommand
{
    public static Command Create() => new("passkey", "Looks after a person's passkeys.") { List(), Delete() };

    private static Command List()
    {
        var name = new Argument<string>("NAME");
        return AdministrationConnection.Command("list", "Lists a person's passkeys.", [name], async (client, parsed, cancellation) =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("ID", "Name", "Model", "Added", "Last used");
            foreach (var passkey in await client.ListPasskeysAsync(parsed.GetRequiredValue(name), cancellation))
            {
                table.AddRow([.. new[] { passkey.Id, passkey.DisplayName, passkey.Model ?? "", Date(passkey.CreatedAt), passkey.LastUsedAt is { } used ? Date(used) : "never" }.Select(Markup.Escape)]);
            }

            AnsiConsole.Write(table);
        });
    }

    private static Command Delete()
    {
        var name = new Argument<string>("NAME");
        var which = new Argument<string>("PASSKEY") { Description = "Its ID, or the name its owner gave it." };
        var last = LastWay.Option();
        return AdministrationConnection.Command("delete", "Deletes a passkey; the sessions it opened end, and the Authenticator that holds it drops it.", [name, which, last], async (client, parsed, cancellation) =>
        {
            var (person, wanted) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(which));
            var found = (await client.ListPasskeysAsync(person, cancellation)).Where(passkey => passkey.Id == wanted || passkey.DisplayName == wanted).ToList();
            if (found is not [var passkey])
            {
                throw new ApiException(
                    System.Net.HttpStatusCode.NotFound,
                    "passkey_not_found",
                    found.Count == 0 ? $"{person} has no passkey {wanted}. `latchkey user passkey list {person}` shows them." : $"{person} has several passkeys called {wanted}. Name one by its ID.");
            }

            try
            {
                await client.DeletePasskeyAsync(person, passkey.Id, cancellation, askIfLast: !parsed.GetValue(last));
            }
            catch (ApiException problem) when (problem.Code == LastMethod.Code)
            {
                if (!await LastWay.IsMeantAsync($"the last way {person} can sign in", cancellation)) throw new ApiException(problem.Status!.Value, problem.Code, LastWay.NotDeleted);
                await client.DeletePasskeyAsync(person, passkey.Id, cancellation);
            }

            await Console.Error.WriteLineAsync($"{passkey.DisplayName} of {person} was deleted.");
        });
    }

    private static string Date(DateTimeOffset moment) => moment.LocalDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
