using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Latchkey.Cli.Commands;

/// <summary><c>latchkey user session</c>: where a person is signed in, when a device is lost or somebody leaves.</summary>
internal static class UserSessionCommand
{
    public static Command Create() => new("session", "Shows and ends a person's sign-ins.") { List(), End() };

    private static Command List()
    {
        var name = new Argument<string>("NAME");
        return AdministrationConnection.Command("list", "Lists where a person is signed in.", [name], async (client, parsed, cancellation) =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("ID", "Program", "Device", "Last from", "Since", "Last used");
            foreach (var session in await client.ListSessionsAsync(parsed.GetRequiredValue(name), cancellation))
            {
                table.AddRow([.. new[] { session.Id, session.Program ?? "browser", session.Device ?? "", session.Address ?? "", Time(session.Since), Time(session.LastSeen) }.Select(Markup.Escape)]);
            }

            AnsiConsole.Write(table);
        });
    }

    private static Command End()
    {
        var name = new Argument<string>("NAME");
        var which = new Argument<string?>("ID") { Description = "Which one, as `list` shows it; all of them when not given.", Arity = ArgumentArity.ZeroOrOne };
        return AdministrationConnection.Command("end", "Signs a person out, of one or of everything.", [name, which], async (client, parsed, cancellation) =>
        {
            await client.EndSessionsAsync(parsed.GetRequiredValue(name), parsed.GetValue(which), cancellation);
            await Console.Error.WriteLineAsync($"{parsed.GetValue(name)} is signed out{(parsed.GetValue(which) is null ? " everywhere" : " there")}.");
        });
    }

    private static string Time(DateTimeOffset moment) => moment.LocalDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
